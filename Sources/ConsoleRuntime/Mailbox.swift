import DiskQueue
import QueueConsole

/// Events from other threads on their way to the loop.
final class Mailbox: Sendable {
  private let events = Guarded<[Event]>([])
  private let signals: Signals

  init(_ signals: Signals) { self.signals = signals }

  /// Leaves an event and wakes the loop.
  func post(_ event: Event) {
    events.withLock { $0.append(event) }
    signals.wakeUp()
  }

  /// All that was left since the last time.
  func collect() -> [Event] {
    events.withLock { events in
      defer { events.removeAll() }
      return events
    }
  }
}
