import DiskQueue
import DiskQueueTesting
import QueueInspection
import QueueOperations
import SystemPackage
import Testing

/// What salvage makes of damage where a single thing tells a message from none.
@Suite struct SalvageGuardTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var bytes: [UInt8]
    var minimum = 1
    var trusted: Int64 = 0
    var trustsEmpties = true
    var regions: [(Int64, Int64, SalvageRegion.Kind)]

    var expected: [SalvageRegion] {
      regions.map { SalvageRegion(start: $0.0, end: $0.1, kind: $0.2) }
    }

    /// What salvage makes of the bytes.
    func read() throws -> [SalvageRegion] {
      let disk = InMemoryDisk()
      disk.plant("/data/file", bytes)
      return try Salvage(
        disk: disk, limits: RecordLimits(minimum: minimum), trustsEmpties: trustsEmpties
      ).read("/data/file", size: Int64(bytes.count), trusted: trusted).regions
    }
  }

  /// So many bytes of text that begin with a number.
  static func text(_ number: Int, _ size: Int = 40) -> [UInt8] {
    Array(
      ("<\(100 + number) is a message of some words" + String(repeating: ".", count: size)).utf8
    )
    .prefix(size - 1) + [0x3E]
  }

  static func texts(_ range: Range<Int>) -> [[UInt8]] { range.map { text($0) } }

  static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

  static func noise(_ count: Int, seed: Int = 11) -> [UInt8] {
    var random = SeededGenerator(seed: UInt64(seed))
    return (0..<count).map { _ in UInt8.random(in: 128...255, using: &random) }
  }

  static func chain(_ payloads: [[UInt8]]) -> [UInt8] {
    var bytes: [UInt8] = []
    for payload in payloads { Record.append(payload, to: &bytes) }
    return bytes
  }

  /// A chain in which record `index` has another length.
  static func chain(_ payloads: [[UInt8]], _ lengths: [Int: [UInt8]]) -> [UInt8] {
    var bytes: [UInt8] = []
    for (index, payload) in payloads.enumerated() {
      let at = bytes.count
      Record.append(payload, to: &bytes)
      if let length = lengths[index] { bytes.replaceSubrange(at..<(at + 4), with: length) }
    }
    return bytes
  }

  static func changed(_ bytes: [UInt8], _ at: Int, _ new: [UInt8]) -> [UInt8] {
    var bytes = bytes
    bytes.replaceSubrange(at..<(at + new.count), with: new)
    return bytes
  }

  static func nsq(_ number: Int) -> [UInt8] {
    NSQEnvelope(
      timestamp: 1_795_000_000_000_000_000, attempts: 1, id: "0123456789abcde\(number % 10)",
      body: text(number)
    ).payload
  }

  private static func replacing(_ payloads: [[UInt8]], _ index: Int, _ payload: [UInt8])
    -> [[UInt8]]
  {
    var payloads = payloads
    payloads[index] = payload
    return payloads
  }

  private static let bad: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]
  private static let zeroFilled = chain(
    replacing(texts(0..<30), 12, Array("ab".utf8) + zeros(400)), [12: [0, 0, 0, 2]])
  private static let foreign = [UInt8](repeating: 0x7A, count: 30) + text(1, 36)

  /// Messages, of which those from twenty on carry their own length, as another chain would.
  private static let selfTelling = (0..<60).map { number in
    let text = "<message \(137 + number * 11) and words and more words, and more of them"
    let bytes = Array(text.utf8.prefix(43))
    return number < 20 ? bytes : changed(bytes, 4, [0, 0, 0, 43])
  }

  static let cases: [Case] = [
    Case(
      testDescription: "messages that carry their own length",
      bytes: Array(chain(selfTelling, [31: [0, 0, 0, 23]]).dropLast(17)),
      regions: [
        (0, 1484, .records(32, .certain)), (1484, 1504, .message(.guess)),
        (1504, 2773, .records(27, .certain)), (2773, 2803, .damage(.tornTail)),
      ]),
    Case(
      testDescription: "a long run of empty messages, where counts are right",
      bytes: chain(texts(0..<30)) + chain([[UInt8]](repeating: [], count: 500))
        + chain(texts(30..<60)),
      minimum: 0, trusted: .max,
      regions: [(0, 4640, .records(560, .certain))]),
    Case(
      testDescription: "a message of many zeros whose length is wrong, where counts are right",
      bytes: chain(
        replacing(texts(0..<30), 15, Array("ab".utf8) + zeros(2000)), [15: [0, 0, 0, 2]]),
      minimum: 0, trusted: .max,
      regions: [(0, 3282, .records(530, .certain))]),
    Case(
      testDescription: "noise at a torn end",
      bytes: chain((0..<32).map { text($0, 15) }) + chain([noise(221)]) + [0, 7],
      regions: [
        (0, 608, .records(32, .certain)), (608, 833, .records(1, .guess)),
        (833, 835, .damage(.tornTail)),
      ]),
    Case(
      testDescription: "zeros that are counted are empty messages",
      bytes: chain(texts(0..<3)) + zeros(80), minimum: 0, trusted: 212,
      regions: [(0, 212, .records(23, .certain))]),
    Case(
      testDescription: "zeros that nobody counts are none", bytes: chain(texts(0..<3)) + zeros(80),
      minimum: 0,
      regions: [(0, 132, .records(3, .certain)), (132, 212, .damage(.zeroTail))]),
    Case(
      testDescription: "zeros behind a message that ends with some",
      bytes: chain([text(0), text(1), text(2, 36) + zeros(4)]) + zeros(80), minimum: 0,
      regions: [
        (0, 88, .records(2, .certain)), (88, 132, .records(1, .likely)),
        (132, 212, .damage(.zeroTail)),
      ]),
    Case(
      testDescription: "zeros in a message whose length is wrong, where counts are right",
      bytes: zeroFilled, minimum: 0,
      regions: [(0, 1682, .records(130, .certain))]),
    Case(
      testDescription: "zeros in a message whose length is wrong, where counts are wrong",
      bytes: zeroFilled, minimum: 0, trustsEmpties: false,
      regions: [
        (0, 534, .records(13, .certain)), (534, 934, .message(.guess)),
        (934, 1682, .records(17, .certain)),
      ]),
    Case(
      testDescription: "runs of empty messages are not learned from, where counts are wrong",
      bytes: chain(
        (0..<30).map { text($0) } + [Array("ab".utf8) + zeros(400)] + texts(30..<60)
          + [Array("cd".utf8) + zeros(56)] + texts(60..<90),
        [30: [0, 0, 0, 2], 61: [0, 0, 0, 2]]), minimum: 0, trustsEmpties: false,
      regions: [
        (0, 1326, .records(31, .certain)), (1326, 1726, .message(.guess)),
        (1726, 3052, .records(31, .certain)), (3052, 3108, .message(.guess)),
        (3108, 4428, .records(30, .certain)),
      ]),
    Case(
      testDescription: "a queue of mostly empty messages",
      bytes: chain(
        (0..<60).map { $0 % 10 == 0 ? text($0) : [] }, [20: bad]), minimum: 0, trusted: .max,
      regions: [
        (0, 124, .records(11, .certain)), (124, 128, .records(1, .likely)),
        (128, 204, .message(.guess)), (204, 480, .records(39, .certain)),
      ]),
    Case(
      testDescription: "a segment that was put as a message stays one",
      bytes: chain(replacing(texts(0..<40), 20, chain(texts(40..<46))), [21: bad]),
      regions: [
        (0, 1148, .records(21, .certain)), (1148, 1192, .message(.guess)),
        (1192, 1984, .records(18, .certain)),
      ]),
    Case(
      testDescription: "usual messages under a length that is too long",
      bytes: chain(texts(0..<40), [20: [0, 0, 0, 172], 24: bad]),
      regions: [
        (0, 880, .records(20, .certain)), (880, 924, .message(.guess)),
        (924, 1056, .records(3, .certain)), (1056, 1100, .message(.guess)),
        (1100, 1760, .records(15, .certain)),
      ]),
    Case(
      testDescription: "a length that is too long, behind many good ones",
      bytes: chain(texts(0..<60), [30: [0, 0, 0, 60]]),
      regions: [
        (0, 1320, .records(30, .certain)), (1320, 1364, .message(.guess)),
        (1364, 2640, .records(29, .certain)),
      ]),
    Case(
      testDescription: "an empty message before damage",
      bytes: chain(texts(0..<20) + [[]]) + noise(60) + chain(texts(20..<40)), minimum: 0,
      regions: [
        (0, 880, .records(20, .certain)), (880, 884, .records(1, .likely)),
        (884, 944, .message(.guess)), (944, 1824, .records(20, .certain)),
      ]),
    Case(
      testDescription: "one record at the end, behind a short gap",
      bytes: chain(texts(0..<3)) + noise(30) + chain([text(4)]),
      regions: [
        (0, 132, .records(3, .certain)), (132, 162, .message(.guess)),
        (162, 206, .records(1, .certain)),
      ]),
    Case(
      testDescription: "one record at the end, behind a long gap",
      bytes: chain(texts(0..<3)) + noise(200_000) + chain([text(4)]),
      regions: [
        (0, 132, .records(3, .certain)), (132, 200132, .message(.guess)),
        (200132, 200176, .records(1, .certain)),
      ]),
    Case(
      testDescription: "one short record at the end, behind a long gap",
      bytes: chain([Array("a".utf8)]) + noise(200_000) + chain([Array("b".utf8)]),
      regions: [
        (0, 5, .records(1, .likely)), (5, 200005, .message(.guess)),
        (200005, 200010, .records(1, .likely)),
      ]),
    Case(
      testDescription: "a flipped bit in the length of what is no envelope",
      bytes: chain(replacing((0..<30).map(nsq), 12, foreign), [12: [0, 1, 0, 66]]),
      regions: [
        (0, 840, .records(12, .certain)), (840, 910, .message(.guess)),
        (910, 2100, .records(17, .certain)),
      ]),
    Case(
      testDescription: "a flipped bit in the length of an envelope",
      bytes: chain((0..<30).map(nsq), [12: [0, 1, 0, 66]]),
      regions: [
        (0, 840, .records(12, .certain)), (840, 910, .message(.likely)),
        (910, 2100, .records(17, .certain)),
      ]),
    Case(
      testDescription: "a flipped bit of so little worth that as many bytes may be lost",
      bytes: chain((0..<30).map(nsq), [12: [0, 0, 4, 66]]),
      regions: [
        (0, 840, .records(12, .certain)), (840, 910, .message(.guess)),
        (910, 2100, .records(17, .certain)),
      ]),
    Case(
      testDescription: "an end that is torn",
      bytes: Array(chain(texts(0..<30)).dropLast(20)),
      regions: [(0, 1276, .records(29, .certain)), (1276, 1300, .damage(.tornTail))]),
    Case(
      testDescription: "frames in a message between two damaged places",
      bytes: chain(
        replacing(texts(0..<40), 20, chain((0..<4).map { text($0, 24) }) + noise(60)), [20: bad]),
      regions: [
        (0, 880, .records(20, .certain)), (880, 884, .damage(.badLength)),
        (884, 996, .records(4, .guess)), (996, 1056, .message(.guess)),
        (1056, 1892, .records(19, .certain)),
      ]),
  ]

  @Test(arguments: cases) func `regions`(test: Case) throws {
    #expect(try test.read() == test.expected)
  }

  /// A queue of thirty messages, one of which has zeros that its length does not tell of.
  private func checked(_ metadata: String) throws -> (report: QueueReport, plan: Plan) {
    let builder = DirectoryBuilder()
    builder.disk.plant(
      builder.directory.file(.segment(0), of: builder.queue), SalvageGuardTests.zeroFilled)
    builder.metadata(metadata)
    return (
      try Checker(builder.directory, disk: builder.disk).check(builder.queue),
      try Operator(builder.directory, disk: builder.disk, processes: FakeProcesses())
        .planner.repair(builder.queue)
    )
  }

  @Test func `zeros are believed to be messages where their number is right`() throws {
    let (report, plan) = try checked("130\n0,0\n0,1682\n")
    #expect(report.findings.isEmpty && plan.isEmpty)
  }

  @Test func `zeros are not believed to be messages where their number is wrong`() throws {
    let (report, plan) = try checked("30\n0,0\n0,1682\n")
    #expect(report.findings.contains { $0.code == .badLength && $0.offset == 534 })
    #expect(plan.messages == 30)
  }

  @Test func `a repair puts no empty messages where opening cuts zeros off`() throws {
    let builder = DirectoryBuilder()
    builder.segment(0, ["one", "two", "three"], then: SalvageGuardTests.zeros(80))
    builder.metadata("3\n0,0\n0,23\n")
    let report = try Checker(builder.directory, disk: builder.disk).check(builder.queue)
    #expect(report.findings.map(\.code) == [.zeroTail])
    let plan = try Operator(builder.directory, disk: builder.disk, processes: FakeProcesses())
      .planner.repair(builder.queue)
    #expect(plan.messages == 3 && plan.lostBytes == 80)
    #expect(try builder.open().take(.max).map(\.text) == ["one", "two", "three"])
  }

  @Test func `the watch is told of the way through and of every damaged place`() throws {
    let bytes = SalvageGuardTests.noise(600)
    let disk = InMemoryDisk()
    disk.plant("/data/file", bytes)
    let told = Recorder<Int64>()
    _ = try Salvage(disk: disk, limits: RecordLimits(), watch: { told.append($0) })
      .read("/data/file", size: 600)
    #expect(told.values.first == 0)
    #expect(told.values.contains { $0 > 0 })
  }

  @Test(arguments: [40, 41])
  func
    `a length that leads to another boundary, or to the end, hides nothing where the count is wrong`(
      count: Int
    ) throws
  {
    let records = (0..<count).map { DirectoryBuilder.records(["\(100 + $0)"]) }
    var bytes = Array(records.joined())
    let start = 7 * 12
    // Up to the end for the one, up to a message before it for the other.
    let length = 7 * 40 - start - Record.headerSize
    bytes[start + 2] = UInt8(length >> 8)
    bytes[start + 3] = UInt8(length & 0xFF)
    let disk = InMemoryDisk()
    disk.plant("/data/file", bytes)
    let report = try Salvage(disk: disk, limits: RecordLimits(), trustsEmpties: false)
      .read("/data/file", size: Int64(bytes.count), trusted: Int64(bytes.count))
    #expect(report.messages(.likely) == Int64(count - 1))
    let trusting = try Salvage(disk: disk, limits: RecordLimits())
      .read("/data/file", size: Int64(bytes.count), trusted: Int64(bytes.count))
    #expect(trusting.isWhole)
  }

  @Test func `many messages between two stray lengths are no payload of one`() throws {
    func records(_ range: Range<Int>) -> [UInt8] {
      DirectoryBuilder.records(range.map { "\(1000 + $0)" })
    }
    let stray = [UInt8](repeating: 0xFF, count: 4)
    let bytes = records(0..<100) + stray + records(100..<300) + stray + records(300..<400)
    let disk = InMemoryDisk()
    disk.plant("/data/file", bytes)
    let report = try Salvage(disk: disk, limits: RecordLimits())
      .read("/data/file", size: Int64(bytes.count), trusted: Int64(bytes.count))
    #expect(report.messages(.certain) == 400)
  }
}
