import DequeModule

/// Tasks that wait for a message, first come first served.
///
/// A waiter is only woken, never handed a message: it takes one itself, so a message can never be
/// lost in a task that is cancelled at the same moment.
struct Waiters: ~Copyable {
  private var queue: Deque<(id: UInt64, continuation: CheckedContinuation<Void, Never>)> = []
  private var lastID: UInt64 = 0

  var isEmpty: Bool { queue.isEmpty }

  mutating func newID() -> UInt64 {
    lastID += 1
    return lastID
  }

  mutating func add(_ id: UInt64, _ continuation: CheckedContinuation<Void, Never>) {
    queue.append((id, continuation))
  }

  mutating func wake(_ count: Int) {
    for _ in 0..<min(count, queue.count) { queue.removeFirst().continuation.resume() }
  }

  mutating func wakeAll() { wake(queue.count) }

  /// Wakes the waiter `id` if it is still waiting.
  mutating func cancel(_ id: UInt64) {
    guard let at = queue.firstIndex(where: { $0.id == id }) else { return }
    queue.remove(at: at).continuation.resume()
  }
}
