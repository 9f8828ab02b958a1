/// How many messages are unread, and the findings' words.
extension Recovery {
  // MARK: Depth

  mutating func depth(
    _ claimed: Int64?, read: Position, write: Position, complete: [SegmentFile]
  ) throws(DiskQueueError) -> (Int64, DepthSource) {
    let unread =
      QueueState(read: read, write: write, depth: 0, complete: complete).unreadBytes
    let expected = claimed.map { $0 + tailRecords }
    let plausible =
      expected.map { expected in
        expected >= 0 && (expected == 0) == (unread == 0)
          && expected <= unread / Int64(Record.headerSize)
      } ?? false
    if let expected, plausible, !mustCount, unread > countUpTo || unread == 0 || countUpTo == 0 {
      return (expected, tailRecords > 0 ? .metadataAndTail : .metadata)
    }
    var counted = try count(read: read, write: write, complete: complete)
    if let zeros = zeroRun, zeros.records == nil || expected != counted {
      // The metadata's count knows nothing of messages there, so they are what a power loss left.
      counted -= zeros.records ?? 0
      cutZeros(zeros, write: write)
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

  mutating func count(read: Position, write: Position, complete: [SegmentFile])
    throws(DiskQueueError) -> Int64
  {
    var total: Int64 = 0
    for segment in complete {
      total += try count(segment, from: segment.number == read.file ? read.offset : 0)
    }
    if write.offset > 0 {
      let from = read.file == write.file ? read.offset : 0
      let last = SegmentFile(number: write.file, size: write.offset)
      if let zeros = try zeros(last, from: from) {
        zeroRun = zeros
        return total + zeros.before + (zeros.records ?? 0)
      }
      let known = findings.count
      total += try count(last, from: from)
      writeSegmentDamaged = findings.count > known
    }
    return total
  }

  /// Zeros that run to the end of the write segment although the metadata's position is behind them.
  struct ZeroRun {
    /// Where they begin.
    var end: Int64
    /// Messages before them.
    var before: Int64
    /// Empty messages they would be; nil where no message may be empty.
    var records: Int64?
  }

  func zeros(_ last: SegmentFile, from: Int64) throws(DiskQueueError) -> ZeroRun? {
    let strict = try scan(last, from, 0, .max)
    guard strict.stop == .zeros else { return nil }
    let lenient = try scan(last, from, last.size, .max)
    return ZeroRun(
      end: strict.end, before: strict.records,
      records: lenient.stop == .end ? lenient.records - strict.records : nil)
  }

  mutating func cutZeros(_ zeros: ZeroRun, write: Position) {
    let size = files.segments.last { $0.number == write.file }?.size ?? write.offset
    tail = Tail(segment: SegmentFile(number: write.file, size: size), end: zeros.end)
    add(
      .zeroTail, .error, write.file, offset: zeros.end,
      "\(size - zeros.end) zero bytes follow the last message, as after a power loss")
  }

  mutating func count(_ segment: SegmentFile, from start: Int64) throws(DiskQueueError)
    -> Int64
  {
    var total: Int64 = 0
    var from = start
    while true {
      let found = try scan(segment, from, segment.size, .max)
      total += found.records
      noteDamage(found, in: segment)
      guard case .badLength = found.stop, let next = try resume(segment, found.end) else {
        return total
      }
      from = next
    }
  }

  mutating func noteDamage(_ found: SegmentScan, in segment: SegmentFile) {
    switch found.stop {
    case .end: break
    case .badLength(let length): badLength(length, segment.number, found.end)
    case .torn:
      add(
        .tornTail, .error, segment.number, offset: found.end,
        "the record at \(found.end) runs past the end of the segment at \(segment.size)")
    case .zeros:
      add(
        .zeroTail, .error, segment.number, offset: found.end,
        "\(segment.size - found.end) zero bytes follow the last whole record")
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
