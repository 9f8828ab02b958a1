/// The unread segments of a queue as they will be after an operation, and the changes that make them
/// so, in an order that a crash at any place can be finished from.
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
  /// What is built reads files under the names they have now, and what is appended comes last.
  private var cuts: [FileChange] = []
  private var outs: [FileChange] = []
  private var builds: [FileChange] = []
  private var renames: [FileChange] = []
  private var extensions: [FileChange] = []

  init(_ queue: QueueName, read: Position, reason: String) {
    self.queue = queue
    self.read = read
    self.reason = reason
  }

  /// The bytes of all kept segments.
  var bytes: Int64 { kept.reduce(0) { $0 + $1.size } }

  /// All changes, in the order they must be made.
  var changes: [FileChange] { cuts + outs + builds + renames + extensions }

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

  /// Pieces go to the end of a file that is otherwise left as it is.
  mutating func extend(_ entry: [UInt8], at offset: Int64, _ pieces: [Piece]) {
    extensions.append(.extend(entry, at: offset, pieces))
  }

  /// Gives segments new numbers so that none is missing between the first and `write`, as no
  /// go-diskqueue reads past a missing one.
  mutating func closeGaps(_ write: Position, bad: [BadFile]) {
    var next = kept.last?.number == write.file ? write.file : write.file - 1
    for index in kept.indices.reversed() {
      let number = kept[index].number
      let isTaken = bad.contains { $0.number == next }
      if number < next, !isTaken {
        if read.file == number { read.file = next }
        kept[index].number = next
      }
      next = kept[index].number - 1
    }
  }

  /// What is done to each kept segment.
  mutating func change() {
    for segment in kept.reversed() {
      let entry = FileName.segment(segment.number).entry(of: queue)
      guard let source = segment.source, segment.isPrefix else {
        if let source = segment.source, source != entry { outs.append(.moveOut(source)) }
        builds.append(.rebuild(entry, segment.pieces))
        if segment.source != nil { note("rebuild", segment.source ?? entry, reason) }
        continue
      }
      if segment.size < segment.before {
        cuts.append(.cut(source, at: segment.size))
        note(
          "cut", source,
          "\(segment.before - segment.size) bytes from \(segment.size) on leave it; they are kept")
      }
      if source != entry {
        renames.append(.rename(source, to: entry))
        note(
          "rename", source, "it becomes segment \(segment.number), since those between are missing")
      }
    }
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
