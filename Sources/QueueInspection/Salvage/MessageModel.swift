import DiskQueue

/// What is known of a queue's messages, as costs in bits: a length of a probability `p` costs `-log2 p`.
///
/// What speaks for bytes being a record is how much cheaper they are so than as chance.
/// It is learned from records that are surely some, and starts without knowing anything.
struct MessageModel: Sendable {
  /// A record of unknown kind is as likely as one in twenty: a queue's messages have their like.
  private static let strangers = 0.05
  /// Payloads are compared at so many of their first bytes, where formats say what they are.
  static let prefixSize = 8
  /// More evidence than this from a payload's form is not believed: its bytes depend on each other.
  private static let mostForm = 40.0
  /// A payload that was written over costs its record no more than a damaged place nearly does.
  private static let leastForm = -8.0
  /// Runs of empty messages that are short, and those of which it can be told whether they are usual.
  private static let shortRun = 3
  private static let longRun = 16
  /// One in so many messages has records in it, or it is not worth to doubt what could be in one.
  private static let rareContainers = 256
  /// Fewer say nothing about the others.
  private static let fewRecords = 8
  /// A byte that costs more is as likely to be anything: eight bits, and one for the doubt.
  private static let foreign = 9.0
  /// Bits of a length that is the last one's: one queue in sixteen has messages of one length.
  private static let again = 4.0
  /// Messages whose beginnings save less have no form.
  private static let tellingStart = 8.0
  /// So much of what is learned of payloads is believed: one in ten may be like none before it.
  private static let likeness = 0.9
  /// What a record counts that is not there, so that nothing is impossible.
  private static let haze = 2.0

  /// A run of one byte goes on with this probability: so zeros that may be lengths weigh next to nothing.
  private static let runs = 0.999

  // MARK: What was seen

  private(set) var records = 0
  private var envelopes = 0
  private var empties = 0
  /// How often an empty message follows another.
  private var emptyPairs = 0
  /// Empty messages in a row, up to here; and, of rows that are over, how many were short and how many
  /// longer, as what damage has written over with zeros is too, with the messages in these.
  private var emptyRun = 0
  private var shortRuns = 0
  private var longRuns = 0
  private var inLongRuns = 0
  /// Payloads that are records themselves, and the largest of them.
  private var containers = 0
  private var largestContainer: Int64 = 0
  private var bytesInContainers: Int64 = 0
  private var bytesInAll: Int64 = 0
  private var lengths = [Double](repeating: 0, count: MessageModel.bins)
  private var prefix = [Double](repeating: 0, count: prefixSize * 256)
  private var prefixSeen = [Double](repeating: 0, count: prefixSize)
  private var last = [Double](repeating: 0, count: 256)
  private var bytes = [Double](repeating: 0, count: 256)
  private var bytesSeen = 0.0
  private var repeated = 0.0

  // MARK: What follows

  /// Bits of a length that is not zero, by its bin.
  private var lengthCost: [Double] = []
  /// Whether lengths of a bin are like those that were seen.
  private var isKnown: [Bool] = []
  /// Whether hardly anything was seen.
  private var isNew = true
  /// Beyond this a length is far longer than any that was seen.
  private var giant = Int.max
  /// Bits of an empty message, and of another one behind it; of one that is not, likewise.
  private var empty = 0.0
  private var emptyAgain = 0.0
  private var full = 0.0
  private var fullAfterEmpty = 0.0
  /// Bits of a byte in a place that is no record: after another one, after one like it, and after two.
  private var chances: [Double] = []
  private var chanceCost: [Double] = []
  private var chanceRepeat: [Double] = []
  private let chanceRun = -Logarithm.base2(MessageModel.runs)
  private let chanceRunEnds = -Logarithm.base2(1 - MessageModel.runs)
  /// Bits that a byte of a payload's beginning saves.
  ///
  /// As another one than before, as the same, as one of a run; of each its place and its value. Of the last
  /// byte likewise, but for runs.
  private var prefixGain: [Double] = []
  private var lastGain: [Double] = []
  private var envelopeGain = 0.0
  private var noEnvelope = 0.0
  /// Bits that the beginning of a payload mostly saves.
  private var usualStart = 0.0

  /// Whether the queue's count is right, so that runs of empty messages are learned from.
  let trustsEmpties: Bool

  private init(trustsEmpties: Bool) {
    self.trustsEmpties = trustsEmpties
    settle()
  }

  /// Knows nothing.
  static func blank(trustsEmpties: Bool) -> MessageModel { trustsEmpties ? trusting : doubting }
  private static let trusting = MessageModel(trustsEmpties: true)
  private static let doubting = MessageModel(trustsEmpties: false)

  /// Whether the messages are nsqd's.
  var isNSQ: Bool { records > 0 && envelopes * 10 >= records * 9 }

  /// Takes a record in; `start` are the first bytes of its payload, as many as are at hand.
  mutating func learn(length: Int, start: ArraySlice<UInt8>, last byte: UInt8?) {
    records += 1
    bytesInAll += Record.size(of: length)
    if length == 0 {
      emptyRun += 1
      return
    }
    if emptyRun > 0 { closeRun() }
    lengths[MessageModel.bin(length)] += 1
    if NSQEnvelope.looksRight(start, of: length) { envelopes += 1 }
    for (index, byte) in start.prefix(min(length, MessageModel.prefixSize)).enumerated() {
      prefix[index * 256 + Int(byte)] += 1
      prefixSeen[index] += 1
    }
    if let byte { last[Int(byte)] += 1 }
    var before: UInt8?
    for byte in start.prefix(min(length, 64)) {
      bytes[Int(byte)] += 1
      bytesSeen += 1
      if before == byte { repeated += 1 }
      before = byte
    }
  }

  private mutating func closeRun() {
    let (run, isLong) = (emptyRun, emptyRun > MessageModel.shortRun)
    emptyRun = 0
    if isLong, !trustsEmpties {
      // Whether they are what they seem is told by the short ones.
      guard run <= MessageModel.longRun else { return }
      longRuns += 1
      inLongRuns += run
      return
    }
    shortRuns += 1
    empties += run
    emptyPairs += run - 1
  }

  /// Notes that a payload of so many bytes is records itself.
  mutating func learn(container size: Int64) {
    containers += 1
    largestContainer = max(largestContainer, size)
    bytesInContainers += size
  }

  /// How far behind a damaged place what follows may be records within one message, whose own length is
  /// gone, and how sure they are of being messages; 0 where no message has records in it.
  var reach: (bytes: Int64, confidence: Confidence) {
    // One alone may be what damage has made of another.
    guard containers > 1, containers * MessageModel.rareContainers >= records else {
      return (0, .likely)
    }
    let isRare = bytesInContainers * 20 <= bytesInAll
    return (largestContainer, isRare ? .likely : .guess)
  }

  /// Whether a byte is one that neither payloads nor lengths have.
  func isForeign(_ byte: UInt8) -> Bool {
    byte != 0 && chanceCost[Int(byte)] >= MessageModel.foreign
  }

  /// So many empty messages in a row are no surprise.
  var usualRun: Int { hasLongRuns ? MessageModel.longRun : 0 }
  private var hasLongRuns: Bool { longRuns > 0 && longRuns * 4 <= shortRuns }

  /// Makes costs of what was learned.
  mutating func settle() {
    if emptyRun > 0 { closeRun() }
    if hasLongRuns, inLongRuns > 0 {
      empties += inLongRuns
      emptyPairs += inLongRuns - longRuns
      // Once only.
      inLongRuns = 0
    }
    let full = Double(records - empties)
    let known = (1 - MessageModel.strangers) * full / (full + 8)
    func seen(_ bin: Int) -> Double {
      let near =
        bin < 8
        ? 0
        : (bin > 8 ? lengths[bin - 1] : 0)
          + (bin + 1 < MessageModel.bins ? lengths[bin + 1] : 0)
      return known * (lengths[bin] + near / 8) / max(1, full) / MessageModel.width(bin)
    }
    func strange(_ bin: Int) -> Double { (1 - known) * MessageModel.anyLength(bin) }
    lengthCost = (0..<MessageModel.bins).map { -Logarithm.base2(seen($0) + strange($0)) }
    // One alone may be what damage has made of another.
    isKnown = (0..<MessageModel.bins).map { bin in
      seen(bin) >= strange(bin) && (lengths[bin] > 1 || full < 8)
    }
    isNew = records < MessageModel.fewRecords
    giant = isKnown.lastIndex(of: true).map { 4 * MessageModel.largest($0) } ?? .max
    if full < 8 { giant = .max }
    // Most queues have no empty message at all; in one that has, they may come in any number.
    let start = (Double(empties - emptyPairs) + (trustsEmpties ? 0.02 : 0.005)) / (full + 1)
    empty = -Logarithm.base2(min(0.99, start))
    self.full = -Logarithm.base2(1 - min(0.99, start))
    let again = (Double(emptyPairs) + (trustsEmpties ? 1 : 0.1)) / (Double(empties) + 1.05)
    emptyAgain = -Logarithm.base2(again)
    fullAfterEmpty = -Logarithm.base2(1 - min(0.999, again))
    settleBytes()
    let share = (Double(envelopes) + 0.02) / (full + 1)
    // Sixteen digits of sixteen kinds, where chance has 256.
    envelopeGain = min(MessageModel.mostForm, 64 + Logarithm.base2(share))
    noEnvelope = Logarithm.base2(max(1 - share, 1.0 / 256))
    usualStart = (isNSQ ? envelopeGain : 0) + expectedGain
  }

  private mutating func settleBytes() {
    let seen = bytesSeen + MessageModel.haze
    let same = (repeated + 0.01) / seen
    // A place that is no record holds parts of payloads, runs of one byte, or anything.
    func chance(_ count: Double, isRepeat: Bool) -> Double {
      let share = (count + MessageModel.haze / 256) / seen
      let payload = (1 - same) * share + (isRepeat ? same : 0)
      return 0.5 * payload + (isRepeat ? 0.2 : 0) + 0.3 / 256
    }
    let alone = bytes.map { chance($0, isRepeat: false) }
    chances = alone
    let again = bytes.map { chance($0, isRepeat: true) }
    chanceCost = costs(alone)
    chanceRepeat = costs(again)
    let run = [Double](repeating: MessageModel.runs, count: 256)
    prefixGain = []
    for chances in [alone, again, run] {
      for index in 0..<MessageModel.prefixSize {
        let counts = prefix[(index * 256)..<(index * 256 + 256)]
        prefixGain += gains(counts, of: prefixSeen[index], against: chances)
      }
    }
    let all = last.reduce(0, +)
    lastGain =
      gains(last[...], of: all, against: alone) + gains(last[...], of: all, against: again)
  }

  /// Costs of probabilities, by byte; most bytes that were never seen have one in common.
  private func costs(_ chances: [Double]) -> [Double] {
    let unseen = bytes.firstIndex(of: 0).map { -Logarithm.base2(chances[$0]) }
    return bytes.indices.map { index in
      if bytes[index] == 0, let unseen { return unseen }
      return -Logarithm.base2(chances[index])
    }
  }

  /// What bytes save that come in some place so often, against what they would cost as any byte of a
  /// payload; which they may be there as well.
  private func gains(_ counts: ArraySlice<Double>, of all: Double, against chances: [Double])
    -> [Double]
  {
    guard records > empties else { return [Double](repeating: 0, count: 256) }
    let unseen = bytes.firstIndex(of: 0).map { gain(0, of: all, against: chances[$0]) }
    var index = -1
    return counts.map { count in
      index += 1
      if count == 0, bytes[index] == 0, let unseen { return unseen }
      return gain(count, of: all, against: chances[index])
    }
  }

  private func gain(_ count: Double, of all: Double, against chance: Double) -> Double {
    let full = Double(records - empties)
    let known = MessageModel.likeness * full / (full + 1)
    let share = (count + MessageModel.haze / 256) / (all + MessageModel.haze)
    return Logarithm.base2(known * share / chance + 1 - known)
  }

  /// What the first bytes of the payloads that were seen save, each by what the others are like.
  private var expectedGain: Double {
    guard records - empties >= MessageModel.fewRecords else { return 0 }
    return prefix.indices.reduce(0) { bits, index in
      guard prefix[index] > 0 else { return bits }
      let all = prefixSeen[index / 256]
      let gain = gain(prefix[index] - 1, of: all - 1, against: chances[index % 256])
      return bits + prefix[index] / all * gain
    }
  }

  /// Whether the messages begin in a way that tells them from anything else.
  var hasForm: Bool { usualStart >= MessageModel.tellingStart }

  // MARK: Evidence

  /// Bits of a record's length, after another's; -1 for none.
  @inline(__always)
  func cost(ofLength length: Int, after last: Int = -1) -> Double {
    if length == 0 { return last == 0 ? emptyAgain : empty }
    let cost = lengthCost[MessageModel.bin(length)] + (last == 0 ? fullAfterEmpty : full)
    // Where nothing is known, one that comes again is no stranger.
    return length == last && isNew ? min(cost, MessageModel.again) : cost
  }

  /// Whether a length is like those that were seen; where none were, any is.
  func isUsual(_ length: Int) -> Bool {
    length == 0 ? empties > 0 : records == empties || isKnown[MessageModel.bin(length)]
  }

  /// Whether a length is so much longer than the others that it may have swallowed several of them.
  func isGiant(_ length: Int) -> Bool { length > giant }

  /// How many bits it would cost to have these four bytes by chance.
  ///
  /// - Parameters:
  ///   - before: the two bytes before them, the nearer one last; -1 and -2 for none.
  ///   - length: what they say.
  /// - Returns: bits.
  @inline(__always)
  func chance(before: (Int, Int), _ length: Int) -> Double {
    var bits = 0.0
    var (first, second) = before
    for shift in [24, 16, 8, 0] {
      let byte = length >> shift & 0xFF
      if first == second {
        bits += byte == second ? chanceRun : chanceRunEnds + chanceCost[byte]
      } else {
        bits += byte == second ? chanceRepeat[byte] : chanceCost[byte]
      }
      (first, second) = (second, byte)
    }
    return bits
  }

  /// How many bits the beginning of a payload saves.
  ///
  /// - Parameters:
  ///   - start: its first bytes, ``NSQEnvelope/headerSize`` of them where there are as many.
  ///   - length: its length.
  /// - Returns: bits; below zero where the form speaks against it.
  func gain(ofStart start: ArraySlice<UInt8>, _ length: Int) -> Double {
    guard length > 0 else { return 0 }
    var gain = 0.0
    var (first, second) = (length >> 8 & 0xFF, length & 0xFF)
    for (index, byte) in start.prefix(min(length - 1, MessageModel.prefixSize)).enumerated() {
      let byte = Int(byte)
      let state = byte != second ? 0 : first != second ? 1 : 2
      gain += prefixGain[(state * MessageModel.prefixSize + index) * 256 + byte]
      (first, second) = (second, byte)
    }
    gain = max(MessageModel.leastForm, gain)
    if start.count >= min(length, NSQEnvelope.headerSize) {
      gain += NSQEnvelope.looksRight(start, of: length) ? envelopeGain : noEnvelope
    }
    return min(MessageModel.mostForm, max(2 * MessageModel.leastForm, gain))
  }

  /// How many bits the last byte of a payload saves; it alone tells that all of the payload is there.
  ///
  /// - Parameters:
  ///   - byte: the last byte.
  ///   - before: the one before it, of which it may be a run.
  /// - Returns: bits; below zero where the form speaks against it.
  func gain(ofLast byte: UInt8, before: UInt8) -> Double {
    max(MessageModel.leastForm, lastGain[(byte == before ? 256 : 0) + Int(byte)])
  }

  // MARK: Lengths

  /// Lengths below 8 each, then four to an octave.
  private static let bins = 8 + 4 * 28

  @inline(__always)
  private static func bin(_ length: Int) -> Int {
    if length < 8 { return length }
    let octave = Int.bitWidth - 1 - length.leadingZeroBitCount
    return 8 + (octave - 3) * 4 + (length >> (octave - 2) & 3)
  }

  /// The largest length of a bin.
  private static func largest(_ bin: Int) -> Int {
    if bin < 8 { return bin }
    let octave = (bin - 8) / 4 + 3
    return (5 + (bin - 8) % 4) << (octave - 2) - 1
  }

  /// How many lengths a bin has.
  private static func width(_ bin: Int) -> Double {
    bin < 8 ? 1 : Double(1 << ((bin - 8) / 4 + 1))
  }

  /// The probability of a length about which nothing is known: no octave is likelier than another.
  private static func anyLength(_ bin: Int) -> Double {
    let octave = bin < 8 ? (bin < 2 ? 0 : bin < 4 ? 1 : 2) : (bin - 8) / 4 + 3
    return 1 / 32 / Double(1 << octave)
  }
}
