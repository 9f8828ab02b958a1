import Glibc
import Synchronization

/// Signals that ask a command to end, noted instead of obeyed at once: it stops between two messages.
package enum Interruption {
  fileprivate static let noted = Atomic<Int32>(0)

  /// From now on INT, TERM and HUP are noted; a second one is obeyed.
  ///
  /// A system call that waits is interrupted by them, so that nobody waits for input that never comes.
  package static func watch() {
    var action = sigaction()
    unsafe action.__sigaction_handler.sa_handler = note
    for number in [SIGINT, SIGTERM, SIGHUP] { _ = unsafe sigaction(number, &action, nil) }
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
