package import SystemPackage

/// What a pass over a segment found.
package struct SegmentScan: Hashable, Sendable {
  /// The end of the last whole record, in bytes from the segment's start.
  package var end: Int64
  /// Whole records passed.
  package var records: Int64
  /// Why the pass ended.
  package var stop: RecordScanner.Stop
  /// The start of a record not far before the end, for looking at the last ones again, and how many
  /// were passed up to there.
  package var recent: Int64
  package var recentRecords: Int64

  package init(
    end: Int64, records: Int64, stop: RecordScanner.Stop, recent: Int64 = 0,
    recentRecords: Int64 = 0
  ) {
    self.end = end
    self.records = records
    self.stop = stop
    self.recent = recent
    self.recentRecords = recentRecords
  }
}

/// Drives a ``RecordScanner`` over a file in windows, in constant memory: payloads larger than a
/// window are skipped, not read.
package struct SegmentScanner: ~Copyable {
  /// Told where a pass is, once a window; throwing ends it.
  package typealias Watch = @Sendable (Int64) throws(DiskQueueError) -> Void

  private let disk: any Disk
  private let windowSize: Int
  private let watch: Watch?
  private var window: [UInt8] = []

  package init(disk: any Disk, windowSize: Int = 1 << 18, watch: Watch? = nil) {
    self.disk = disk
    self.windowSize = windowSize
    self.watch = watch
  }

  /// Makes the window as large as this pass can use, 4 KiB at least.
  private mutating func prepare(for bytes: Int64) {
    let wanted = Int(min(Int64(windowSize), max(bytes, 4096)))
    if window.count < wanted { window = [UInt8](repeating: 0, count: wanted) }
  }

  /// Walks from `offset` to the end of the segment, or past `most` records.
  ///
  /// - Parameters:
  ///   - path: the segment.
  ///   - size: where it ends for this pass; bytes after it are not looked at.
  ///   - offset: where the chain starts.
  ///   - limits: payload sizes accepted.
  ///   - trusted: below it zero lengths are messages, see ``RecordScanner/trusted``.
  ///   - most: how many records at the most.
  /// - Returns: where the whole records end, how many there are, and why the pass ended.
  /// - Throws: what opening or reading reports.
  package mutating func scan(
    _ path: FilePath, size: Int64, from offset: Int64, limits: RecordLimits, trusted: Int64 = 0,
    most: Int64 = .max
  ) throws(DiskQueueError) -> SegmentScan {
    var scanner = RecordScanner(from: offset, size: size, limits: limits, trusted: trusted)
    if offset >= size { return SegmentScan(end: size, records: 0, stop: .end) }
    let handle = try disk.open(path, .read)
    defer { disk.close(handle) }
    prepare(for: most == .max ? size - offset : 0)
    var marks = (older: (offset, Int64(0)), newer: (offset, Int64(0)))
    while true {
      try watch?(scanner.offset)
      let base = scanner.offset
      marks = (marks.newer, (base, scanner.count))
      func found(_ stop: RecordScanner.Stop) -> SegmentScan {
        SegmentScan(
          end: scanner.offset, records: scanner.count, stop: stop, recent: marks.older.0,
          recentRecords: marks.older.1)
      }
      let count = Int(min(Int64(window.count), size - base))
      let got = try disk.readFull(handle, into: &window, count: count, at: base)
      let step = scanner.walk(window.span.extracting(..<got), at: base, most: most)
      switch step {
      case .stopped(.torn):
        let stop = try tornOrWrong(handle, at: scanner.offset, size: size, limits: limits)
        return found(stop)
      case .stopped(let stop):
        return found(stop)
      case .zeroLength:
        let nonzero = try firstNonzero(handle, from: scanner.offset, size: size)
        if case .stopped(let stop) = scanner.resolveZeros(nonzero: nonzero) {
          return found(stop)
        }
      case .need:
        if scanner.count >= most {
          return found(.end)
        }
        // The file shrank under the pass: what is missing is torn off.
        if got < count, scanner.offset + Int64(Record.headerSize) > base + Int64(got) {
          return found(.torn)
        }
      }
    }
  }

  /// A record past the end is cut short, unless good records follow it: then its length is wrong.
  ///
  /// In doubt they do: what is called torn is cut off by whoever opens the queue.
  private mutating func tornOrWrong(
    _ handle: FileHandle, at offset: Int64, size: Int64, limits: RecordLimits
  ) throws(DiskQueueError) -> RecordScanner.Stop {
    guard size - offset >= Int64(Record.headerSize) else { return .torn }
    let endsWell = try endsWithChain(handle, at: offset, size: size, limits: limits)
    if !endsWell {
      let search = ChainSearch(disk: disk, limits: limits)
      guard try search.mayFollow(handle, offset, end: size) else { return .torn }
    }
    var header = [UInt8](repeating: 0, count: Record.headerSize)
    guard try disk.readFull(handle, into: &header, count: header.count, at: offset) == header.count
    else { return .torn }
    return .badLength(Record.length(in: header.span, at: 0))
  }

  private func endsWithChain(
    _ handle: FileHandle, at offset: Int64, size: Int64, limits: RecordLimits
  ) throws(DiskQueueError) -> Bool {
    let start = max(offset + 1, size - Int64(ChainFinder.windowSize))
    var bytes = [UInt8](repeating: 0, count: Int(size - start))
    return try disk.readFull(handle, into: &bytes, count: bytes.count, at: start) == bytes.count
      && ChainFinder.endsWithChain(bytes.span, limits: limits)
  }

  /// The first byte that is not zero at or after `offset`.
  private mutating func firstNonzero(_ handle: FileHandle, from offset: Int64, size: Int64)
    throws(DiskQueueError) -> Int64?
  {
    var base = offset
    while base < size {
      let count = Int(min(Int64(window.count), size - base))
      let got = try disk.readFull(handle, into: &window, count: count, at: base)
      if got == 0 { return nil }
      if let at = window[..<got].firstIndex(where: { $0 != 0 }) { return base + Int64(at) }
      base += Int64(got)
    }
    return nil
  }
}
