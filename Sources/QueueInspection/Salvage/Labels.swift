import DiskQueue

/// How sure the messages of a segment are, and what its damaged places are.
struct Labels {
  /// What a chain saves beyond its gap's cost, so that one in so many powers of two is chance.
  private static let certain = 16.0
  private static let likely = 3.0
  /// A last length that costs more than this may have been written over.
  private static let unusual = 20.0

  private let model: MessageModel
  private let limits: RecordLimits
  private var bytes: ByteWindows

  init(_ model: MessageModel, _ limits: RecordLimits, _ bytes: ByteWindows) {
    self.model = model
    self.limits = limits
    self.bytes = bytes
  }

  /// Regions without gaps from 0 to the segment's end.
  consuming func regions(of chains: [Chain]) throws(DiskQueueError) -> [SalvageRegion] {
    var regions: [SalvageRegion] = []
    var at: Int64 = 0
    for (index, chain) in chains.enumerated() where chain.records > 0 {
      if chain.start > at {
        regions.append(
          .init(start: at, end: chain.start, kind: try message(at, before: chain.start)))
      }
      let isLast = index == chains.count - 1
      let next = isLast ? bytes.size : chains[index + 1].start
      add(chain, from: at, next: next, to: &regions)
      at = chain.end
    }
    if at < bytes.size {
      regions.append(.init(start: at, end: bytes.size, kind: .damage(try tail(at))))
    }
    return regions
  }

  /// A chain's records; the last before a gap is less sure, since its length may be what broke it.
  private func add(
    _ chain: Chain, from start: Int64, next: Int64, to regions: inout [SalvageRegion]
  ) {
    let confidence = confidence(chain, from: start, next: next)
    guard next > chain.end, confidence == .certain,
      chain.lastCost > Labels.unusual || chain.lastLength == 0
    else {
      return regions.append(
        .init(start: chain.start, end: chain.end, kind: .records(chain.records, confidence)))
    }
    if chain.records > 1 {
      regions.append(
        .init(
          start: chain.start, end: chain.lastStart, kind: .records(chain.records - 1, confidence)))
    }
    regions.append(
      .init(start: chain.lastStart, end: chain.end, kind: .records(1, .likely)))
  }

  private func confidence(_ chain: Chain, from start: Int64, next: Int64) -> Confidence {
    if chain.isAnchored { return .certain }
    let gap = chain.start - start
    // A longer gap has more places where something could begin by chance.
    let places = Double(max(0, Int64.bitWidth - max(1, gap / 256).leadingZeroBitCount - 1))
    let odds = chain.bits - Explanation.gapEnd - places
    if next > chain.end, isInside(chain, from: start, next: next) { return .guess }
    return odds >= Labels.certain ? .certain : odds >= Labels.likely ? .likely : .guess
  }

  /// Whether a chain between two damaged places is rather what one message has in it: its records are
  /// strangers, or they begin just where the payload of such a message would.
  private func isInside(_ chain: Chain, from start: Int64, next: Int64) -> Bool {
    if chain.strangers * 2 > chain.records { return true }
    let header = Int64(Record.headerSize)
    let length = Int(next - start - header)
    return chain.start - start == header && !model.isGiant(length)
      && model.cost(ofLength: length) <= Labels.unusual
  }

  // MARK: Damaged places

  /// What ends a segment that is no record.
  private mutating func tail(_ start: Int64) throws(DiskQueueError) -> Finding.Code {
    if try bytes.zeroTail(from: start) == start { return .zeroTail }
    guard bytes.size - start >= Int64(Record.headerSize) else { return .tornTail }
    let length = try length(at: start)
    return limits.accept(length) ? .tornTail : .badLength
  }

  private mutating func length(at offset: Int64) throws(DiskQueueError) -> Int {
    try bytes.show(offset, Record.headerSize + NSQEnvelope.headerSize)
    return bytes.length(at: offset) ?? -1
  }

  /// Whether the bytes from `start` to the next chain are one message with an overwritten length.
  private mutating func message(_ start: Int64, before next: Int64) throws(DiskQueueError)
    -> SalvageRegion.Kind
  {
    let length = Int(next - start) - Record.headerSize
    guard length > 0, limits.accept(length) else { return .damage(.badLength) }
    let claimed = try self.length(at: start)
    let payload = bytes.slice(start + Int64(Record.headerSize), NSQEnvelope.headerSize)
    let isForeign = model.isNSQ && !NSQEnvelope.looksRight(payload, of: length)
    if claimed == 0 || isForeign || model.cost(ofLength: length) > Labels.unusual {
      return .message(.guess)
    }
    // One flipped bit is all the damage then. Any other length may have been overwritten together
    // with a part of the message.
    let distance = UInt32(truncatingIfNeeded: claimed) ^ UInt32(truncatingIfNeeded: length)
    return .message(distance.nonzeroBitCount <= 1 ? .likely : .guess)
  }
}
