import DiskQueue
import QueueInspection

/// The unread segments of a queue as they will be after an operation, and the changes that make them
/// so.
///
/// Where more than a tail is cut off, all of them get new numbers far behind those in use: until the
/// metadata speaks of them no reader or writer comes that far, and the old ones stay whole meanwhile.
struct SegmentLayout {
  /// One unread segment as it will be.
  struct Kept {
    var number: Int64
    /// Its name on disk now; nil for one that is not there yet.
    var source: [UInt8]?
    var pieces: [Piece]
    /// The file's size now.
    var before: Int64
    var size: Int64 { pieces.size }
    /// Whether the pieces are the file as it is, up to some offset.
    var isPrefix: Bool {
      pieces.count == 1 && pieces[0].start == 0 && pieces[0].length == nil
        && pieces[0].entry == source
    }
  }

  let queue: QueueName
  /// Why a segment that is not only cut is written anew, in words.
  let reason: String
  var read: Position
  var kept: [Kept] = []
  private(set) var steps: [Plan.Step] = []
  private var news: [FileChange] = []
  private var cuts: [FileChange] = []
  private var outs: [FileChange] = []

  init(_ queue: QueueName, read: Position, reason: String) {
    self.queue = queue
    self.read = read
    self.reason = reason
  }

  /// The bytes of all kept segments.
  var bytes: Int64 { kept.reduce(0) { $0 + $1.size } }

  /// All changes.
  var changes: [FileChange] { news + cuts + outs }

  /// Entries that move out of the directory.
  var gone: Set<[UInt8]> {
    Set(
      outs.compactMap { change -> [UInt8]? in
        if case .moveOut(let entry) = change { entry } else { nil }
      })
  }

  mutating func note(_ step: String, _ entry: [UInt8]?, _ why: String) {
    let file = entry.map { String(decoding: $0, as: UTF8.self) }
    steps.append(.init(step: step, file: file, why: why))
  }

  /// A file leaves the directory for the operation's folder.
  mutating func moveOut(_ entry: [UInt8], _ why: String) {
    outs.append(.moveOut(entry))
    note("move", entry, why)
  }

  /// A file leaves the quarantine for the operation's folder.
  mutating func release(_ name: [UInt8], _ entry: [UInt8], _ why: String) {
    outs.append(.release(name))
    note("move", entry, why)
  }

  /// Works out what is done to each kept segment, where `read` and the write position are then.
  mutating func change(_ write: inout Position, _ files: QueueFiles) throws(DiskQueueError) {
    guard let last = kept.last else { return }
    let numbers = kept.map(\.number) + (write.file == last.number ? [] : [write.file])
    let isContiguous = zip(numbers, numbers.dropFirst()).allSatisfy { $1 == $0 + 1 }
    let isInPlace = kept.allSatisfy {
      $0.isPrefix && $0.source == FileName.segment($0.number).entry(of: queue)
    }
    guard isInPlace, isContiguous else { return try renumber(&write, files) }
    for segment in kept where segment.size < segment.before {
      let entry = FileName.segment(segment.number).entry(of: queue)
      cuts.append(.cut(entry, at: segment.size))
      note(
        "cut", entry,
        "\(segment.before - segment.size) bytes from \(segment.size) on leave it; they are kept")
    }
  }

  private mutating func renumber(_ write: inout Position, _ files: QueueFiles)
    throws(DiskQueueError)
  {
    let base = try SegmentLayout.fresh(behind: files)
    let isInWrite = kept.last?.number == write.file
    for index in kept.indices {
      let segment = kept[index]
      let number = base + Int64(index)
      let entry = FileName.segment(number).entry(of: queue)
      if read.file == segment.number { read.file = number }
      kept[index].number = number
      if let source = segment.source, segment.isPrefix, segment.size == segment.before {
        news.append(.renumber(source, to: entry))
        note("rename", source, "it becomes segment \(number), behind those that are rebuilt")
      } else {
        news.append(.build(entry, segment.pieces))
        if let source = segment.source {
          outs.append(.moveOut(source))
          note("rebuild", source, reason + "; it becomes segment \(number)")
        }
      }
    }
    let count = Int64(kept.count)
    write.file = base + (isInWrite ? count - 1 : count)
  }

  /// A number far behind all that a queue uses: no writer rolls that far before the operation, should
  /// it be interrupted, is finished or taken back.
  static func fresh(behind files: QueueFiles) throws(DiskQueueError) -> Int64 {
    let step: Int64 = 100_000
    let count = Int64(files.segments.count)
    func behind(_ number: Int64) throws(DiskQueueError) -> Int64 {
      guard number < FileName.largestNumber - 4 * step - count else {
        throw DiskQueueError(
          .refused,
          "the segments' numbers are nearly as large as they can be (\(number)); drain "
            + "the queue into another one instead")
      }
      return (number / step + 2) * step
    }
    var base = try behind(max(files.segments.last?.number ?? 0, files.bad.last?.number ?? 0))
    let claims = [files.metadata?.reading.read, files.metadata?.reading.write]
      .compactMap { $0?.file }.sorted()
    // Where the metadata leads elsewhere, a writer that believes it must not come by either.
    for claim in claims where claim > base - step && claim < base + count + step {
      base = try behind(claim)
    }
    return base
  }
}

extension [Piece] {
  var size: Int64 { reduce(0) { $0 + $1.size } }

  /// Two stretches of one file that touch are one.
  mutating func append(merging piece: Piece) {
    if let last, last.entry == piece.entry, last.end == piece.start, piece.length == nil {
      self[count - 1].end = piece.end
    } else {
      append(piece)
    }
  }
}
