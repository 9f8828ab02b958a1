import Glibc
import Synchronization

/// Signals that ask a command to end, noted instead of obeyed at once: it stops between two messages.
package enum Interruption {
  fileprivate static let noted = Atomic<Int32>(0)

  /// From now on INT, TERM and HUP are noted; a second one is obeyed.
  package static func watch() {
    for number in [SIGINT, SIGTERM, SIGHUP] { _ = Glibc.signal(number, note) }
  }

  /// The signal that came; nil while none has.
  package static var signal: Int32? {
    let number = noted.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }
}

/// A handler: only what is safe in one.
private func note(_ number: Int32) {
  Interruption.noted.store(number, ordering: .relaxed)
  _ = Glibc.signal(number, SIG_DFL)
}
