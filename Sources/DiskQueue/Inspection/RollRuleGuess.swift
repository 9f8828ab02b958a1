/// What the complete segments of a queue tell about the limit of the writer that made them.
package struct RollRuleGuess: Sendable, Hashable {
  /// A size that no complete segment passes, in bytes.
  package let maxBytesPerFile: Int64
  /// Always before the limit: with the largest complete segment as the limit, what this rule writes
  /// is no larger than what the owner wrote itself.
  package let rule = DiskQueue.Options.RollRule.beforeLimit

  /// Nil unless two complete segments are nearly as large as the largest: a single one may have
  /// been cut short by a restart, and a small limit would then make small segments for ever.
  package init?(_ files: QueueFiles) {
    guard let last = files.segments.last else { return nil }
    let complete = files.segments.filter { $0.number < last.number }.map(\.size)
    guard let largest = complete.max(), largest > 0,
      complete.count(where: { $0 >= largest - largest / 4 }) >= 2
    else { return nil }
    maxBytesPerFile = largest
  }
}
