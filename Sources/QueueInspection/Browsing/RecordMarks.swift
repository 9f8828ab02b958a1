import DiskQueue

/// Places of a segment where records are known to start, one for many records, so that going back
/// does not mean reading from the segment's start again.
struct RecordMarks: Sendable {
  /// Records between two marks.
  static let distance: Int64 = 1024

  struct Mark: Hashable, Sendable {
    var offset: Int64
    /// Records of the segment before it.
    var ordinal: Int64
  }

  private(set) var marks: [Mark]

  /// Marks of a segment whose first record starts at `offset`.
  init(from offset: Int64) { marks = [Mark(offset: offset, ordinal: 0)] }

  /// Remembers a record when it is far enough from the last mark.
  mutating func note(_ mark: Mark) {
    if let last = marks.last, mark.ordinal >= last.ordinal + RecordMarks.distance {
      marks.append(mark)
    }
  }

  /// How far into the segment the marks go.
  var last: Int64 { marks.last?.offset ?? 0 }

  /// The last mark at or before `offset`.
  func mark(before offset: Int64) -> Mark {
    var low = 0
    var high = marks.count
    while low + 1 < high {
      let middle = (low + high) / 2
      if marks[middle].offset <= offset { low = middle } else { high = middle }
    }
    return marks[low]
  }

  /// The last mark with at least `count` records between it and `ordinal`, or the first.
  func mark(_ count: Int64, before ordinal: Int64) -> Mark {
    marks.last { $0.ordinal + count <= ordinal } ?? marks[0]
  }
}
