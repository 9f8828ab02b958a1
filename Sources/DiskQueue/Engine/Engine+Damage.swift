import DequeModule
import SystemPackage

/// What taking does when there is no record where one should be.
extension Engine {
  /// Sets the rest of the read segment aside and goes on with the next one.
  ///
  /// A cut record or a run of zeros at the segment's end goes into the quarantine folder: the file
  /// was good. Anything else makes the file `.bad`, as go-diskqueue does, so that every byte stays.
  mutating func giveUp(_ seen: RecordScanner.Stop) throws(DiskQueueError) {
    if state.read.file == state.write.file { try roll() }
    let at = state.read
    let end = state.end(of: at.file)
    let entry = FileName.segment(at.file).entry(of: queue)
    let path = directory.entry(entry)
    var scanner = SegmentScanner(disk: disk)
    let stop = try scanner.scan(
      path, size: end, from: at.offset, limits: options.limits, most: 1
    ).stop
    reader.close()
    let text: String
    let code: Finding.Code
    switch stop == .end ? seen : stop {
    case .torn, .zeros, .end:
      let handle = try disk.open(path, .read)
      defer { disk.close(handle) }
      try Quarantine.keep(
        handle, from: at.offset, to: end, as: entry, in: directory, disk: disk,
        ownership: ownership)
      let remaining = try remaining(after: at.file)
      if let skipped = state.skippedReadSegment(remaining: remaining) { finish([skipped]) }
      code = stop == .zeros ? .zeroTail : .tornTail
      text = "\(end - at.offset) bytes that are no message were kept in quarantine"
    case .badLength(let length):
      let remaining = try remaining(after: at.file)
      let bad = try Quarantine.markBad(at.file, of: queue, in: directory, disk: disk)
      _ = state.skippedReadSegment(remaining: remaining)
      code = .badLength
      let kept = String(decoding: bad.entry(of: queue), as: UTF8.self)
      text = "the length \(length) cannot be right; the segment is kept as \(kept)"
    }
    try sync()
    report(
      Finding(
        code, .error, file: String(decoding: entry, as: UTF8.self), offset: at.offset, text))
  }

  /// The read segment has vanished: its messages cannot be had, so the next one is read.
  mutating func skipMissing() throws(DiskQueueError) {
    let missing = state.read.file
    reader.close()
    if missing == state.write.file { try roll() }
    let remaining = try remaining(after: missing)
    _ = state.skippedReadSegment(remaining: remaining)
    try sync()
    report(
      Finding(
        .missingSegment, .error,
        file: String(decoding: FileName.segment(missing).entry(of: queue), as: UTF8.self),
        "segment \(missing) has vanished; reading goes on with the next one"))
  }

  /// Messages that can be read in the segments after `file`.
  private func remaining(after file: Int64) throws(DiskQueueError) -> Int64 {
    try remaining(from: Position(file: file + 1, offset: 0))
  }

  /// Messages that can be read from `start` on.
  func remaining(from start: Position) throws(DiskQueueError) -> Int64 {
    var total: Int64 = 0
    var rest = state.complete.filter { $0.number >= start.file }
    if state.write.offset > 0, state.write.file >= start.file {
      rest.append(SegmentFile(number: state.write.file, size: state.write.offset))
    }
    var scanner = SegmentScanner(disk: disk)
    for segment in rest {
      do {
        total += try scanner.scan(
          directory.file(.segment(segment.number), of: queue), size: segment.size,
          from: segment.number == start.file ? start.offset : 0, limits: options.limits,
          trusted: segment.size
        ).records
      } catch {
        if error.code != .notFound { throw error }
      }
    }
    return total
  }
}
