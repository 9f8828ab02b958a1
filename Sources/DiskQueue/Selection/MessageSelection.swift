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
}

/// Records of one segment that lie together.
package struct RecordRange: Hashable, Sendable {
  package var file: Int64
  package var start: Int64
  package var end: Int64
}
