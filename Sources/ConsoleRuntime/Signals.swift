import CTerminal
import Glibc

/// Signals and wake-ups as things one loop waits for.
package struct Signals: Sendable {
  /// What a signal asks for.
  enum Request {
    case terminate
    case suspend
    case resume
  }

  private let signals: Int32
  private let wake: Int32

  /// To be made before any other thread starts, since threads inherit what is blocked; nil when the
  /// system has no descriptor left.
  package init?() {
    signals = ct_open_signals()
    wake = ct_open_wake()
    if signals < 0 || wake < 0 { return nil }
  }

  /// What a wait ended with.
  struct Ready: OptionSet {
    let rawValue: Int32
    static let input = Ready(rawValue: 1)
    static let signal = Ready(rawValue: 2)
    static let woken = Ready(rawValue: 4)
    static let hangUp = Ready(rawValue: 8)
  }

  /// Waits for input, a signal or a wake-up; for ever when `milliseconds` is nil.
  func wait(milliseconds: Int?) -> Ready {
    let ready = Ready(rawValue: ct_wait(signals, wake, Int32(clamping: milliseconds ?? -1)))
    if ready.contains(.woken) { ct_clear_wake(wake) }
    return ready
  }

  /// Waits until it is woken, whatever else happens; the terminal may be gone.
  func waitForWake() { ct_wait_for_wake(wake) }

  /// Ends a wait, from any thread.
  func wakeUp() { ct_wake(wake) }

  /// The next signal's request.
  func next() -> Request? {
    switch ct_next_signal(signals) {
    case SIGTERM, SIGHUP, SIGINT: .terminate
    case SIGTSTP: .suspend
    case SIGCONT: .resume
    default: nil
    }
  }

  /// Stops the whole job, as the terminal does for `^Z`.
  func stopJob() { kill(0, SIGTSTP) }
}
