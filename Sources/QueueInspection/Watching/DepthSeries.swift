import DequeModule

/// A queue's depth over time in slots of ten seconds: only changes are kept, so that a quiet queue
/// costs nothing.
package struct DepthSeries: Hashable, Sendable {
  /// Seconds a slot is long; a picture of the series moves that often.
  package static let slotSeconds: Int64 = 10
  /// Changes that are kept at the most: half an hour of a queue that never rests.
  private static let most = 180

  private struct Change: Hashable, Sendable {
    var slot: Int64
    var depth: Int64
  }

  private var changes: Deque<Change> = []

  /// Notes the depth at a time, in seconds; the last in a slot counts.
  package mutating func note(_ depth: Int64, at seconds: Int64) {
    let slot = seconds / DepthSeries.slotSeconds
    if let last = changes.last, last.slot == slot {
      changes[changes.count - 1].depth = depth
    } else if changes.last?.depth != depth {
      changes.append(Change(slot: slot, depth: depth))
      if changes.count > DepthSeries.most { changes.removeFirst() }
    }
  }

  /// The depth in each of the last `count` slots, the present one last; nil before the first note.
  package func values(_ count: Int, at seconds: Int64) -> [Int64?] {
    let now = seconds / DepthSeries.slotSeconds
    var values = [Int64?](repeating: nil, count: count)
    var index = changes.count - 1
    for back in 0..<count {
      let slot = now - Int64(back)
      while index >= 0, changes[index].slot > slot { index -= 1 }
      if index < 0 { break }
      values[count - 1 - back] = changes[index].depth
    }
    return values
  }
}
