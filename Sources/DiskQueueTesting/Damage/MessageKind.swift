import DiskQueue

/// What the messages of a generated queue are like.
package enum MessageKind: String, CaseIterable, Sendable {
  /// Objects of a few fields.
  case json
  /// Words behind a number.
  case text
  /// A number and noise.
  case binary
  /// What nsqd writes: envelopes with noise in them.
  case nsq
  /// A number and zeros.
  case zeros
  /// JSON, of which every eighth message is a segment of a queue itself.
  case frames
  /// A number in one to four digits.
  case tiny
  /// JSON with empty messages between, alone and in runs.
  case empties
  /// Some of 1 MiB each.
  case large
  /// JSON, and one message larger than all others together.
  case giant

  /// Messages of this kind.
  ///
  /// - Parameters:
  ///   - count: how many; of large ones a hundredth of that.
  ///   - random: where they come from.
  /// - Returns: their payloads.
  package func payloads(_ count: Int, _ random: inout SeededGenerator) -> [[UInt8]] {
    let count = self == .large ? max(3, count / 100) : count
    let giant = Int.random(in: 0..<count, using: &random)
    return (0..<count).map { index in
      self == .giant && index == giant
        ? MessageKind.words(index, count * 100, &random) : payload(index, &random)
    }
  }

  private func payload(_ index: Int, _ random: inout SeededGenerator) -> [UInt8] {
    switch self {
    case .json, .giant: MessageKind.object(index, &random)
    case .text: MessageKind.words(index, Int.random(in: 10...350, using: &random), &random)
    case .binary:
      MessageKind.number(index) + MessageKind.noise(.random(in: 8...400, using: &random), &random)
    case .nsq:
      NSQEnvelope(
        timestamp: 1_795_476_245_000_000_000 + Int64(index) * 1_000_000,
        attempts: .random(in: 1...2, using: &random),
        id: String(0x1000_0000_0000_0000 + UInt64(index), radix: 16),
        body: MessageKind.noise(.random(in: 1...200, using: &random), &random)
      ).payload
    case .zeros:
      MessageKind.number(index)
        + [UInt8](repeating: 0, count: .random(in: 0...300, using: &random))
    case .frames:
      index % 8 == 5
        ? MessageKind.segment(.random(in: 2...9, using: &random), &random)
        : MessageKind.object(index, &random)
    case .tiny: Array(String(index % 10_000).utf8)
    case .empties:
      index % 7 == 3 || index % 50 < Int.random(in: 0...6, using: &random)
        ? [] : MessageKind.object(index, &random)
    case .large: MessageKind.words(index, 1 << 20, &random)
    }
  }

  private static func segment(_ count: Int, _ random: inout SeededGenerator) -> [UInt8] {
    var bytes: [UInt8] = []
    for index in 0..<count { Record.append(object(index, &random), to: &bytes) }
    return bytes
  }

  private static func object(_ index: Int, _ random: inout SeededGenerator) -> [UInt8] {
    let customer = Int.random(in: 0..<100_000, using: &random)
    let note = String(repeating: "n", count: .random(in: 0..<120, using: &random))
    return Array(#"{"id": \#(index), "customer": "cust_\#(customer)", "note": "\#(note)"}"#.utf8)
  }

  private static func words(_ index: Int, _ size: Int, _ random: inout SeededGenerator) -> [UInt8] {
    let words = ["lorem ", "ipsum ", "dolor ", "sit ", "amet, ", "consectetur "].map {
      Array($0.utf8)
    }
    var bytes = Array("line \(index) ".utf8)
    while bytes.count < size { bytes += words[.random(in: 0..<words.count, using: &random)] }
    return Array(bytes.prefix(size))
  }

  private static func number(_ index: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: index >> $0) }
  }

  static func noise(_ size: Int, _ random: inout SeededGenerator) -> [UInt8] {
    (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
  }
}

/// What happens to a place of a segment.
package enum DamageKind: String, CaseIterable, Sendable {
  /// Written over with noise.
  case noise
  /// Written over with zeros.
  case zeros
  /// Written over with 0xFF.
  case ones
  /// Written over with text.
  case text
  /// Written over with other bytes of the same segment.
  case copy
  /// The bytes are gone, what follows has moved up.
  case lost
  /// The bytes are there twice.
  case doubled
  /// Everything from here on is gone.
  case torn
}
