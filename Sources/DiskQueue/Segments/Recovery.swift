import DequeModule

/// From what is on disk to the state a queue starts in: pure but for the scans it asks for.
///
/// The metadata is a hint, checked number by number against the files. The write side always comes
/// from the files; the read position is moved only to where nothing unread is lost; the depth is
/// the metadata's plus what lies past it, or counted when the metadata cannot be right.
package struct Recovery {
  /// Scans a segment from an offset: the only thing recovery needs from outside.
  package typealias Scan = (
    _ segment: SegmentFile, _ from: Int64, _ trusted: Int64, _ most: Int64
  ) throws(DiskQueueError) -> SegmentScan

  /// Where records go on in a segment after damage at an offset; nil when they are not looked for.
  package typealias Resume = (_ segment: SegmentFile, _ after: Int64) throws(DiskQueueError) ->
    Int64?

  /// How a depth was found; the raw values are part of the command-line contract.
  package enum DepthSource: String, Sendable {
    case metadata
    case metadataAndTail = "metadata+tail"
    case scan
  }

  /// Bytes after the last whole record of a segment: not a message, to be kept elsewhere.
  package struct Tail: Hashable, Sendable {
    package var segment: SegmentFile
    /// Where the whole records end.
    package var end: Int64
  }

  /// Where a queue stands and what was strange about it.
  package struct Outcome: Sendable {
    package var state: QueueState
    package var findings: [Finding]
    package var depthSource: DepthSource
    /// To be cut off before anything is appended: of the write segment, and zeros at the end of
    /// others.
    package var tails: [Tail]
    /// Segments that the metadata itself says are read to their end.
    package var spent: [SegmentFile]
    /// Where zeros that are no messages begin in a segment; nil where none end it.
    package func zeroTail(of segment: Int64) -> Int64? {
      tails.first { tail in
        tail.segment.number == segment
          && findings.contains { $0.code == .zeroTail && $0.offset == tail.end }
      }?.end
    }
    /// Whether nothing contradicts the metadata's count.
    package var countIsRight: Bool { !findings.contains { $0.code == .depthMismatch } }
    /// Unread messages by the metadata and what lies past it; nil where there is no count.
    package var owed: Int64?
  }

  let queue: QueueName
  let files: QueueFiles
  /// Up to this many unread bytes are counted although the metadata looks right.
  let countUpTo: Int64
  let resume: Resume
  let scan: Scan

  var findings: [Finding] = []
  var mustCount = false
  var tails: [Tail] = []
  /// Records past the metadata's write position.
  var tailRecords: Int64 = 0
  /// Records that ``endOf(_:from:trusted:)`` passed.
  var lastRecords: Int64 = 0
  var spent: [SegmentFile] = []
  var writeSegmentDamaged = false
  /// The finished segments with something unread, each up to where its messages end.
  var complete: [SegmentFile] = []
  /// Zeros at the end of segments that may be empty messages.
  var zeroRuns: [ZeroRun] = []

  /// Works out where the queue stands.
  ///
  /// - Parameters:
  ///   - queue: for the file names in findings.
  ///   - files: what the directory holds of it.
  ///   - countUpTo: see the property; 0 trusts every plausible metadata.
  ///   - resume: finds records behind damage, for a reader that salvages.
  ///   - scan: walks records of a segment.
  /// - Returns: the state and what was strange on the way to it.
  /// - Throws: only what `scan` throws; no state on disk is an error.
  package static func recover(
    _ queue: QueueName, _ files: QueueFiles, countUpTo: Int64 = 1 << 20,
    resume: @escaping Resume = { (_, _) throws(DiskQueueError) in nil }, scan: @escaping Scan
  ) throws(DiskQueueError) -> Outcome {
    var recovery = Recovery(
      queue: queue, files: files, countUpTo: countUpTo, resume: resume, scan: scan)
    return try recovery.run()
  }

  private init(
    queue: QueueName, files: QueueFiles, countUpTo: Int64, resume: @escaping Resume,
    scan: @escaping Scan
  ) {
    self.resume = resume
    self.queue = queue
    self.files = files
    self.countUpTo = countUpTo
    self.scan = scan
  }

  mutating func run() throws(DiskQueueError) -> Outcome {
    let reading = files.metadata?.reading
    judgeMetadata(reading)
    guard let last = files.segments.last else { return withoutSegments(reading) }
    var write = try writePosition(reading?.write, last: last)
    let read = try readPosition(reading, write: write)
    complete = files.segments.filter {
      $0.number >= read.file && $0.number < write.file && $0.size > 0
    }
    noteGaps(read: read, write: write)
    for segment in files.segments where segment.number < read.file && !spent.contains(segment) {
      add(
        .orphanSegment, .warning, segment.number,
        "segment \(segment.number) lies before the read position; its messages were delivered")
    }
    let first = Position(file: complete.first?.number ?? write.file, offset: 0)
    var start = max(read, first)
    let (depth, source) = try depth(reading?.depth, read: start, write: write)
    if let tail = tails.first(where: { $0.segment.number == write.file }) {
      write.offset = min(write.offset, tail.end)
    }
    if let first = complete.first, first.number == start.file, first.size <= start.offset {
      // Only zeros were left of it.
      spent.append(complete.removeFirst())
    }
    if start.file < write.file, complete.first?.number != start.file {
      start = Position(file: complete.first?.number ?? write.file, offset: 0)
    }
    if writeSegmentDamaged {
      // Nothing is appended behind damage: a reader would give it up together with that.
      complete.append(SegmentFile(number: write.file, size: write.offset))
      write = Position(file: write.file + 1, offset: 0)
    }
    return Outcome(
      state: QueueState(
        read: start, write: write, depth: depth, complete: complete),
      findings: findings, depthSource: source, tails: tails, spent: spent,
      owed: expected(reading?.depth).map { max(0, $0) })
  }

  /// What the metadata counts, and what lies past it.
  func expected(_ claimed: Int64?) -> Int64? {
    claimed.map { claimed in
      let (sum, isTooMany) = claimed.addingReportingOverflow(tailRecords)
      return isTooMany ? .max : sum
    }
  }

  // MARK: Metadata

  mutating func judgeMetadata(_ reading: MetadataReading?) {
    guard let reading else {
      mustCount = true
      if !files.segments.isEmpty {
        findings.append(
          Finding(
            .metadataMissing, .error, file: name(.metadata),
            "the metadata is missing; a Go program would start at 0 and overwrite the segments"))
      }
      return
    }
    guard reading.whole == nil else { return }
    mustCount = true
    findings.append(
      Finding(
        .metadataInvalid, .error, file: name(.metadata),
        "the metadata is not “depth, read position, write position”"))
  }

  /// Metadata, `.bad` files or nothing at all: an empty queue that every version accepts.
  mutating func withoutSegments(_ reading: MetadataReading?) -> Outcome {
    var file = files.bad.last.map { $0.number + 1 } ?? 0
    if let reading {
      file = max(reading.read?.file ?? 0, reading.write?.file ?? file)
      if let depth = reading.depth, depth > 0 {
        add(
          .missingSegment, .error, file,
          "the metadata counts \(depth) messages but there is no segment")
      } else if let read = reading.read, let write = reading.write, read > write {
        add(
          .readPastWrite, .warning, write.file,
          "the read position \(read) is past the write position \(write); some Go versions spin")
      }
    }
    let at = Position(file: file, offset: 0)
    return Outcome(
      state: QueueState(read: at, write: at, depth: 0), findings: findings,
      depthSource: reading?.whole == nil ? .scan : .metadata, tails: [], spent: [],
      owed: expected(reading?.depth).map { max(0, $0) })
  }

  // MARK: Write side

  mutating func writePosition(_ claimed: Position?, last: SegmentFile)
    throws(DiskQueueError) -> Position
  {
    guard let claimed else { return try endOf(last, from: 0, trusted: 0) }
    if last.number < claimed.file {
      if claimed.offset > 0 {
        mustCount = true
        add(
          .missingSegment, .error, claimed.file,
          "the write segment \(claimed.file) is missing; the metadata ends it at \(claimed.offset)")
      }
      return Position(file: claimed.file, offset: 0)
    }
    if last.number > claimed.file {
      // A sync was missed at a roll: everything after the claimed position was never counted.
      stale("segments after \(claimed.file) are not in the metadata", claimed)
      for segment in files.segments where segment.number >= claimed.file && segment != last {
        let from = segment.number == claimed.file ? min(claimed.offset, segment.size) : 0
        // The metadata vouches for none of it: zeros at its end are no messages.
        let found = try scan(segment, from, 0, .max)
        tailRecords += found.records
        if found.stop != .end { mustCount = true }
      }
      let end = try endOf(last, from: 0, trusted: 0)
      tailRecords += lastRecords
      return end
    }
    if last.size < claimed.offset {
      mustCount = true
      add(
        .writePastEnd, .error, last.number, offset: claimed.offset,
        "the metadata writes at \(claimed.offset) but the segment ends at \(last.size)")
      return try endOf(last, from: 0, trusted: 0)
    }
    if last.size == claimed.offset { return claimed }
    let probe = try scan(last, claimed.offset, 0, 1)
    if probe.records == 0, probe.stop != .zeros, claimed.offset > 0,
      try scan(SegmentFile(number: last.number, size: claimed.offset), 0, .max, .max).stop != .end
    {
      // The claimed position is no record boundary: only the file itself can tell.
      mustCount = true
      return try endOf(last, from: 0, trusted: 0)
    }
    let end = try endOf(last, from: claimed.offset, trusted: 0)
    tailRecords += lastRecords
    if lastRecords > 0 {
      stale("\(lastRecords) messages lie past the metadata's write position", claimed)
    }
    return end
  }

  /// The end of the whole records of the last segment; what follows is a tail to cut off, or damage
  /// that a fresh segment leaves alone.
  mutating func endOf(
    _ last: SegmentFile, from: Int64, trusted: Int64
  ) throws(DiskQueueError) -> Position {
    let found = try scan(last, from, trusted, .max)
    lastRecords = found.records
    switch found.stop {
    case .end: return Position(file: last.number, offset: found.end)
    case .torn, .zeros:
      tails = [Tail(segment: last, end: found.end)]
      let bytes = last.size - found.end
      let zeros = found.stop == .zeros
      add(
        zeros ? .zeroTail : .tornTail, .error, last.number, offset: found.end,
        zeros
          ? "\(bytes) zero bytes follow the last whole record, as after a power loss"
          : "the last record is cut short: \(bytes) bytes of it are there")
      return Position(file: last.number, offset: found.end)
    case .badLength(let length):
      mustCount = true
      badLength(length, last.number, found.end)
      return Position(file: last.number + 1, offset: 0)
    }
  }

  // MARK: Read side

  mutating func readPosition(_ reading: MetadataReading?, write: Position)
    throws(DiskQueueError) -> Position
  {
    let first = min(
      Position(file: files.segments.first?.number ?? write.file, offset: 0), write)
    guard var read = reading?.read else {
      mustCount = true
      return first
    }
    if let claimed = reading?.write, read > claimed {
      let empty = reading?.depth == 0
      mustCount = true
      add(
        .readPastWrite, empty ? .warning : .error, read.file, offset: read.offset,
        "the read position \(read) is past the write position \(claimed); Go versions spin on this")
      guard empty else { return first }
      read = claimed
    }
    if read >= write {
      if read > write { mustCount = true }
      return write
    }
    guard let segment = files.segments.first(where: { $0.number == read.file }) else {
      mustCount = true
      add(
        .missingSegment, .warning, read.file,
        "the read segment \(read.file) is not there; reading goes on with the next one")
      let next = files.segments.first { $0.number > read.file }
      return Position(file: next?.number ?? write.file, offset: 0)
    }
    if read.file < write.file, read.offset >= segment.size {
      if read.offset > segment.size { mustCount = true }
      spent.append(segment)
      let next = files.segments.first { $0.number > read.file }
      return min(Position(file: next?.number ?? write.file, offset: 0), write)
    }
    return try boundary(read, in: segment)
  }

  /// The read position, or the start of the record it points into.
  mutating func boundary(_ read: Position, in segment: SegmentFile)
    throws(DiskQueueError) -> Position
  {
    if read.offset == 0 { return read }
    if read.offset > countUpTo, try scan(segment, read.offset, 0, 16).stop == .end { return read }
    let before = SegmentFile(number: segment.number, size: read.offset)
    let chain = try scan(before, 0, .max, .max)
    guard chain.stop == .torn else { return read }
    mustCount = true
    add(
      .readInsideRecord, .error, read.file, offset: read.offset,
      "the read position \(read.offset) is inside the record that starts at \(chain.end)")
    return Position(file: read.file, offset: chain.end)
  }

  mutating func noteGaps(read: Position, write: Position) {
    // The write segment need not be there yet, and an empty file is no gap.
    let there = files.segments.map(\.number).filter { $0 >= read.file && $0 < write.file }
    var next = read.file
    for number in there + [write.file] {
      if number > next {
        mustCount = true
        let text =
          number == next + 1
          ? "segment \(next) is missing" : "segments \(next) to \(number - 1) are missing"
        add(.missingSegment, .error, next, text)
      }
      next = number + 1
    }
  }
}
