import DiskQueue
package import QueueInspection
import SystemPackage

/// A segment of generated messages with damage in it, and the truth about both.
///
/// Where every byte comes from is kept, so that it is known which messages are still there whole, whatever
/// was lost, doubled or copied around them.
package struct DamagedSegment: Sendable {
  /// A stretch of bytes that lie as they did in the whole segment from `origin` on; nil for others.
  private struct Piece {
    var origin: Int?
    var count: Int
    /// Whether it was written over something else.
    var isCopy = false
  }

  /// What was put, in order.
  package let payloads: [[UInt8]]
  /// The segment's bytes.
  package private(set) var bytes: [UInt8] = []
  /// How often it was damaged.
  package private(set) var damages = 0
  /// Where each record began in the whole segment, and where the last ended.
  private let starts: [Int]
  private var pieces: [Piece]

  package init(_ payloads: [[UInt8]]) {
    self.payloads = payloads
    var starts = [0]
    for payload in payloads {
      Record.append(payload, to: &bytes)
      starts.append(bytes.count)
    }
    self.starts = starts
    pieces = [Piece(origin: 0, count: bytes.count)]
  }

  /// Damages a place.
  ///
  /// - Parameters:
  ///   - kind: how.
  ///   - place: offsets of bytes in what is there now.
  ///   - random: where noise comes from.
  package mutating func damage(
    _ kind: DamageKind, _ place: Range<Int>, _ random: inout SeededGenerator
  ) {
    let place = place.clamped(to: 0..<bytes.count)
    guard !place.isEmpty else { return }
    damages += 1
    switch kind {
    case .noise: overwrite(place, MessageKind.noise(place.count, &random))
    case .zeros: overwrite(place, [UInt8](repeating: 0, count: place.count))
    case .ones: overwrite(place, [UInt8](repeating: 0xFF, count: place.count))
    case .text:
      let text = Array("GARBAGE ".utf8)
      overwrite(place, place.indices.map { text[($0 - place.lowerBound) % text.count] })
    case .copy:
      let from = place.lowerBound / 2
      let source = from..<min(from + place.count, bytes.count)
      let copies = cut(source).map { Piece(origin: $0.origin, count: $0.count, isCopy: true) }
      replace(
        place.lowerBound..<(place.lowerBound + source.count), Array(bytes[source]), copies)
    case .lost: replace(place, [], [])
    case .doubled:
      replace(place.upperBound..<place.upperBound, Array(bytes[place]), cut(place))
    case .torn: replace(place.lowerBound..<bytes.count, [], [])
    }
  }

  private mutating func overwrite(_ place: Range<Int>, _ new: [UInt8]) {
    replace(place, new, [Piece(origin: nil, count: new.count)])
  }

  private mutating func replace(_ place: Range<Int>, _ new: [UInt8], _ parts: [Piece]) {
    let before = cut(0..<place.lowerBound)
    let after = cut(place.upperBound..<bytes.count)
    bytes.replaceSubrange(place, with: new)
    pieces = DamagedSegment.joined(before + parts + after)
  }

  /// The pieces of some bytes.
  private func cut(_ range: Range<Int>) -> [Piece] {
    var parts: [Piece] = []
    var at = 0
    for piece in pieces {
      let part = range.clamped(to: at..<(at + piece.count))
      if !part.isEmpty {
        parts.append(
          Piece(
            origin: piece.origin.map { $0 + part.lowerBound - at }, count: part.count,
            isCopy: piece.isCopy))
      }
      at += piece.count
    }
    return parts
  }

  private static func joined(_ pieces: [Piece]) -> [Piece] {
    pieces.reduce(into: []) { all, piece in
      if let last = all.last, last.origin.map({ $0 + last.count }) == piece.origin,
        last.origin != nil, last.isCopy == piece.isCopy
      {
        all[all.count - 1].count += piece.count
      } else {
        all.append(piece)
      }
    }
  }

  // MARK: The truth

  /// What a segment still holds, by offset.
  package struct Truth: Sendable {
    /// Where records begin that are there whole; which message each is.
    package var records: [Int64: Int] = [:]
    /// Where payloads begin that are there whole, whatever became of their lengths.
    package var payloads: [Int64: Int] = [:]
    /// Where whole lengths are; which message each is of.
    package var heads: [Int64: Int] = [:]
    /// Offsets at which a piece begins, and how far it has moved; nil where it was written over.
    var shifts: [(start: Int64, shift: Int64?)] = []
    /// Messages that are there whole.
    package var whole: Set<Int> = []

    /// Whether all bytes of a range are where the first of them says they should be, or written over.
    func isInPlace(_ range: Range<Int64>) -> Bool {
      let first = shifts.lastIndex { $0.start <= range.lowerBound } ?? 0
      let over = shifts[first...].prefix { $0.start < range.upperBound }
      return over.allSatisfy { $0.shift == nil || $0.shift == over.first?.shift }
    }
  }

  package var truth: Truth {
    var truth = Truth()
    var at = 0
    for piece in pieces {
      defer { at += piece.count }
      truth.shifts.append(
        (Int64(at), piece.isCopy ? nil : piece.origin.map { Int64(at - $0) }))
      guard let origin = piece.origin else { continue }
      let end = origin + piece.count
      var index = record(at: origin)
      while index < payloads.count, starts[index] < end {
        let start = starts[index]
        let place = Int64(at + start - origin)
        let isHead = start >= origin && start + Record.headerSize <= end
        if isHead { truth.heads[place] = index }
        if start + Record.headerSize >= origin, starts[index + 1] <= end {
          truth.payloads[place + Int64(Record.headerSize)] = index
          if isHead {
            truth.records[place] = index
            truth.whole.insert(index)
          }
        }
        index += 1
      }
    }
    return truth
  }

  /// The record in which an offset of the whole segment lies.
  private func record(at offset: Int) -> Int {
    var low = 0
    var high = payloads.count
    while low < high {
      let middle = (low + high) / 2
      if starts[middle + 1] <= offset { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

// MARK: At random

extension DamagedSegment {
  /// What is generated at the most.
  package struct Size: Sendable {
    /// Numbers of messages, and of damaged places, one of which is taken.
    package var messages: [Int]
    package var places: [Int]

    package init(messages: [Int], places: [Int]) {
      self.messages = messages
      self.places = places
    }

    /// For a test.
    package static let small = Size(messages: [40, 200, 600], places: [1, 2, 5, 12])
    /// For a measurement.
    package static let usual = Size(messages: [200, 1500, 4000], places: [1, 2, 5, 12, 300])
  }

  /// A segment that a seed makes.
  ///
  /// - Parameters:
  ///   - kind: of the messages.
  ///   - size: how many.
  ///   - damages: kinds of damage, one of which is taken for each place.
  ///   - seed: the same makes the same.
  package init(
    _ kind: MessageKind, _ size: Size, _ damages: [DamageKind] = DamageKind.allCases, seed: UInt64
  ) {
    var random = SeededGenerator(seed: seed)
    let count = size.messages.randomElement(using: &random) ?? 100
    self.init(kind.payloads(count, &random))
    // Where every message is damaged nothing can be found.
    let most = max(1, payloads.count / 10)
    for _ in 0..<min(most, size.places.randomElement(using: &random) ?? 1) {
      guard let damage = damages.randomElement(using: &random), !bytes.isEmpty else { return }
      let longest = max(4, bytes.count / 50)
      let length = min(longest, [4, 16, 64, 300, 700].randomElement(using: &random) ?? 4)
      // A torn end is one, and costs little of what is there.
      let from = damage == .torn ? max(0, bytes.count - 2 * length) : 0
      let start = Int.random(in: from..<bytes.count, using: &random)
      self.damage(damage, start..<(start + length), &random)
    }
  }
}

// MARK: Read

extension DamagedSegment {
  /// Reads it through its damage, as a check does of a queue whose depth is what was put.
  ///
  /// - Parameter measure: runs the reading itself.
  /// - Returns: its regions.
  /// - Throws: what reading reports.
  package func salvage(measure: (() throws -> Void) throws -> Void = { try $0() }) throws
    -> SalvageReport
  {
    let disk = InMemoryDisk()
    disk.plant("/data/file", bytes)
    let (limits, size) = (RecordLimits(), Int64(bytes.count))
    var scanner = SegmentScanner(disk: disk)
    let scan = try scanner.scan("/data/file", size: size, from: 0, limits: limits, trusted: size)
    let salvage = Salvage(
      disk: disk, limits: limits, trustsEmpties: Int(scan.records) == payloads.count)
    var report = SalvageReport(regions: [])
    try measure { report = try salvage.read("/data/file", size: size, trusted: size) }
    return report
  }
}
