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
  private var wasEmpty = false
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
  /// Beyond this a length is far longer than any that was seen.
  private var giant = Int.max
  /// Bits of an empty message, and of another one behind it; of one that is not, likewise.
  private var empty = 0.0
  private var emptyAgain = 0.0
  private var full = 0.0
  private var fullAfterEmpty = 0.0
  /// Bits of a byte in a place that is no record: after another one, after one like it, and after two.
  private var chanceCost: [Double] = []
  private var chanceRepeat: [Double] = []
  private let chanceRun = -Logarithm.base2(MessageModel.runs)
  private let chanceRunEnds = -Logarithm.base2(1 - MessageModel.runs)
  private var prefixCost: [Double] = []
  private var lastCost: [Double] = []
  private var envelopeGain = 0.0
  private var noEnvelope = 0.0

  /// Whether runs of empty messages are learned from.
  private let trustsEmpties: Bool

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
    defer { wasEmpty = length == 0 }
    if length == 0 {
      if wasEmpty, !trustsEmpties { return }
      empties += 1
      if wasEmpty { emptyPairs += 1 }
      return
    }
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

  /// Makes costs of what was learned.
  mutating func settle() {
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
    giant = isKnown.lastIndex(of: true).map { 4 * MessageModel.largest($0) } ?? .max
    if full < 8 { giant = .max }
    // Most queues have no empty message at all; in one that has, they may come in any number.
    let start = (Double(empties - emptyPairs) + 0.02) / (full + 1)
    empty = -Logarithm.base2(min(0.99, start))
    self.full = -Logarithm.base2(1 - min(0.99, start))
    let again = (Double(emptyPairs) + (trustsEmpties ? 1 : 0.5)) / (Double(empties) + 1.05)
    emptyAgain = -Logarithm.base2(again)
    fullAfterEmpty = -Logarithm.base2(1 - min(0.999, again))
    settleBytes()
    let share = (Double(envelopes) + 0.02) / (full + 1)
    // Sixteen digits of sixteen kinds, where chance has 256.
    envelopeGain = min(MessageModel.mostForm, 64 + Logarithm.base2(share))
    noEnvelope = Logarithm.base2(max(1 - share, 1.0 / 256))
  }

  private mutating func settleBytes() {
    let seen = bytesSeen + MessageModel.haze
    let same = (repeated + 0.01) / seen
    // A place that is no record holds parts of payloads, runs of one byte, or anything.
    func chance(_ count: Double, isRepeat: Bool) -> Double {
      let share = (count + MessageModel.haze / 256) / seen
      let payload = (1 - same) * share + (isRepeat ? same : 0)
      return -Logarithm.base2(0.5 * payload + (isRepeat ? 0.2 : 0) + 0.3 / 256)
    }
    let (alone, again) = (chance(0, isRepeat: false), chance(0, isRepeat: true))
    chanceCost = bytes.map { $0 == 0 ? alone : chance($0, isRepeat: false) }
    chanceRepeat = bytes.map { $0 == 0 ? again : chance($0, isRepeat: true) }
    func known(_ counts: ArraySlice<Double>, of all: Double) -> [Double] {
      func cost(_ count: Double) -> Double {
        let share = (count + MessageModel.haze / 256) / (all + MessageModel.haze)
        return -Logarithm.base2(0.9 * share + 0.1 / 256)
      }
      let unseen = cost(0)
      return counts.map { $0 == 0 ? unseen : cost($0) }
    }
    prefixCost = (0..<MessageModel.prefixSize).flatMap { index in
      known(prefix[(index * 256)..<(index * 256 + 256)], of: prefixSeen[index])
    }
    lastCost = known(last[...], of: last.reduce(0, +))
  }

  // MARK: Evidence

  /// Bits of a record's length, after one that was empty or not.
  @inline(__always)
  func cost(ofLength length: Int, afterEmpty: Bool = false) -> Double {
    if length == 0 { return afterEmpty ? emptyAgain : empty }
    return lengthCost[MessageModel.bin(length)] + (afterEmpty ? fullAfterEmpty : full)
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

  /// How many bits the form of a payload saves.
  ///
  /// - Parameters:
  ///   - length: its length.
  ///   - start: its first bytes, ``NSQEnvelope/headerSize`` of them where there are as many.
  ///   - byte: its last byte; nil where nobody looked.
  /// - Returns: bits; below zero where the form speaks against it.
  func formGain(_ length: Int, start: ArraySlice<UInt8>, last byte: UInt8?) -> Double {
    guard length > 0 else { return 0 }
    var gain = 0.0
    // Against what it would cost as any byte of a payload.
    for (index, byte) in start.prefix(min(length, MessageModel.prefixSize)).enumerated() {
      gain += chanceCost[Int(byte)] - prefixCost[index * 256 + Int(byte)]
    }
    if let byte, length > MessageModel.prefixSize {
      gain += chanceCost[Int(byte)] - lastCost[Int(byte)]
    }
    gain = max(MessageModel.leastForm, gain)
    if start.count >= min(length, NSQEnvelope.headerSize) {
      gain += NSQEnvelope.looksRight(start, of: length) ? envelopeGain : noEnvelope
    }
    return min(MessageModel.mostForm, max(2 * MessageModel.leastForm, gain))
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

/// Logarithms without a C library's.
enum Logarithm {
  /// Exact to some 1e-6, which is far more than any prior is.
  static func base2(_ value: Double) -> Double {
    guard value > 0, value.isFinite else { return -1074 }
    let significand = value.significand
    // atanh series of (s - 1) / (s + 1), s in 1..<2.
    let ratio = (significand - 1) / (significand + 1)
    let square = ratio * ratio
    var term = ratio
    var sum = 0.0
    for power in stride(from: 1.0, through: 15, by: 2) {
      sum += term / power
      term *= square
    }
    return Double(value.exponent) + 2 * sum / 0.693_147_180_559_945_3
  }
}
