package import DiskQueue

/// What the complete segments of a queue tell about the writer that made them.
///
/// Sizes alone do not tell one rule from the other, so what is written must be right under both. Under
/// the rule after the limit every complete segment is larger than the limit, and its reader waits for ever
/// at the end of one that is not. A writer that goes on up to the smallest of the large ones, and rolls once
/// it has come there, makes no such segment; the other rule's readers take a complete segment as long as
/// it is.
package struct RollRuleGuess: Sendable, Hashable {
  /// A segment is finished once it is longer than this, in bytes.
  package let maxBytesPerFile: Int64
  package let rule = DiskQueue.Options.RollRule.afterLimit

  /// Nil unless two complete segments are nearly as large as the largest: a single one may have
  /// been cut short by a restart, and a small limit would then make small segments for ever.
  package init?(_ files: QueueFiles) {
    guard let last = files.segments.last else { return nil }
    let complete = files.segments.filter { $0.number < last.number }.map(\.size)
    guard let largest = complete.max(), largest > 0 else { return nil }
    let large = complete.filter { $0 >= largest - largest / 4 }
    guard large.count >= 2, let smallest = large.min() else { return nil }
    maxBytesPerFile = smallest - 1
  }
}
