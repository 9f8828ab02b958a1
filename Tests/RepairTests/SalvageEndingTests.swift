import DiskQueueTesting
import SystemPackage
import Testing

@testable import DiskQueue
@testable import QueueInspection

/// How sure the last record before a gap is, and what else a single thing decides.
@Suite struct SalvageEndingTests {
  typealias Case = SalvageGuardTests.Case

  private static func text(_ number: Int, _ size: Int = 40) -> [UInt8] {
    SalvageGuardTests.text(number, size)
  }

  private static func texts(_ range: Range<Int>) -> [[UInt8]] { SalvageGuardTests.texts(range) }

  private static func zeros(_ count: Int) -> [UInt8] { SalvageGuardTests.zeros(count) }

  private static func noise(_ count: Int, seed: Int = 11) -> [UInt8] {
    SalvageGuardTests.noise(count, seed: seed)
  }

  private static func chain(_ payloads: [[UInt8]], _ lengths: [Int: [UInt8]] = [:]) -> [UInt8] {
    SalvageGuardTests.chain(payloads, lengths)
  }

  private static func changed(_ bytes: [UInt8], _ at: Int, _ new: [UInt8]) -> [UInt8] {
    SalvageGuardTests.changed(bytes, at, new)
  }

  /// The same, but that the end of one is not like another's.
  private static func open(_ number: Int) -> [UInt8] {
    text(number).dropLast() + [Array("aeimorsw".utf8)[number % 8]]
  }

  /// Twelve records, half of one and the seventeen behind that, which are so much older.
  private static func writtenAnew(newer seconds: Int64) -> [UInt8] {
    func message(_ number: Int, _ time: Int64) -> [UInt8] {
      NSQEnvelope(
        timestamp: time * 1_000_000_000, attempts: 1, id: "0123456789abcdef",
        body: Array(text(number).dropLast()) + [UInt8(0x30 + number)]
      ).payload
    }
    return chain((0..<12).map { message($0, 1_795_000_000 + seconds) })
      + chain((12..<30).map { message($0, 1_795_000_000) }).dropFirst(35)
  }

  private static let allSelfTelling = (0..<60).map { number -> [UInt8] in
    let text = "<message \(137 + number * 11) and words and more words, and more"
    return changed(Array(text.utf8.prefix(43)), 4, [0, 0, 0, 43])
  }

  /// Messages with an empty one behind every fifth, and ten behind every fiftieth.
  private static let manyEmpties = (0..<300).flatMap { number -> [[UInt8]] in
    let count = number % 50 == 9 ? 10 : number % 5 == 2 ? 1 : 0
    return [text(number)] + [[UInt8]](repeating: [], count: count)
  }

  static let cases: [Case] = [
    Case(
      testDescription: "a record before bytes that no message has",
      bytes: changed(chain((0..<30).map(open)), 528, [0x81, 0x92, 0xA3, 0xB4] + noise(12)),
      regions: [
        (0, 484, .records(11, .certain)), (484, 528, .records(1, .likely)),
        (528, 572, .message(.guess)), (572, 1320, .records(17, .certain)),
      ]),
    Case(
      testDescription: "a record before bytes that may be a message's",
      bytes: changed(chain((0..<30).map(open)), 528, Array("message some wor".utf8)),
      regions: [
        (0, 484, .records(11, .certain)), (484, 528, .records(1, .guess)),
        (528, 572, .message(.guess)), (572, 1320, .records(17, .certain)),
      ]),
    Case(
      testDescription: "a record before zeros, of which it has some itself",
      bytes: changed(chain((0..<30).map(open)), 526, zeros(16)),
      regions: [
        (0, 484, .records(11, .certain)), (484, 528, .records(1, .guess)),
        (528, 572, .message(.guess)), (572, 1320, .records(17, .certain)),
      ]),
    Case(
      testDescription: "an end like no other's before zeros at the end",
      bytes: chain(texts(0..<30) + [Array(text(30).dropLast()) + [0x41]]) + zeros(80), minimum: 0,
      regions: [(0, 1364, .records(31, .certain)), (1364, 1444, .damage(.zeroTail))]),
    Case(
      testDescription: "runs of empty messages, short and long, where counts are wrong",
      bytes: chain(manyEmpties), minimum: 0, trusted: .max, trustsEmpties: false,
      regions: [(0, 13_680, .records(420, .certain))]),
    Case(
      testDescription: "a short message of any bytes before damage",
      bytes: changed(chain((0..<30).map { noise(100, seed: $0) }), 1248, noise(16, seed: 99)),
      regions: [
        (0, 1144, .records(11, .certain)), (1144, 1248, .records(1, .likely)),
        (1248, 1352, .message(.guess)), (1352, 3120, .records(17, .certain)),
      ]),
    Case(
      testDescription: "a long message of any bytes before damage",
      bytes: changed(chain((0..<30).map { noise(1100, seed: $0) }), 13_248, noise(16, seed: 99)),
      regions: [
        (0, 12_144, .records(11, .certain)), (12_144, 13_248, .records(1, .guess)),
        (13_248, 14_352, .message(.guess)), (14_352, 33_120, .records(17, .certain)),
      ]),
    Case(
      testDescription: "messages that carry their own length, all of them",
      bytes: chain(allSelfTelling, [2: [0, 0, 0, 20]]),
      regions: [
        (0, 94, .records(2, .certain)), (94, 118, .records(1, .guess)),
        (118, 141, .message(.guess)), (141, 2820, .records(57, .certain)),
      ]),
    // Twelve new ones over thirty older ones, as a queue that was opened with old metadata leaves them.
    Case(
      testDescription: "a beginning that was written anew, by times",
      bytes: writtenAnew(newer: 1),
      regions: [
        (0, 770, .records(11, .certain)), (770, 840, .records(1, .likely)),
        (840, 875, .message(.guess)), (875, 2065, .records(17, .certain)),
      ]),
    Case(
      testDescription: "a beginning that was written over, by times",
      bytes: writtenAnew(newer: -1),
      regions: [
        (0, 770, .records(11, .certain)), (770, 840, .records(1, .guess)),
        (840, 875, .message(.guess)), (875, 2065, .records(17, .certain)),
      ]),
    Case(
      testDescription: "a record before a payload without its length",
      bytes: changed(chain((0..<30).map(open)), 528, Array("some".utf8)),
      regions: [
        (0, 484, .records(11, .certain)), (484, 528, .records(1, .likely)),
        (528, 572, .message(.guess)), (572, 1320, .records(17, .certain)),
      ]),
    Case(
      testDescription: "a record that has lost a byte before a length that is wrong",
      bytes: {
        var bytes = changed(chain((0..<30).map(open)), 531, Array("so".utf8))
        bytes.remove(at: 510)
        return bytes
      }(),
      regions: [
        (0, 484, .records(11, .certain)), (484, 528, .records(1, .guess)),
        (528, 571, .message(.guess)), (571, 1319, .records(17, .certain)),
      ]),
    Case(
      testDescription: "a stray length that leads to another boundary, where counts are wrong",
      bytes: chain(texts(0..<12)) + [0, 0, 4, 0xD0] + chain(texts(12..<60)), trustsEmpties: false,
      regions: [
        (0, 528, .records(12, .certain)), (528, 532, .damage(.badLength)),
        (532, 2644, .records(48, .certain)),
      ]),
    Case(
      testDescription: "a message that holds others, where counts are right",
      bytes: chain(texts(0..<12)) + [0, 0, 4, 0xD0] + chain(texts(12..<60)),
      regions: [(0, 2644, .records(33, .certain))]),
  ]

  @Test(arguments: cases) func `regions`(test: Case) throws {
    #expect(try test.read() == test.expected)
  }

  /// Empty messages before a gap: one is likely, where the queue has such; more may be zeros.
  @Test(arguments: [(1, true, false), (2, true, false), (1, false, false), (2, false, true)])
  func `empty messages before a gap`(count: Int, usual: Bool, trusts: Bool) throws {
    let bytes =
      Self.chain(Self.texts(0..<10) + [[UInt8]](repeating: [], count: count))
      + Self.noise(40) + Self.chain(Self.texts(10..<40))
    let disk = InMemoryDisk()
    disk.plant("/data/file", bytes)
    let handle = try disk.open("/data/file", .read)
    defer { disk.close(handle) }
    var model = MessageModel.blank(trustsEmpties: trusts)
    for number in 0..<40 {
      if usual { model.learn(length: 0, start: [], last: nil) }
      let payload = Self.text(number)
      model.learn(length: payload.count, start: payload.prefix(64), last: payload.last)
    }
    model.settle()
    var first = Chain(at: 0, isAnchored: true)
    for _ in 0..<10 { first = first.adding(40, gain: 20, ending: 5, cost: 8, isUsual: true) }
    for _ in 0..<count { first = first.adding(0, gain: 0, cost: 2, isUsual: usual) }
    var second = Chain(at: first.end + 40, isAnchored: false)
    for _ in 0..<30 { second = second.adding(40, gain: 20, ending: 5, cost: 8, isUsual: true) }
    var labels = Labels(
      model, RecordLimits(), ByteWindows(disk, handle, size: Int64(bytes.count)))
    let regions = try labels.regions(of: [first, second])
    let expected: Confidence = trusts || usual && count == 1 ? .likely : .guess
    #expect(
      regions.prefix(2) == [
        SalvageRegion(start: 0, end: 440, kind: .records(10, .certain)),
        SalvageRegion(
          start: 440, end: 440 + Int64(count) * 4, kind: .records(Int64(count), expected)),
      ])
  }

  @Test func `the watch is told of the way through what is whole`() throws {
    let bytes = Self.chain((0..<1000).map { Self.text($0, 1000) })
    let disk = InMemoryDisk()
    disk.plant("/data/file", bytes)
    let told = Recorder<Int64>()
    _ = try Salvage(
      disk: disk, limits: RecordLimits(), trustsEmpties: false, watch: { told.append($0) }
    ).read("/data/file", size: Int64(bytes.count))
    #expect(told.values == told.values.sorted())
    #expect(told.values.count { $0 > 0 } >= 3)
  }
}
