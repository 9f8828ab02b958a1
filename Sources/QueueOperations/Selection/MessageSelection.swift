package import DiskQueue
import QueueInspection

/// Which of a queue's messages an operation is about.
package struct MessageSelection {
  /// Messages to pass over first, counted among those that match.
  package var skip: Int64 = 0
  /// How many at the most.
  package var limit: Int64 = .max
  /// Only messages at these places; nil for all.
  package var positions: Set<Position>?
  /// Only messages whose payload this accepts; nil for all.
  package var matches: (([UInt8]) -> Bool)?

  package init(
    skip: Int64 = 0, limit: Int64 = .max, positions: Set<Position>? = nil,
    matches: (([UInt8]) -> Bool)? = nil
  ) {
    self.skip = skip
    self.limit = limit
    self.positions = positions
    self.matches = matches
  }

  /// Whether the next message on the way is chosen, counting it: the one place that decides, so that
  /// looking and taking agree.
  package mutating func chooses(_ payload: [UInt8]) -> Bool {
    guard limit > 0, matches?(payload) ?? true else { return false }
    if skip > 0 {
      skip -= 1
      return false
    }
    limit -= 1
    return true
  }
}
