import DiskQueue
import DiskQueueTesting
import SystemPackage
import Testing

/// F46: what can be read behind damage stays in the queue when a writer opens it.
@Suite struct OpeningKeepsTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// Messages of which one has a wrong length.
    var messages: Int
    var broken: Int
    /// What stands for that length: past the end of the segment.
    var length: [UInt8] = [0x00, 0x7f, 0xff, 0xff]
    /// What follows the last message.
    var tail: [UInt8]
    var isLast = true
  }

  static let cases: [Case] = [
    Case(testDescription: "a torn end", messages: 1000, broken: 99, tail: [0, 0, 0, 9, 1]),
    Case(testDescription: "a torn length", messages: 1000, broken: 99, tail: [0, 0]),
    Case(
      testDescription: "zeros", messages: 1000, broken: 99, tail: [UInt8](repeating: 0, count: 40)),
    Case(
      testDescription: "odd zeros", messages: 100, broken: 9,
      tail: [UInt8](repeating: 0, count: 41)),
    Case(testDescription: "nothing", messages: 1000, broken: 99, tail: []),
    Case(
      testDescription: "one message and a torn one", messages: 3, broken: 1, tail: [0, 0, 0, 9]),
    Case(testDescription: "two messages and a byte", messages: 4, broken: 1, tail: [0]),
    Case(
      testDescription: "a complete segment with a torn end", messages: 100, broken: 9,
      tail: [0, 0, 0, 9, 1], isLast: false),
    Case(
      testDescription: "a complete segment with zeros", messages: 100, broken: 9,
      tail: [UInt8](repeating: 0, count: 40), isLast: false),
  ]

  private func text(_ number: Int) -> String { "message \(1000 + number)" }

  private func build(_ test: Case, withMetadata: Bool) -> DirectoryBuilder {
    let builder = DirectoryBuilder()
    var bytes = DirectoryBuilder.records((0..<test.messages).map(text))
    let size = Int64(bytes.count)
    let at = 16 * test.broken
    bytes.replaceSubrange(at..<(at + 4), with: test.length)
    builder.disk.plant("/data/jobs.diskqueue.000000.dat", bytes + test.tail)
    if !test.isLast { builder.segment(1, [text(test.messages)]) }
    if withMetadata {
      builder.metadata(
        test.isLast
          ? "\(test.messages)\n0,0\n0,\(size + 100)\n" : "\(test.messages + 1)\n0,0\n1,16\n")
    }
    return builder
  }

  @Test(arguments: cases, [false, true])
  func `a put cuts nothing away that can be read`(test: Case, withMetadata: Bool) throws {
    let builder = build(test, withMetadata: withMetadata)
    let before = builder.disk.bytes("/data/jobs.diskqueue.000000.dat")
    let queue = try builder.open()
    try queue.put("fresh")
    try queue.close()
    let after = try #require(builder.disk.bytes("/data/jobs.diskqueue.000000.dat"))
    #expect(before?.starts(with: after) == true)
    #expect(after.count >= 16 * test.messages)

    let again = try builder.open()
    let wanted = (0..<(test.messages + (test.isLast ? 0 : 1))).filter { $0 != test.broken }
      .map(text)
    #expect(again.depth == wanted.count + 1)
    #expect(try again.takeAllText() == wanted + ["fresh"])
    _ = try again.checkedState
  }

  @Test(arguments: [1, 2, 3]) func `one message and the start of a length are left in place`(
    count: Int
  ) throws {
    let builder = DirectoryBuilder()
    var bytes = DirectoryBuilder.records(["AAAAAA", "BBBBBB", "CCCCCC"])
    bytes.replaceSubrange(10..<14, with: [0, 0x7f, 0xff, 0xff])
    bytes += [UInt8](repeating: 0, count: count)
    builder.disk.plant("/data/jobs.diskqueue.000000.dat", bytes)
    let queue = try builder.open()
    try queue.put("fresh")
    try queue.close()
    let after = try #require(builder.disk.bytes("/data/jobs.diskqueue.000000.dat"))
    #expect(count == 1 || after == bytes)
  }

  @Test(arguments: [0, 12, 13])
  func `an all zero first segment is no message, and none comes twice`(zeros: Int) throws {
    let builder = DirectoryBuilder()
    builder.disk.plant(
      "/data/jobs.diskqueue.000000.dat", [UInt8](repeating: 0, count: zeros))
    builder.segment(1, ["AAAAAA", "BBBBBB"])
    builder.metadata("2\n0,0\n1,20\n")
    let queue = try builder.open()
    _ = try queue.checkedState
    #expect(queue.depth == 2)
    #expect(try queue.takeAllText() == ["AAAAAA", "BBBBBB"])
    try queue.close()
    #expect(try builder.open().takeAllText() == [])
  }

  @Test func `zeros in a complete segment that the metadata never counted are no messages`() throws
  {
    let builder = DirectoryBuilder()
    builder.segment(0, ["AAAAAA"])
    builder.segment(1, ["BBBBBB"], then: [UInt8](repeating: 0, count: 12))
    builder.segment(2, ["CCCCCC"])
    builder.metadata("1\n0,0\n0,10\n")
    let queue = try builder.open()
    #expect(queue.depth == 3)
    #expect(try queue.takeAllText() == ["AAAAAA", "BBBBBB", "CCCCCC"])
  }
}
