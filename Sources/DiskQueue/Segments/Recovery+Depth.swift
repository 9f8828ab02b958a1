/// How many messages are unread, and the findings' words.
extension Recovery {
  // MARK: Depth

  mutating func depth(
    _ claimed: Int64?, read: Position, write: Position
  ) throws(DiskQueueError) -> (Int64, DepthSource) {
    let unread =
      QueueState(read: read, write: write, depth: 0, complete: complete).unreadBytes
    let expected = expected(claimed)
    let plausible =
      expected.map { expected in
        expected >= 0 && (expected == 0) == (unread == 0)
          && expected <= unread / Int64(Record.headerSize)
      } ?? false
    if let expected, plausible, !mustCount, unread > countUpTo || unread == 0 || countUpTo == 0 {
      let source = tailRecords > 0 ? DepthSource.metadataAndTail : .metadata
      if countUpTo == 0 { return (expected, source) }
      var suspect = false
      for segment in complete where !suspect { suspect = try mayEndInZeros(segment) }
      if !suspect { return (expected, source) }
    }
    var counted = try count(read: read, write: write)
    if zeroRuns.contains(where: { $0.records == nil }) || expected != counted {
      // The metadata's count knows nothing of messages there, so they are what a power loss left.
      for zeros in zeroRuns {
        counted -= zeros.records ?? 0
        cutZeros(zeros)
      }
    }
    if let claimed, let expected, counted != expected {
      findings.append(
        Finding(
          .depthMismatch, .warning, file: name(.metadata),
          "the metadata counts \(claimed) messages; \(counted) are there"))
    } else if plausible, !mustCount {
      return (counted, tailRecords > 0 ? .metadataAndTail : .metadata)
    }
    return (counted, .scan)
  }

  mutating func count(read: Position, write: Position) throws(DiskQueueError) -> Int64 {
    var rest = complete
    if write.offset > 0 { rest.append(SegmentFile(number: write.file, size: write.offset)) }
    var total: Int64 = 0
    for segment in rest {
      let from = segment.number == read.file ? read.offset : 0
      let known = findings.count
      total += try count(segment, from: from)
      if segment.number == write.file { writeSegmentDamaged = findings.count > known }
    }
    return total
  }

  // MARK: Zeros

  /// Zeros that run to the end of a segment although the metadata's write position is behind them.
  struct ZeroRun {
    var segment: Int64
    /// Where they begin.
    var end: Int64
    /// Empty messages they would be; nil where no message may be empty.
    var records: Int64?
  }

  /// Whether the last four bytes are zero: as the end of an empty message is, or of a lost tail.
  func mayEndInZeros(_ segment: SegmentFile) throws(DiskQueueError) -> Bool {
    try scan(segment, max(0, segment.size - Int64(Record.headerSize)), 0, 1).stop == .zeros
  }

  /// Notes zeros that run from `start` to the end; returns how many empty messages they may be.
  mutating func noteZeros(_ segment: SegmentFile, from start: Int64) throws(DiskQueueError) -> Int64
  {
    let found = try scan(segment, start, segment.size, .max)
    let records = found.stop == .end ? found.records : nil
    zeroRuns.append(ZeroRun(segment: segment.number, end: start, records: records))
    return records ?? 0
  }

  mutating func cutZeros(_ zeros: ZeroRun) {
    let size = files.segments.first { $0.number == zeros.segment }?.size ?? zeros.end
    tails.removeAll { $0.segment.number == zeros.segment }
    tails.append(
      Tail(segment: SegmentFile(number: zeros.segment, size: size), end: zeros.end))
    if let index = complete.firstIndex(where: { $0.number == zeros.segment }) {
      complete[index].size = zeros.end
      if zeros.end == 0 { spent.append(complete.remove(at: index)) }
    }
    add(
      .zeroTail, .error, zeros.segment, offset: zeros.end,
      "\(size - zeros.end) zero bytes follow the last message, as after a power loss")
  }

  mutating func count(_ segment: SegmentFile, from start: Int64) throws(DiskQueueError)
    -> Int64
  {
    var total: Int64 = 0
    var from = start
    while true {
      let found = try scan(segment, from, 0, .max)
      total += found.records
      if found.stop == .zeros { return total + (try noteZeros(segment, from: found.end)) }
      noteDamage(found, in: segment)
      guard case .badLength = found.stop, let next = try resume(segment, found.end) else {
        return total
      }
      from = next
    }
  }

  mutating func noteDamage(_ found: SegmentScan, in segment: SegmentFile) {
    switch found.stop {
    case .end, .zeros: break
    case .badLength(let length): badLength(length, segment.number, found.end)
    case .torn:
      add(
        .tornTail, .error, segment.number, offset: found.end,
        "the record at \(found.end) runs past the end of the segment at \(segment.size)")
    }
  }

  // MARK: Findings

  mutating func badLength(_ length: Int, _ number: Int64, _ offset: Int64) {
    let code = Finding.Code.badLength
    let file = name(.segment(number))
    if findings.contains(where: { $0.code == code && $0.offset == offset && $0.file == file }) {
      return
    }
    add(code, .error, number, offset: offset, "the length \(length) at \(offset) cannot be right")
  }

  mutating func stale(_ what: String, _ claimed: Position) {
    if findings.contains(where: { $0.code == .staleMetadata }) { return }
    findings.append(Finding(.staleMetadata, .info, file: name(.metadata), what))
  }

  mutating func add(
    _ code: Finding.Code, _ severity: Finding.Severity, _ segment: Int64, offset: Int64? = nil,
    _ text: String
  ) {
    findings.append(
      Finding(code, severity, file: name(.segment(segment)), offset: offset, text))
  }

  func name(_ file: FileName) -> String {
    String(decoding: file.entry(of: queue), as: UTF8.self)
  }
}
