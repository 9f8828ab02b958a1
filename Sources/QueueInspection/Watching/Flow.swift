import DiskQueue

/// How fast messages come and go, in messages a second.
package struct Rates: Hashable, Sendable {
  package var `in` = 0.0
  package var out = 0.0
  /// The change of the depth.
  package var net = 0.0
  /// Bytes a second by which the queue's files grow.
  package var growth = 0.0

  package init() {}
}

/// What two looks at a queue tell of the bytes between them.
struct Flow {
  /// Bytes that were appended.
  var arrived: Int64
  /// Bytes that the reader passed.
  var left: Int64

  /// - Parameters:
  ///   - old: the queue at the earlier look.
  ///   - new: the queue at the later one.
  init(from old: QueueReport, to new: QueueReport) {
    var sizes: [Int64: Int64] = [:]
    for segment in old.segments + new.segments { sizes[segment.file] = segment.bytes }
    // A segment that came and went between two looks is taken to be as large as the largest.
    let typical = sizes.values.max() ?? 0
    func distance(_ from: Position, _ to: Position) -> Int64 {
      guard from < to else { return 0 }
      if from.file == to.file { return to.offset - from.offset }
      let first = max(0, (sizes[from.file] ?? typical) - from.offset)
      // However far apart the numbers are, only what is or was there counts one by one.
      let between = to.file - from.file - 1
      let known = sizes.filter { $0.key > from.file && $0.key < to.file }
      let unknown = min(max(0, between - Int64(known.count)), 10_000)
      return first + known.values.reduce(0, +) + unknown * typical + to.offset
    }
    arrived = distance(old.write, new.write)
    left = distance(old.read, new.read)
  }
}
