import DiskQueue

/// How sure the messages of a segment are, and what its damaged places are.
struct Labels {
  /// What a chain saves beyond its gap's cost, so that one in so many powers of two is chance.
  private static let certain = 16.0
  private static let likely = 3.0
  /// A last length that costs more than this may have been written over.
  private static let unusual = 20.0
  /// An end of a payload that saves so much is no chance, nor is such a beginning.
  private static let ended = 3.0
  private static let begun = 5.0
  /// Four bytes that are so much likelier a length than any bytes are one.
  private static let kept = 8.0
  /// A message longer than most damage.
  private static let long = 1024
  /// Fewer bytes than this may be lost or doubled in one place.
  private static let muchLost: UInt32 = 1 << 16

  private let model: MessageModel
  private let limits: RecordLimits
  private var bytes: ByteWindows

  init(_ model: MessageModel, _ limits: RecordLimits, _ bytes: ByteWindows) {
    self.model = model
    self.limits = limits
    self.bytes = bytes
  }

  /// Regions without gaps from 0 to the segment's end.
  mutating func regions(of chains: [Chain]) throws(DiskQueueError) -> [SalvageRegion] {
    var regions: [SalvageRegion] = []
    var at: Int64 = 0
    for (index, chain) in chains.enumerated() where chain.records > 0 {
      if chain.start > at {
        regions.append(
          .init(start: at, end: chain.start, kind: try message(at, before: chain.start)))
      }
      let isLast = index == chains.count - 1
      let next = isLast ? bytes.size : chains[index + 1].start
      try add(chain, from: at, next: next, to: &regions)
      at = chain.end
    }
    if at < bytes.size {
      regions.append(.init(start: at, end: bytes.size, kind: .damage(try tail(at))))
    }
    return regions
  }

  /// A chain's records; the first and the last beside gaps are less sure, since what made the gap may have
  /// reached them.
  private mutating func add(
    _ chain: Chain, from start: Int64, next: Int64, to regions: inout [SalvageRegion]
  ) throws(DiskQueueError) {
    let confidence = confidence(chain, from: start, next: next)
    // From where to where, and how sure.
    var parts: [(end: Int64, records: Int64, confidence: Confidence)] = []
    var (at, count) = (chain.start, Int64(0))
    let reach = model.reach
    if !chain.isAnchored {
      while at < min(start + reach.bytes, chain.end) {
        // No further, even where the file has changed meanwhile.
        at = min(chain.end, at + Record.size(of: try length(at: at)))
        count += 1
      }
      parts.append((at, count, min(confidence, reach.confidence)))
    }
    if next > chain.end {
      let last = chain.emptyTail > 0 ? chain.emptyTail : 1
      let from = chain.emptyTail > 0 ? chain.end - Record.size(of: 0) * last : chain.lastStart
      let sure = try min(confidence, chain.emptyTail > 0 ? empties(last) : ending(chain, next))
      if from >= at {
        parts.append((from, chain.records - count - last, confidence))
        parts.append((chain.end, last, sure))
      } else {
        parts.append((chain.end, chain.records - count, min(sure, reach.confidence)))
      }
    } else {
      parts.append((chain.end, chain.records - count, confidence))
    }
    at = chain.start
    for part in parts where part.records > 0 {
      if let last = regions.last, last.end == at,
        case .records(let records, part.confidence) = last.kind
      {
        regions[regions.count - 1].end = part.end
        regions[regions.count - 1].kind = .records(records + part.records, part.confidence)
      } else {
        regions.append(
          .init(start: at, end: part.end, kind: .records(part.records, part.confidence)))
      }
      at = part.end
    }
  }

  /// How sure empty messages are that a gap follows, which may be zeros that were written over a record.
  private func empties(_ count: Int64) -> Confidence {
    model.trustsEmpties || model.isUsual(0) && count == 1 ? .likely : .guess
  }

  /// How sure the last record before a gap is: whether the damage begins behind it.
  private mutating func ending(_ chain: Chain, _ next: Int64) throws(DiskQueueError) -> Confidence {
    if chain.lastCost > Labels.unusual, !model.isUsual(chain.lastLength) { return .guess }
    if chain.lastEnding >= Labels.ended { return .certain }
    let claimed = try length(at: chain.end)
    let gap = Int(next - chain.end) - Record.headerSize
    // What is written over with one byte begins where that byte does.
    let last = try bytes.byte(at: chain.end - 1)
    let head = bytes.slice(chain.end, Record.headerSize)
    if Set(head) == [0] || Set(head) == [0xFF], head.first != last { return .certain }
    // A record that has lost bytes, or its end, has kept its length, and so begins there.
    if limits.accept(claimed), claimed > 0 {
      let cost = model.cost(ofLength: claimed)
      let chance = model.chance(before: bytes.two(before: chain.end), claimed)
      if chance - cost >= Labels.kept || claimed == chain.lastLength {
        return next == bytes.size ? .certain : .likely
      }
    }
    // Where a segment's beginning was written anew, the older messages behind it have older times.
    if chain.isAnchored, try isOlder(next, than: chain.lastStart) { return .likely }
    // Nothing was written over there, but something is missing or too much.
    if gap <= 0 {
      return chain.isAnchored && next < bytes.size && !model.hasForm ? .likely : .guess
    }
    if head.count(where: model.isForeign) > 1 { return .likely }
    // Where bytes are lost or doubled the record leads to where no payload begins behind a length.
    try bytes.show(chain.end, Record.headerSize + NSQEnvelope.headerSize)
    let payload = bytes.slice(chain.end + Int64(Record.headerSize), NSQEnvelope.headerSize)
    if model.hasForm {
      return model.gain(ofStart: payload, gap) >= Labels.begun ? .likely : .guess
    }
    // In a long one that is likelier than damage just behind it.
    return chain.lastLength <= Labels.long ? .likely : .guess
  }

  /// Whether nsqd's time of one record is before another one's.
  private mutating func isOlder(_ offset: Int64, than other: Int64) throws(DiskQueueError) -> Bool {
    guard model.isNSQ else { return false }
    func time(_ record: Int64) throws(DiskQueueError) -> [UInt8] {
      try bytes.show(record, Record.headerSize + NSQEnvelope.headerSize)
      return Array(bytes.slice(record + Int64(Record.headerSize), 8))
    }
    let (time, before) = (try time(offset), try time(other))
    return time.count == 8 && time.lexicographicallyPrecedes(before)
  }

  /// Whether one bit makes a length of another; of the lower ones as many bytes may be lost or doubled.
  private func isFlipped(_ claimed: Int, _ length: Int) -> Bool {
    let distance = UInt32(truncatingIfNeeded: claimed) ^ UInt32(truncatingIfNeeded: length)
    return distance.nonzeroBitCount == 1 && distance >= Labels.muchLost
  }

  private func confidence(_ chain: Chain, from start: Int64, next: Int64) -> Confidence {
    if chain.isAnchored { return .certain }
    let gap = chain.start - start
    // A longer gap has more places where something could begin by chance.
    let places = Double(max(0, Int64.bitWidth - max(1, gap / 256).leadingZeroBitCount - 1))
    // That it ends just where the segment does is as much as knowing where the gap ends.
    let odds = chain.bits - places - (chain.end == bytes.size ? 0 : Explanation.gapEnd)
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
    try bytes.show(max(0, offset - 2), 2 + Record.headerSize + NSQEnvelope.headerSize)
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
    return .message(isFlipped(claimed, length) ? .likely : .guess)
  }
}
