import DiskQueue

/// Tells a job that nobody waits for it any more; it asks between two steps.
final class Cancellation: Sendable {
  private let asked = Guarded(false)

  var isCancelled: Bool { asked.withLock { $0 } }

  func cancel() { asked.withLock { $0 = true } }
}
