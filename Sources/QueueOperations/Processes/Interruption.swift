import DiskQueue
import Glibc
import QueueInspection
import Synchronization

/// Signals that ask a command to end, noted instead of obeyed at once: it stops between two messages.
///
/// A signal may be taken by any thread, so none of them can count on its own call being interrupted:
/// the handler also writes to a descriptor that every wait polls.
package enum Interruption {
  fileprivate static let noted = Atomic<Int32>(0)
  /// The end of a pipe that is readable once a signal came; -1 while nothing is watched.
  private static let wake = Atomic<Int32>(-1)
  fileprivate static let bell = Atomic<Int32>(-1)
  /// The thread that commands run on.
  fileprivate static let waiter = Atomic<UInt>(0)

  /// From now on INT, TERM and HUP are noted; a second one is obeyed.
  ///
  /// Called on the thread that waits, so that a signal also interrupts a write of its own that a full
  /// pipe holds up.
  package static func watch() {
    guard wake.load(ordering: .relaxed) < 0 else { return }
    var ends: [Int32] = [-1, -1]
    // Without descriptors left, a wait still sees a signal that its own thread takes.
    if unsafe pipe(&ends) == 0 {
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    }
    wake.store(ends[0], ordering: .relaxed)
    bell.store(ends[1], ordering: .relaxed)
    waiter.store(UInt(pthread_self()), ordering: .relaxed)
    var action = sigaction()
    unsafe action.__sigaction_handler.sa_handler = note
    for number in [SIGINT, SIGTERM, SIGHUP] { _ = unsafe sigaction(number, &action, nil) }
  }

  /// The signal that came; nil while none has.
  package static var signal: Int32? {
    let number = noted.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  /// Blocks this thread for so long, or until a signal comes.
  package static func sleep(seconds: Double) {
    let end = ContinuousClock.now + .seconds(seconds)
    var descriptor = pollfd(
      fd: wake.load(ordering: .relaxed), events: Int16(POLLIN), revents: 0)
    while signal == nil {
      let left = (end - ContinuousClock.now) / .milliseconds(1)
      guard left > 0 else { return }
      _ = unsafe poll(&descriptor, 1, Int32(min(left.rounded(.up), 600_000)))
    }
  }

  /// Waits until something can be read from `descriptor`, or its end; false when a signal came first.
  package static func waitForInput(_ descriptor: Int32) -> Bool {
    while signal == nil {
      var descriptors = [
        pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: wake.load(ordering: .relaxed), events: Int16(POLLIN), revents: 0),
      ]
      // What cannot be polled is read, and tells what is wrong with it.
      if unsafe poll(&descriptors, 2, -1) < 0, errno != EINTR { return true }
      if descriptors[0].revents != 0 { return signal == nil }
    }
    return false
  }
}

/// A handler: only what is safe in one.
private func note(_ number: Int32) {
  let before = errno
  Interruption.noted.store(number, ordering: .relaxed)
  var one: UInt8 = 1
  _ = unsafe write(Interruption.bell.load(ordering: .relaxed), &one, 1)
  let waiter = pthread_t(Interruption.waiter.load(ordering: .relaxed))
  if pthread_equal(waiter, pthread_self()) == 0 {
    // Before the usual action comes back: this one is only to interrupt a call.
    pthread_kill(waiter, number)
  } else {
    _ = Glibc.signal(number, SIG_DFL)
  }
  errno = before
}
