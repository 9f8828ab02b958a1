import DiskQueue

/// A clock that stands still until a test moves it; sleepers wake when their time has come.
package final class ManualClock: Clock {
  package struct Instant: InstantProtocol {
    package var offset: Duration
    package func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
    package func duration(to other: Instant) -> Duration { other.offset - offset }
    package static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
  }

  private struct State {
    var now = Instant(offset: .zero)
    var sleepers: [(id: Int, deadline: Instant, continuation: CheckedContinuation<Void, Never>)] =
      []
    var lastID = 0
    var arrivals: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
  }

  private let state = Guarded(State())

  package init() {}

  package var now: Instant { state.withLock { $0.now } }
  package var minimumResolution: Duration { .nanoseconds(1) }

  package func sleep(until deadline: Instant, tolerance: Duration?) async throws {
    let id = state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let (waits, arrived) = state.withLock { state in
          guard deadline > state.now, !Task.isCancelled else {
            return (false, [CheckedContinuation<Void, Never>]())
          }
          state.sleepers.append((id, deadline, continuation))
          let arrived = state.arrivals.filter { $0.count <= state.sleepers.count }
          state.arrivals.removeAll { $0.count <= state.sleepers.count }
          return (true, arrived.map(\.continuation))
        }
        for arrival in arrived { arrival.resume() }
        if !waits { continuation.resume() }
      }
    } onCancel: {
      let sleeper = state.withLock { state in
        state.sleepers.firstIndex { $0.id == id }.map { state.sleepers.remove(at: $0) }
      }
      sleeper?.continuation.resume()
    }
    try Task.checkCancellation()
  }

  /// Returns when at least `count` tasks sleep.
  package func sleepers(_ count: Int) async {
    await withCheckedContinuation { continuation in
      let there = state.withLock { state in
        if state.sleepers.count >= count { return true }
        state.arrivals.append((count, continuation))
        return false
      }
      if there { continuation.resume() }
    }
  }

  /// Moves time on and wakes those whose deadline has come.
  package func advance(by duration: Duration) {
    let due = state.withLock { state in
      state.now = state.now.advanced(by: duration)
      let now = state.now
      let due = state.sleepers.filter { $0.deadline <= now }
      state.sleepers.removeAll { $0.deadline <= now }
      return due
    }
    for sleeper in due { sleeper.continuation.resume() }
  }
}
