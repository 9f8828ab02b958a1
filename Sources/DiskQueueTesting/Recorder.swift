import DiskQueue

/// Collects values from several tasks, and tells those who wait when there are enough.
package final class Recorder<Value: Sendable>: Sendable {
  private struct State {
    var values: [Value] = []
    var waiting: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
  }

  private let state = Guarded(State())

  package init() {}

  /// Adds one value; returns how many there are now.
  @discardableResult
  package func append(_ value: Value) -> Int {
    let (count, due) = state.withLock { state in
      state.values.append(value)
      let count = state.values.count
      let due = state.waiting.filter { $0.count <= count }
      state.waiting.removeAll { $0.count <= count }
      return (count, due)
    }
    for waiter in due { waiter.continuation.resume() }
    return count
  }

  package var values: [Value] { state.withLock { $0.values } }

  /// Returns once there are at least `count` values.
  package func reached(_ count: Int) async {
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        if state.values.count >= count { return true }
        state.waiting.append((count, continuation))
        return false
      }
      if isThere { continuation.resume() }
    }
  }
}
