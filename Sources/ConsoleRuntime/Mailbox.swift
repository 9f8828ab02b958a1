import DiskQueue
import QueueConsole

/// Events from other threads on their way to the loop.
final class Mailbox: Sendable {
  private let events = Guarded<[Event]>([])
  private let wakeUp: @Sendable () -> Void

  /// - Parameter wakeUp: ends the loop's wait, from any thread.
  init(wakeUp: @escaping @Sendable () -> Void) { self.wakeUp = wakeUp }

  /// Leaves an event and wakes the loop.
  func post(_ event: Event) {
    events.withLock { $0.append(event) }
    wakeUp()
  }

  /// All that was left since the last time.
  func collect() -> [Event] {
    events.withLock { events in
      defer { events.removeAll() }
      return events
    }
  }
}
