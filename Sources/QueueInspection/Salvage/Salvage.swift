package import DiskQueue
package import SystemPackage

/// Reads a segment through its damage: what is a message, how sure that is, and what is not.
///
/// It walks the chain of records. Where that breaks, either the place of the break is damaged, or
/// one of the last records before it has a wrong length and led astray. So it first looks for a
/// chain that starts inside the last few records and passes the break, then for one behind the
/// break. What lies between the last good record and the next chain is one damaged place; when it
/// has the form of a message whose length was overwritten, it is kept as that.
///
/// Linear in the segment's size, in constant memory but for one region a damaged place.
package struct Salvage: Sendable {
  /// So many records before a break are suspected of a wrong length.
  private static let suspects = 3
  /// So many chains that look foreign are passed over behind a break before the first is taken.
  private static let tries = 64
  /// Beyond so many damaged places the rest of a segment is one.
  private static let mostRegions = 1 << 16
  /// From so many empty messages in a row on, zeros before a break are a hole.
  private static let hole = 4

  let disk: any Disk
  let limits: RecordLimits
  let watch: SegmentScanner.Watch?

  package init(disk: any Disk, limits: RecordLimits, watch: SegmentScanner.Watch? = nil) {
    self.disk = disk
    self.limits = limits
    self.watch = watch
  }

  /// Reads a whole segment or `.bad` file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - size: where it ends.
  ///   - trusted: below it zero lengths are messages.
  /// - Returns: regions without gaps from 0 to `size`.
  /// - Throws: what opening or reading reports.
  package func read(_ path: FilePath, size: Int64, trusted: Int64 = 0) throws(DiskQueueError)
    -> SalvageReport
  {
    let handle = try disk.open(path, .read)
    defer { disk.close(handle) }
    var pass = Pass(salvage: self, handle: handle, size: size)
    var scanner = SegmentScanner(disk: disk, watch: watch)
    while pass.at < size {
      let found = try scanner.scan(
        path, size: size, from: pass.at, limits: limits, trusted: trusted)
      try pass.take(found)
      if pass.regions.count > Salvage.mostRegions { pass.giveUp(.badLength) }
    }
    return SalvageReport(regions: pass.regions)
  }

  /// The sizes and the form of the messages seen so far: what belongs to the family is believed
  /// more easily.
  struct Family {
    var sizes: ClosedRange<Int>?
    private var seen = 0
    private var envelopes = 0

    /// All seen so far were in nsqd's envelope.
    var isNSQ: Bool { seen > 0 && envelopes == seen }

    mutating func learn(_ size: Int, isNSQ: Bool) {
      learn(size...size)
      seen += 1
      envelopes += isNSQ ? 1 : 0
    }

    mutating func learn(_ range: ClosedRange<Int>) {
      sizes =
        sizes.map {
          min($0.lowerBound, range.lowerBound)...max($0.upperBound, range.upperBound)
        } ?? range
    }

    func holds(_ range: ClosedRange<Int>) -> Bool {
      guard let sizes else { return true }
      return range.lowerBound >= sizes.lowerBound / 2 && range.upperBound <= sizes.upperBound * 2
    }
  }

  /// The last records before a break.
  private struct LastRecords {
    var records: [Seen]
    var starts: [Int64] { records.map { $0.start } }
    /// Where a run of empty ones that ends at the break begins.
    var hole: Int64?
  }

  /// A record that was walked.
  private struct Seen {
    var start: Int64
    var length: Int
    var isNSQ: Bool
  }

  /// One reading of one segment.
  private struct Pass {
    let salvage: Salvage
    let handle: FileHandle
    let size: Int64
    var regions: [SalvageRegion] = []
    /// Where the chain that is being walked starts.
    var at: Int64 = 0
    /// How sure its records are.
    var confidence = Confidence.certain
    var family = Family()

    private var search: ChainSearch { ChainSearch(disk: salvage.disk, limits: salvage.limits) }

    mutating func take(_ found: SegmentScan) throws(DiskQueueError) {
      if found.stop == .end { return add(found.end, found.records) }
      if found.stop == .zeros {
        add(found.end, found.records)
        return giveUp(.zeroTail)
      }
      let last = try lastRecords(found)
      let first = last.starts.first ?? found.end
      let starts = last.starts
      let inside = try search.first(
        handle, in: (first + 1)..<max(first + 1, found.end), end: size, passing: found.end,
        excluding: starts)
      if let inside {
        // The record it starts in claims too much.
        let wrong = last.starts.lastIndex { $0 < inside.start } ?? 0
        let dropped = Int64(last.starts.count - wrong)
        add(last.starts[wrong], found.records - dropped)
        return resume(at: inside, from: try message(last.starts[wrong], before: inside))
      }
      for seen in last.records where seen.length > 0 {
        family.learn(seen.length, isNSQ: seen.isNSQ)
      }
      guard let next = try behind(found.end) else {
        add(found.end, found.records)
        return giveUp(found.stop == .torn ? .tornTail : .badLength)
      }
      if let hole = last.hole, found.end - hole >= Int64(Salvage.hole * Record.headerSize) {
        add(hole, found.records - (found.end - hole) / Int64(Record.headerSize))
        return resume(at: next, from: .damage(.badLength))
      }
      add(found.end, found.records)
      resume(at: next, from: try message(found.end, before: next))
    }

    /// A chain behind the break that belongs to the family or goes far; else the first of all.
    private func behind(_ offset: Int64) throws(DiskQueueError) -> ChainSearch.Chain? {
      var from = offset + 1
      var first: ChainSearch.Chain?
      for _ in 0..<Salvage.tries {
        guard let chain = try search.first(handle, in: from..<max(from, size), end: size) else {
          break
        }
        // One record that ends at the end may be chance, among zeros above all: one that leaves a
        // place of a message's size before it is better.
        let gap = Int(chain.start - offset) - Record.headerSize
        let isSingle = chain.records == 1 && !(gap >= 0 && family.holds(gap...gap))
        let isForeign = family.isNSQ && !chain.isNSQ
        if !isSingle, !isForeign, chain.isStrong || family.holds(chain.sizes) {
          return try chain.followsZero ? inside(chain) ?? chain : chain
        }
        if first == nil || !isSingle && first?.records == 1 { first = chain }
        from = chain.start + 1
      }
      return first
    }

    /// A chain that a chance length at the end of a hole has swallowed the first records of.
    private func inside(_ chain: ChainSearch.Chain) throws(DiskQueueError) -> ChainSearch.Chain? {
      let range = (chain.start + 1)..<max(chain.start + 1, chain.firstEnd)
      guard let inner = try search.first(handle, in: range, end: size), !inner.followsZero,
        inner.isStrong || family.holds(inner.sizes)
      else { return nil }
      return inner
    }

    // MARK: Regions

    private mutating func add(_ end: Int64, _ records: Int64) {
      if records > 0 {
        regions.append(.init(start: at, end: end, kind: .records(records, confidence)))
      }
      at = max(at, end)
    }

    private mutating func resume(at chain: ChainSearch.Chain, from kind: SalvageRegion.Kind) {
      regions.append(.init(start: at, end: chain.start, kind: kind))
      at = chain.start
      confidence =
        chain.isStrong ? .certain : family.holds(chain.sizes) ? .likely : .guess
    }

    mutating func giveUp(_ code: Finding.Code) {
      if at < size { regions.append(.init(start: at, end: size, kind: .damage(code))) }
      at = size
    }

    // MARK: Evidence

    /// Whether the bytes from `start` to the next chain are one message with an overwritten length.
    private func message(_ start: Int64, before next: ChainSearch.Chain) throws(DiskQueueError)
      -> SalvageRegion.Kind
    {
      let length = Int(next.start - start) - Record.headerSize
      guard length > 0, salvage.limits.accept(length) else { return .damage(.badLength) }
      let bytes = try bytes(at: start, Record.headerSize + NSQEnvelope.headerSize)
      let claimed = Record.length(in: bytes.span, at: 0)
      let isEnvelope = NSQEnvelope.looksRight(bytes[Record.headerSize...], of: length)
      var family = family
      family.learn(next.sizes)
      if claimed == 0 || !family.holds(length...length) { return .message(.guess) }
      if family.isNSQ, !isEnvelope { return .message(.guess) }
      // One flipped bit is all the damage then. Any other length may have been overwritten together
      // with a part of the message.
      return .message(distance(claimed, length) <= 1 ? .likely : .guess)
    }

    private func distance(_ claimed: Int, _ wanted: Int) -> Int {
      guard wanted >= 0 else { return 32 }
      return (UInt32(truncatingIfNeeded: claimed) ^ UInt32(truncatingIfNeeded: wanted))
        .nonzeroBitCount
    }

    private func bytes(at offset: Int64, _ count: Int) throws(DiskQueueError) -> [UInt8] {
      var bytes = [UInt8](repeating: 0, count: count)
      _ = try salvage.disk.readFull(handle, into: &bytes, count: count, at: offset)
      return bytes
    }

    /// The starts of the last records before a break, and where a run of empty ones before it
    /// begins; what is walked again on the way is learned from.
    private mutating func lastRecords(_ found: SegmentScan) throws(DiskQueueError)
      -> LastRecords
    {
      var recent: [Seen] = []
      var hole: Int64?
      var offset = max(found.recent, at)
      var window: [UInt8] = []
      var base = offset
      let wanted = Record.headerSize + NSQEnvelope.headerSize
      while offset < found.end {
        let filled = base + Int64(window.count)
        if offset + Int64(wanted) > filled, filled < size || window.isEmpty {
          window = try bytes(at: offset, Int(min(1 << 16, size - offset)))
          base = offset
        }
        let place = Int(offset - base)
        let length = Record.length(in: window.span, at: place)
        hole = length == 0 ? hole ?? offset : nil
        let start = window[(place + Record.headerSize)..<min(window.count, place + wanted)]
        let isNSQ = NSQEnvelope.looksRight(start, of: length)
        recent.append(Seen(start: offset, length: length, isNSQ: isNSQ))
        if recent.count > Salvage.suspects {
          // Only what lies before the suspects is learned from.
          let good = recent.removeFirst()
          if good.length > 0 { family.learn(good.length, isNSQ: good.isNSQ) }
        }
        offset += Record.size(of: length)
      }
      return LastRecords(records: recent, hole: hole)
    }
  }
}
