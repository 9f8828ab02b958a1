package import SystemPackage

/// Finds where good records go on after a damaged place.
///
/// Every offset is a candidate. What speaks for one is counted in bits: a length of sixteen bytes
/// would be as small by chance once in 2^27, one of a hundred megabytes once in 2^5. Most candidates
/// fail at once, because four bytes of text or of chance make a length larger than any segment; so
/// the search is linear.
package struct ChainSearch: Sendable {
  /// Bits from which on a chain is believed: by chance one place in four billion has as many.
  private static let enough = 32
  /// Bits from which on it is in doubt: by chance one place in sixteen million has as many.
  private static let doubt = 24
  /// No single length speaks with more than these, since small numbers are common in data too.
  fileprivate static let mostPerRecord = 16
  /// Records that are looked at before a chain counts as long.
  private static let longChain = 64

  /// Records that follow one another.
  package struct Chain: Hashable, Sendable {
    /// Where the first begins.
    package var start: Int64
    /// Where the last that was looked at ends.
    package var end: Int64
    package var records: Int
    /// What speaks for it, in bits.
    package var bits: Int
    /// It ends exactly where the segment does.
    package var reachesEnd: Bool
    /// The shortest and the longest payload, in bytes.
    package var sizes: ClosedRange<Int>
    /// The first is in nsqd's envelope.
    package var isNSQ = false
    /// Where the first ends.
    package var firstEnd: Int64 = 0
    /// A zero stands before it, so that its length may be the end of a hole and a byte of chance.
    package var followsZero = false

    /// What is left of one more record is cut off by the end of the segment; its length counts.
    package var endsTorn = false

    /// Nothing but records of the queue itself does that.
    package var isStrong: Bool { reachesEnd || records >= longChain }

    /// Whether so many bits speak for it, and more than a single length does.
    func isBelieved(_ least: Int) -> Bool {
      bits >= least && (records > 1 || reachesEnd || endsTorn || isNSQ)
    }
  }

  let disk: any Disk
  let limits: RecordLimits

  package init(disk: any Disk, limits: RecordLimits) {
    self.disk = disk
    self.limits = limits
  }

  /// The first believable record after `offset` of a segment that ends at `end`; nil when the rest
  /// holds none.
  package func next(_ path: FilePath, after offset: Int64, end: Int64) throws(DiskQueueError)
    -> Int64?
  {
    let handle = try disk.open(path, .read)
    defer { disk.close(handle) }
    return try first(handle, in: (offset + 1)..<max(offset + 1, end), end: end)?.start
  }

  /// Whether there may be whole records after `offset` of a segment that ends at `end`: then the bytes
  /// from there on are no tail to be cut.
  package func mayFollow(_ handle: FileHandle, _ offset: Int64, end: Int64) throws(DiskQueueError)
    -> Bool
  {
    try first(
      handle, in: (offset + 1)..<max(offset + 1, end), end: end, least: ChainSearch.doubt) != nil
  }

  /// The first believable chain that starts in `range`.
  ///
  /// - Parameters:
  ///   - handle: the segment.
  ///   - range: where the chain may start.
  ///   - end: where the segment ends.
  ///   - passing: the chain must have a record that begins before this offset and ends after it.
  ///   - excluding: where it does not start.
  ///   - least: how many bits must speak for it.
  /// - Returns: nil when there is none.
  /// - Throws: what reading reports.
  package func first(
    _ handle: FileHandle, in range: Range<Int64>, end: Int64, passing: Int64? = nil,
    excluding: [Int64] = [], least: Int = ChainSearch.enough
  ) throws(DiskQueueError) -> Chain? {
    let stop = min(range.upperBound, end - Int64(Record.headerSize) + 1)
    guard range.lowerBound < stop else { return nil }
    var window = [UInt8](repeating: 0, count: Int(min(1 << 18, max(64, end - range.lowerBound))))
    var base = range.lowerBound
    var before = try byte(handle, at: base - 1)
    while base < stop {
      let got = try disk.readFull(
        handle, into: &window, count: Int(min(Int64(window.count), end - base)), at: base)
      guard got >= Record.headerSize else { return nil }
      let last = min(got - Record.headerSize, Int(stop - base) - 1)
      for at in 0...last {
        let length = Record.length(in: window.span, at: at)
        guard length > 0, limits.accept(length) else { continue }
        let candidate = base + Int64(at)
        guard candidate + Record.size(of: length) <= end, !excluding.contains(candidate),
          var chain = try chain(handle, from: candidate, end: end, passing: passing),
          chain.isBelieved(least)
        else { continue }
        chain.followsZero = (at > 0 ? window[at - 1] : before) == 0
        return chain
      }
      before = window[last]
      base += Int64(last + 1)
    }
    return nil
  }

  /// The byte at an offset; not zero where there is none.
  private func byte(_ handle: FileHandle, at offset: Int64) throws(DiskQueueError) -> UInt8 {
    var byte: [UInt8] = [1]
    if offset >= 0 { _ = try disk.readFull(handle, into: &byte, count: 1, at: offset) }
    return byte[0]
  }

  /// What follows from `start`; nil when it does not pass where it must.
  private func chain(_ handle: FileHandle, from start: Int64, end: Int64, passing: Int64?)
    throws(DiskQueueError) -> Chain?
  {
    var bytes = [UInt8](repeating: 0, count: Record.headerSize + NSQEnvelope.headerSize)
    var chain = Chain(
      start: start, end: start, records: 0, bits: 0, reachesEnd: false, sizes: 0...0)
    while chain.records < ChainSearch.longChain, chain.end < end {
      let wanted = Int(min(Int64(bytes.count), end - chain.end))
      let got = try disk.readFull(handle, into: &bytes, count: wanted, at: chain.end)
      guard got >= Record.headerSize else {
        chain.tear(bytes[..<got])
        break
      }
      let length = Record.length(in: bytes.span, at: 0)
      guard limits.accept(length), length > 0 || chain.records > 0 else { break }
      let next = chain.end + Record.size(of: length)
      if next > end {
        chain.tear(bytes[..<Record.headerSize])
        break
      }
      // A boundary where the other chain broke leads into the same damage.
      if chain.end == passing || next == passing { return nil }
      if chain.records == 0 { chain.firstEnd = next }
      chain.sizes =
        chain.records == 0
        ? length...length
        : min(chain.sizes.lowerBound, length)...max(chain.sizes.upperBound, length)
      chain.bits += ChainSearch.bits(length)
      if NSQEnvelope.looksRight(bytes[Record.headerSize..<got], of: length) {
        chain.bits += ChainSearch.enough
        if chain.records == 0 { chain.isNSQ = true }
      }
      chain.records += 1
      chain.end = next
    }
    if let passing, chain.end < passing { return nil }
    chain.reachesEnd = chain.end == end
    if chain.reachesEnd { chain.bits += ChainSearch.mostPerRecord }
    return chain
  }

  /// How little chance there is of so small a length.
  private static func bits(_ length: Int) -> Int {
    length == 0 ? 0 : min(mostPerRecord, 32 - (Int.bitWidth - length.leadingZeroBitCount))
  }
}

extension ChainSearch.Chain {
  /// What is left of a last length that a cut has spared: as small as the others are, it speaks for
  /// the chain.
  fileprivate mutating func tear(_ header: ArraySlice<UInt8>) {
    guard records > 0 else { return }
    var zeros = 0
    for byte in header {
      zeros += byte.leadingZeroBitCount
      if byte != 0 { break }
    }
    bits += min(ChainSearch.mostPerRecord, zeros)
    endsTorn = zeros >= UInt8.bitWidth
  }
}
