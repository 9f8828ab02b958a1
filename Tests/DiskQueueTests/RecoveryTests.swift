import DiskQueue
import DiskQueueTesting
import QueueInspection
import SystemPackage
import Testing

/// Metadata and segments as found, and what opening must make of them.
struct RecoveryCase: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var metadata: String?
  /// Number, payloads, and bytes after them that are no record.
  var segments: [(Int64, [String], [UInt8])]
  var expected: [String]
  var findings: Set<Finding.Code>
  /// The metadata after opening; nil when it does not matter.
  var after: String?

  init(
    _ name: String, _ metadata: String?, _ segments: [(Int64, [String], [UInt8])],
    _ expected: [String], _ findings: Set<Finding.Code> = [], after: String? = nil
  ) {
    self.testDescription = name
    self.metadata = metadata
    self.segments = segments
    self.expected = expected
    self.findings = findings
    self.after = after
  }
}

/// Records of six bytes, ten on disk.
private let a = "AAAAAA"
private let b = "BBBBBB"
private let c = "CCCCCC"
private let d = "DDDDDD"
private let e = "EEEEEE"

@Suite struct RecoveryTests {
  static let cases: [RecoveryCase] = [
    .init("a clean queue", "2\n0,10\n0,30\n", [(0, [a, b, c], [])], [b, c]),
    .init("a clean empty queue whose segment stays", "0\n0,30\n0,30\n", [(0, [a, b, c], [])], []),
    .init("nothing at all", nil, [], []),
    .init(
      "F2 the reader stopped at the end of a complete file", "1\n0,20\n1,10\n",
      [(0, [a, b], []), (1, [c], [])], [c], after: "1\n1,0\n1,10\n"),
    .init(
      "F3 read file past write file", "1\n5,0\n0,10\n", [(0, [a], [])], [a], [.readPastWrite],
      after: "1\n0,0\n0,10\n"),
    .init(
      "F4 a legal empty queue for some versions", "0\n1,0\n0,100\n", [], [], [.readPastWrite],
      after: "0\n1,0\n1,0\n"),
    .init(
      "F4 the same with segments that go on after it", "0\n1,0\n0,100\n",
      [(0, [a, b], []), (1, [c], [])], [c], [.readPastWrite, .staleMetadata]),
    .init(
      "F5 complete files of any size end where they end", "4\n0,0\n2,10\n",
      [(0, [a, b], []), (1, [c], []), (2, [d], [])], [a, b, c, d]),
    .init(
      "F7 the writer was ahead of the metadata", "2\n0,0\n0,20\n", [(0, [a, b, c, d, e], [])],
      [a, b, c, d, e], [.staleMetadata], after: "5\n0,0\n0,50\n"),
    .init(
      "F7 with everything counted read", "0\n0,20\n0,20\n", [(0, [a, b, c], [])], [c],
      [.staleMetadata], after: "1\n0,20\n0,30\n"),
    .init(
      "F8 metadata one roll behind", "3\n0,0\n0,30\n",
      [(0, [a, b, c], []), (1, [d], []), (2, [e], [])], [a, b, c, d, e], [.staleMetadata],
      after: "5\n0,0\n2,10\n"),
    .init(
      "F10 the reader removed a file the metadata still names", "3\n0,0\n1,20\n",
      [(1, [d, e], [])], [d, e], [.missingSegment, .depthMismatch], after: "2\n1,0\n1,20\n"),
    .init("F11 metadata missing", nil, [(0, [a], []), (1, [b], [])], [a, b], [.metadataMissing]),
    .init("F11 metadata empty", "", [(3, [a, b], [])], [a, b], [.metadataInvalid]),
    .init("F11 metadata of NULs", "\0\0\0\0", [(0, [a], [])], [a], [.metadataInvalid]),
    .init("F11 metadata garbage", "hello\nworld", [(0, [a], [])], [a], [.metadataInvalid]),
    .init(
      "F12 cut after the read position", "1\n0,10\n", [(0, [a, b], [])], [b], [.metadataInvalid]),
    .init(
      "F12 write position cut from 30 to 3", "3\n0,0\n0,3", [(0, [a, b, c], [])], [a, b, c],
      [.metadataInvalid], after: "3\n0,0\n0,30\n"),
    .init(
      "F12 negative depth", "-7\n0,0\n0,20\n", [(0, [a, b], [])], [a, b],
      [.metadataInvalid, .depthMismatch]),
    .init(
      "F12 negative read position", "2\n0,-5\n0,20\n", [(0, [a, b], [])], [a, b],
      [.metadataInvalid]),
    .init("F12 carriage returns", "2\r\n0,0\r\n0,20\r\n", [(0, [a, b], [])], [a, b]),
    .init(
      "F13 read position inside a record", "3\n0,3\n0,30\n", [(0, [a, b, c], [])], [a, b, c],
      [.readInsideRecord], after: "3\n0,0\n0,30\n"),
    .init(
      "F13 read position inside the second record", "2\n0,14\n0,30\n", [(0, [a, b, c], [])],
      [b, c],
      [.readInsideRecord], after: "2\n0,10\n0,30\n"),
    .init(
      "F13 read past write in one file", "1\n0,30\n0,10\n", [(0, [a, b, c], [])], [a, b, c],
      [.readPastWrite, .staleMetadata]),
    .init(
      "F14 write file absent, position not 0", "0\n1,20\n1,20\n", [], [], after: "0\n1,0\n1,0\n"),
    .init(
      "F14 write file absent behind a complete one", "2\n0,0\n1,20\n", [(0, [a, b], [])], [a, b],
      [.missingSegment], after: "2\n0,0\n1,0\n"),
    .init(
      "F15 torn last record", "2\n0,0\n0,30\n", [(0, [a, b], [0, 0, 0, 6, 1])], [a, b],
      [.writePastEnd, .tornTail], after: "2\n0,0\n0,20\n"),
    .init(
      "F15 torn record past the metadata", "2\n0,0\n0,20\n", [(0, [a, b], [0, 0])], [a, b],
      [.tornTail], after: "2\n0,0\n0,20\n"),
    .init(
      "F16 zeros past the metadata", "2\n0,0\n0,20\n",
      [(0, [a, b], [UInt8](repeating: 0, count: 20))], [a, b], [.zeroTail],
      after: "2\n0,0\n0,20\n"),
    .init(
      "F16 zeros the metadata has passed but not counted", "2\n0,0\n0,40\n",
      [(0, [a, b], [UInt8](repeating: 0, count: 20))], [a, b], [.zeroTail],
      after: "2\n0,0\n0,20\n"),
    .init(
      "F16 zeros at the end of a complete segment", "3\n0,0\n1,10\n",
      [(0, [a, b], [UInt8](repeating: 0, count: 12)), (1, [c], [])], [a, b, c], [.zeroTail],
      after: "3\n0,0\n1,10\n"),
    .init(
      "F16 odd zeros at the end of a complete segment", "3\n0,0\n1,10\n",
      [(0, [a, b], [UInt8](repeating: 0, count: 9)), (1, [c], [])], [a, b, c], [.zeroTail]),
    .init(
      "F16 empty messages at the end of a complete segment that the metadata has counted",
      "5\n0,0\n1,10\n", [(0, [a, b, "", ""], []), (1, [c], [])], [a, b, "", "", c]),
    .init(
      "F16 reading stopped where the zeros of a complete segment begin", "1\n0,20\n1,10\n",
      [(0, [a, b], [UInt8](repeating: 0, count: 12)), (1, [c], [])], [c], [.zeroTail],
      after: "1\n1,0\n1,10\n"),
    .init(
      "F16 a complete segment of nothing but zeros", "2\n0,0\n2,10\n",
      [(0, [a], []), (1, [], [UInt8](repeating: 0, count: 12)), (2, [c], [])], [a, c],
      [.zeroTail]),
    .init(
      "F16 empty messages at the end that the metadata has counted", "5\n0,0\n0,32\n",
      [(0, [a, b, "", "", ""], [])], [a, b, "", "", ""]),
    .init(
      "F18 a middle file is missing", "4\n0,0\n2,20\n", [(0, [a], []), (2, [b, c], [])], [a, b, c],
      [.missingSegment, .depthMismatch]),
    .init(
      "F27 numbers past six digits", "2\n1234567,0\n1234568,10\n",
      [(1_234_567, [a], []), (1_234_568, [b], [])], [a, b]),
    .init(
      "depth too high", "99\n0,0\n0,20\n", [(0, [a, b], [])], [a, b], [.depthMismatch],
      after: "2\n0,0\n0,20\n"),
    .init(
      "write position past the end", "2\n0,0\n0,5000\n", [(0, [a, b], [])], [a, b],
      [.writePastEnd], after: "2\n0,0\n0,20\n"),
    .init(
      "an old segment before the read position", "1\n1,0\n1,10\n", [(0, [a], []), (1, [b], [])],
      [b], [.orphanSegment]),
    .init(
      "a write file far away", "1\n0,0\n9000000000000000,0\n", [(0, [a], [])], [a],
      [.missingSegment]),
    .init(
      "absurd numbers", "1\n9223372036854775807,0\n9223372036854775807,0\n", [(0, [a], [])], [a],
      [.metadataInvalid]),
  ]

  @Test(arguments: cases)
  func `opening delivers what is owed`(_ test: RecoveryCase) throws {
    let builder = DirectoryBuilder()
    if let metadata = test.metadata { builder.metadata(metadata) }
    for (number, payloads, extra) in test.segments {
      builder.segment(number, payloads, then: extra)
    }
    let queue = try builder.open()
    #expect(Set(queue.findings.map(\.code)) == test.findings)
    #expect(queue.depth == test.expected.count)
    if let after = test.after { #expect(builder.metadataText == after) }
    _ = try queue.checkedState
    #expect(try queue.takeAllText() == test.expected)
    #expect(queue.depth == 0)
    try queue.put("fresh")
    try queue.close()
    #expect(builder.disk.openCount == 0)

    let again = try builder.open()
    #expect(again.findings.filter { $0.code != .orphanSegment }.isEmpty)
    #expect(try again.takeAllText() == ["fresh"])
  }

  @Test func `F15 torn bytes are kept in quarantine`() throws {
    let builder = DirectoryBuilder()
    builder.metadata("1\n0,0\n0,10\n")
    builder.segment(0, [a], then: [0, 0, 0, 6, 7, 8])
    try builder.open().close()
    let kept = "/data/.diskq/quarantine/jobs.diskqueue.000000.dat@10"
    #expect(builder.disk.bytes(.init(kept)) == [0, 0, 0, 6, 7, 8])
    #expect(builder.disk.bytes("/data/jobs.diskqueue.000000.dat")?.count == 10)
  }

  @Test(arguments: ["a%d", "100%", "t:c", "t#ephemeral", "with space", ".hidden", "größe"])
  func `F26 any name and a percent sign in the path work`(name: String) throws {
    let disk = InMemoryDisk(directory: "/100%s")
    for round in 0..<2 {
      let queue = try DiskQueue(
        QueueName(name), directory: "/100%s", disk: disk, processes: FakeProcesses())
      #expect(queue.depth == round)
      try queue.put("round \(round)")
      try queue.close()
    }
    #expect(disk.files(in: "/100%s").keys.contains("\(name).diskqueue.000000.dat"))
  }

  @Test func `F29 a leftover temporary is found and read by nobody`() throws {
    let builder = DirectoryBuilder()
    builder.segment(0, [a])
    builder.metadata("1\n0,0\n0,10\n")
    builder.disk.plant("/data/jobs.diskqueue.meta.dat.7.tmp", Array("9\n9,9\n9,9\n".utf8))
    let report = try Checker("/data", disk: builder.disk).check(builder.queue)
    #expect(report.findings.map(\.code) == [.leftoverTemporary])
    #expect(try builder.open().takeAllText() == [a])
  }

  @Test func `F9 a segment with the next number is never written over`() throws {
    let builder = DirectoryBuilder()
    builder.metadata("1\n0,0\n0,10\n")
    builder.segment(0, [a])
    var options = DiskQueue.Options()
    options.maxBytesPerFile = 10
    let queue = try builder.open(options)
    builder.segment(1, [b, c])
    try queue.put(d)
    #expect(builder.disk.bytes("/data/jobs.diskqueue.000001.dat")?.count == 20)
    #expect(try queue.checkedState.write == Position(file: 2, offset: 10))
  }

  @Test(arguments: [100, 600])
  func `a plausible but wrong depth of a large backlog is corrected on the way`(claimed: Int) throws
  {
    let builder = DirectoryBuilder()
    let payload = String(repeating: "x", count: 9996)
    for number in 0..<200 as Range<Int64> { builder.segment(number, [payload, payload]) }
    builder.metadata("\(claimed)\n0,0\n199,20000\n")
    let queue = try builder.open()
    #expect(queue.depth == claimed)
    #expect(try queue.take(150).count == 150)
    _ = try queue.checkedState
    if claimed == 100 { #expect(queue.depth == 250) }
    #expect(try queue.take(.max).count == 250)
    #expect(queue.depth == 0)
    _ = try queue.checkedState
  }

  @Test func `F16 zeros at the end of one segment of a large backlog are found`() throws {
    let builder = DirectoryBuilder()
    let payload = String(repeating: "x", count: 99_996)
    for number in 0..<20 as Range<Int64> { builder.segment(number, [payload]) }
    builder.segment(7, [payload], then: [UInt8](repeating: 0, count: 400))
    builder.metadata("20\n0,0\n19,100000\n")
    let queue = try builder.open()
    #expect(queue.findings.map(\.code) == [.zeroTail])
    #expect(queue.depth == 20)
    #expect(try queue.take(.max).map(\.payload.count) == .init(repeating: 99_996, count: 20))
  }

  @Test func `opening a large queue after a clean close reads no backlog`() throws {
    let builder = DirectoryBuilder()
    let payload = String(repeating: "x", count: 9996)
    for number in 0..<200 as Range<Int64> { builder.segment(number, [payload, payload]) }
    builder.metadata("400\n0,0\n199,20000\n")
    let faulty = FaultyDisk(builder.disk)
    let queue = try DiskQueue(
      builder.queue, directory: builder.directory, disk: faulty, processes: FakeProcesses())
    #expect(queue.depth == 400)
    // No more than a look at the last bytes of each segment.
    #expect(faulty.counts[.read, default: 0] <= 410)
  }
}
