import DiskQueue
import HeapModule

/// Records that follow one another without a gap, and what speaks for them.
struct Chain: Hashable {
  /// Where the first begins.
  var start: Int64
  /// Where the last ends.
  var end: Int64
  var records: Int64
  /// How much less it costs to take them for records than for anything, in bits.
  var bits: Double
  /// Whether it begins where a record surely does: at the segment's start.
  var isAnchored: Bool
  /// Where the last record begins, its length and what that costs.
  var lastStart: Int64
  var lastLength: Int
  var lastCost: Double
  /// What the end of its payload saves.
  var lastEnding = 0.0
  /// Empty messages in a row that it ends with.
  var emptyTail: Int64 = 0
  /// Records whose lengths are unlike the others'.
  var strangers: Int64 = 0
  /// The chain before the gap before this one, as a number in ``Explanation/closed``; -1 for none.
  var parent = -1

  /// No record yet.
  init(at start: Int64, isAnchored: Bool, parent: Int = -1) {
    self.start = start
    end = start
    records = 0
    bits = 0
    self.isAnchored = isAnchored
    lastStart = start
    lastLength = -1
    lastCost = 0
    self.parent = parent
  }

  /// With a record behind it.
  func adding(_ length: Int, gain: Double, ending: Double = 0, cost: Double, isUsual: Bool) -> Chain
  {
    var chain = self
    chain.lastEnding = ending
    chain.emptyTail = length == 0 ? emptyTail + 1 : 0
    chain.lastStart = end
    chain.lastLength = length
    chain.lastCost = cost
    chain.strangers += isUsual ? 0 : 1
    chain.end += Record.size(of: length)
    chain.records += 1
    chain.bits += gain + ending
    return chain
  }
}

/// The best explanation of a stretch of a segment: which bytes are records and which are damaged places,
/// so that all of it together costs the fewest bits.
///
/// A dynamic programme from the front. At every offset where a record may begin, the best way to there is
/// known: a record that ends there, or a gap from an earlier boundary. From there on lead the record that
/// its four bytes tell of, if any, and a gap to any later offset. Ways that cost more than a gap would are
/// dropped, so few are alive at a time; they are kept by the offset they have come to.
struct Explanation {
  /// A damaged place costs as much as one in 4,096 boundaries has one, and its end as much as there are
  /// bytes in the usual one.
  static let gapCost = 20.0
  /// Of that, its end.
  static let gapEnd = 8.0
  /// A damaged record that has kept its length, as one that has lost bytes, is one damaged place in sixteen.
  private static let keptHead = 4.0
  /// A payload with records in it, as of a queue's segment that was put as a message, is likelier than
  /// damage that looks so.
  private static let nestedCost = 16.0
  /// Records that save this much, with no other way alive, are beyond doubt.
  static let settled = 160.0
  private static let settledRecords = 8
  /// What no form makes up for.
  private static let hopeless = -12.0
  /// A record behind a gap saves at least as much.
  private static let leastGain = 2.0

  /// A way to a boundary: what it saves, and the chain it ends with.
  private struct Way {
    var score: Double
    var chain: Chain
  }

  /// How a stretch ended.
  enum End {
    /// Everything before the chain's end is explained, and nothing else could be.
    case settled(Chain)
    /// The segment is at its end.
    case over(Chain)
  }

  private let model: MessageModel
  /// From here on zero lengths are no messages.
  private let zeroTail: Int64
  private let limits: RecordLimits
  private var bytes: ByteWindows
  private let watch: SegmentScanner.Watch?
  /// Chains before gaps.
  private(set) var closed: [Chain] = []
  private var ways: [Int64: Way] = [:]
  private var boundaries = Heap<Int64>()
  /// The best way into a gap, and its chain's number once something has begun behind it.
  private var gap: Way?
  private var gapNumber: Int?
  private var torn: Way?

  init(
    _ model: MessageModel, _ limits: RecordLimits, _ bytes: ByteWindows,
    zeroTail: Int64, watch: SegmentScanner.Watch?
  ) {
    self.zeroTail = zeroTail
    self.model = model
    self.limits = limits
    self.bytes = bytes
    self.watch = watch
  }

  /// Explains what follows `chain`.
  ///
  /// - Parameters:
  ///   - chain: up to its end everything is known.
  ///   - place: nothing before this offset settles it, for there it breaks.
  /// - Returns: how it ended; the chains before its chain are its ``Chain/parent``s.
  /// - Throws: what reading or the watch reports.
  mutating func explain(from chain: Chain, past place: Int64) throws(DiskQueueError) -> End {
    ways = [chain.end: Way(score: 0, chain: chain)]
    boundaries = [chain.end]
    (gap, gapNumber, torn) = (nil, nil, nil)
    var at = chain.end
    while true {
      // Records that may begin in a gap, up to the next boundary.
      if gap != nil { try scan(from: at) }
      guard let next = boundaries.popMin(), let way = ways.removeValue(forKey: next) else { break }
      if next == bytes.size { return finish(way) }
      at = next
      // A gap leads here more cheaply.
      if let gap, way.score <= gap.score { continue }
      at += 1
      if next > place, isSettled(way) { return .settled(way.chain) }
      let head = try follow(way)
      let open = way.score - Explanation.gapCost + max(0, head - Explanation.keptHead)
      if open > gap?.score ?? -.infinity {
        gap = Way(score: open, chain: way.chain)
        gapNumber = nil
      }
    }
    return finish(nil)
  }

  /// Whether a way is beyond doubt and no other one is better than a gap behind it.
  private func isSettled(_ way: Way) -> Bool {
    way.chain.records >= Explanation.settledRecords && way.chain.bits >= Explanation.settled
      && ways.values.allSatisfy { $0.score <= way.score - Explanation.gapCost }
  }

  private func finish(_ whole: Way?) -> End {
    let open = gap?.score ?? -.infinity
    let cut = torn?.score ?? -.infinity
    if let whole, whole.score >= max(open, cut) { return .over(whole.chain) }
    let last = cut >= open ? torn : gap
    return .over(last?.chain ?? Chain(at: 0, isAnchored: true))
  }

  // MARK: Records

  /// Follows the record that begins where a way has come to; returns what its beginning saves.
  private mutating func follow(_ way: Way) throws(DiskQueueError) -> Double {
    let offset = way.chain.end
    guard bytes.size - offset >= Int64(Record.headerSize) else {
      note(torn: way, gain: 0)
      return 0
    }
    try bytes.show(max(0, offset - 2), 2 + Record.headerSize + NSQEnvelope.headerSize)
    guard let length = bytes.length(at: offset), limits.accept(length),
      length > 0 || offset < zeroTail
    else { return 0 }
    let cost = model.cost(ofLength: length, after: way.chain.lastLength)
    let head = model.chance(before: bytes.two(before: offset), length) - cost
    guard offset + Record.size(of: length) <= bytes.size else {
      note(torn: way, gain: head)
      return head
    }
    let gain = head + start(offset, length)
    let ending = try ending(offset, length)
    let chain = way.chain.adding(
      length, gain: gain, ending: ending, cost: cost, isUsual: model.isUsual(length))
    insert(Way(score: way.score + gain + ending, chain: chain))
    return gain
  }

  /// What the beginning of a payload saves.
  private func start(_ offset: Int64, _ length: Int) -> Double {
    guard length > 0 else { return 0 }
    return model.gain(
      ofStart: bytes.slice(
        offset + Int64(Record.headerSize), min(length, NSQEnvelope.headerSize)), length)
  }

  /// What its end saves.
  private func ending(_ offset: Int64, _ length: Int) throws(DiskQueueError) -> Double {
    let end = offset + Record.size(of: length)
    guard length > 0, let (before, last) = try bytes.pair(at: end - 2) else { return 0 }
    return model.gain(ofLast: last, before: before)
  }

  /// The segment ends inside a record, or its length.
  private mutating func note(torn way: Way, gain: Double) {
    let score = way.score + min(0, gain) - Explanation.gapCost + 1
    if score > torn?.score ?? -.infinity { torn = Way(score: score, chain: way.chain) }
  }

  private mutating func insert(_ way: Way) {
    if let gap, way.score <= gap.score { return }
    let end = way.chain.end
    guard let other = ways[end] else {
      ways[end] = way
      boundaries.insert(end)
      return
    }
    if let inner = nested(way, in: other) {
      ways[end] = inner
    } else if way.score > other.score {
      ways[end] = way
    }
  }

  /// A record whose payload is records, as another way has it that lies within its payload: it stays one
  /// message, and what speaks for them speaks for it.
  private func nested(_ way: Way, in outer: Way) -> Way? {
    guard way.chain.parent >= 0, closed[way.chain.parent].end == outer.chain.lastStart,
      outer.chain.lastLength > 0
    else { return nil }
    // Usual messages behind some damage are likelier than a strange one with all of them in it; but not
    // where they begin as its payload does, or behind a count, as what nsqd is sent in one request.
    let damaged = Int(way.chain.start - outer.chain.lastStart) - Record.headerSize
    if damaged > Record.headerSize || damaged > 0 && model.isUsual(damaged),
      way.chain.strangers == 0, !model.isUsual(outer.chain.lastLength)
    {
      return nil
    }
    // Nor where messages are missing, and none has records in it but a giant that has many at once.
    if damaged == 0, way.chain.strangers == 0, !model.trustsEmpties, model.reach.bytes == 0,
      model.isGiant(outer.chain.lastLength)
    {
      return nil
    }
    var outer = outer
    outer.score = max(
      outer.score, way.score + Explanation.gapCost - Explanation.nestedCost)
    return outer
  }

  // MARK: Gaps

  /// Looks at every offset up to the next boundary for a record that is likelier than chance.
  private mutating func scan(from start: Int64) throws(DiskQueueError) {
    guard let gap else { return }
    var at = max(start, gap.chain.end + 1)
    let wanted = 2 + Record.headerSize + NSQEnvelope.headerSize
    while true {
      let stop = min(
        boundaries.min ?? bytes.size, bytes.size - Int64(Record.headerSize) + 1, zeroTail)
      guard at < stop else { return }
      try bytes.show(max(0, at - 2), wanted)
      try watch?(at)
      // As far as the window shows whole heads of records, or all that there is of them.
      let isLast = bytes.end < at - 2 + Int64(wanted) || bytes.end >= bytes.size
      let shown = bytes.end - Int64(isLast ? Record.headerSize - 1 : wanted - 3)
      // The file has become shorter.
      guard at < shown else { return }
      at = try scan(at..<min(stop, shown), behind: gap)
    }
  }

  /// Returns where to go on: at a boundary that has come up inside the range, or at its end.
  private mutating func scan(_ range: Range<Int64>, behind gap: Way) throws(DiskQueueError) -> Int64
  {
    let base = bytes.base
    var index = Int(range.lowerBound - base)
    var end = index + range.count
    let most = UInt32(clamping: min(Int64(limits.maximum), bytes.size - range.lowerBound))
    let least = UInt32(clamping: limits.minimum)
    var value: UInt32 = 0
    for byte in bytes.window[index..<(index + 3)] { value = value << 8 | UInt32(byte) }
    while index < end {
      value = value << 8 | UInt32(bytes.window[index + 3])
      if value <= most, value >= least,
        let chain = try record(at: base + Int64(index), Int(value), behind: gap)
      {
        insert(Way(score: gap.score + chain.bits, chain: chain))
        // Where it ends something else may begin, before this range is over.
        if let next = boundaries.min { end = min(end, max(index + 1, Int(next - base))) }
      }
      index += 1
    }
    return base + Int64(index)
  }

  /// A chain of one record that begins behind a gap, where it is likelier than chance.
  private mutating func record(at offset: Int64, _ length: Int, behind gap: Way)
    throws(DiskQueueError) -> Chain?
  {
    guard offset + Record.size(of: length) <= bytes.size else { return nil }
    let cost = model.cost(ofLength: length)
    let head = model.chance(before: bytes.two(before: offset), length) - cost
    guard head > Explanation.hopeless else { return nil }
    let gain = head + start(offset, length)
    // Its end is far away: it cannot make up for a beginning that speaks against it.
    guard gain >= 0 else { return nil }
    let ending = try ending(offset, length)
    guard gain + ending >= Explanation.leastGain else { return nil }
    if gapNumber == nil {
      gapNumber = closed.count
      closed.append(gap.chain)
    }
    return Chain(at: offset, isAnchored: false, parent: gapNumber ?? -1)
      .adding(length, gain: gain, ending: ending, cost: cost, isUsual: model.isUsual(length))
  }
}
