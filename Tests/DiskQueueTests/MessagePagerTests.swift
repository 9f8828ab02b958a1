import DiskQueueTesting
import SystemPackage
import Testing

@testable import DiskQueue
@testable import QueueInspection

@Suite struct MessagePagerTests {
  /// A queue of many small segments, with three messages taken.
  private static func queue(_ count: Int, perFile: Int64 = 200) throws -> InMemoryDisk {
    let disk = InMemoryDisk(directory: "/d")
    var options = DiskQueue.Options()
    options.maxBytesPerFile = perFile
    let queue = try DiskQueue(
      QueueName("q"), directory: "/d", options: options, disk: disk, processes: FakeProcesses())
    for index in 0..<count { try queue.put("message \(index)") }
    _ = try queue.take(3)
    try queue.close()
    return disk
  }

  private static func pager(_ disk: InMemoryDisk) throws -> MessagePager {
    try MessagePager(QueueName("q"), in: "/d", disk: disk)
  }

  private static func texts(_ entries: [MessageEntry]) -> [String] {
    entries.map { String(decoding: $0.start, as: UTF8.self) }
  }

  @Test(arguments: [200, 1 << 20] as [Int64], [1, 7, 40])
  func `paging forwards and backwards shows every message once, in order`(
    perFile: Int64, size: Int
  ) throws {
    let disk = try Self.queue(100, perFile: perFile)
    var pager = try Self.pager(disk)
    var seen = try pager.page(.first, count: size)
    while let last = seen.last {
      let more = try pager.page(.after(last.position), count: size)
      if more.isEmpty { break }
      seen += more
    }
    let expected = (3..<100).map { "message \($0)" }
    #expect(Self.texts(seen) == expected)
    #expect(seen.map(\.number) == (1...97).map { Int64($0) })
    var back = try pager.page(.last, count: size)
    while let first = back.first {
      let more = try pager.page(.before(first.position), count: size)
      if more.isEmpty { break }
      back = more + back
    }
    #expect(back == seen)
  }

  @Test func `the end is numbered from the depth without reading what lies before it`() throws {
    let disk = try Self.queue(5000, perFile: 1000)
    var pager = try Self.pager(disk)
    disk.recordCalls()
    let last = try pager.page(.last, count: 5)
    #expect(last.map(\.number) == [4993, 4994, 4995, 4996, 4997])
    #expect(disk.calls.count { $0.hasPrefix("open") } <= 2)
  }

  @Test func `what one pager has passed, another can number`() throws {
    let disk = try Self.queue(1000, perFile: 1000)
    var searching = try Self.pager(disk)
    let found = try #require(
      try searching.find(ByteSearch("message 777"), from: searching.state.read, forward: true))
    var paging = try Self.pager(disk)
    #expect(try paging.page(.at(found), count: 1).first?.number == nil)
    paging.learn(searching.landmarks)
    #expect(try paging.page(.at(found), count: 1).first?.number == 775)
    // Once the reader is elsewhere, only later segments are the same.
    let queue = try DiskQueue(
      QueueName("q"), directory: "/d", disk: disk, processes: FakeProcesses())
    _ = try queue.take(5)
    try queue.close()
    var later = try Self.pager(disk)
    later.learn(searching.landmarks)
    _ = try later.page(.first, count: 200)
    #expect(try later.page(.at(found), count: 1).first?.number == 770)
  }

  @Test(arguments: [-5, 0, 1, 11, 12, 13, 199])
  func `any offset leads to the message that has it in it`(offset: Int64) throws {
    let disk = try Self.queue(100)
    var pager = try Self.pager(disk)
    let all = try pager.page(.first, count: 100)
    let start = try #require(all.first { $0.position.file == 2 }).position
    let place = Position(file: 2, offset: start.offset + offset)
    let found = try #require(try pager.page(.at(place), count: 1).first)
    let size = pager.state.end(of: 2)
    let expected =
      all.last { $0.position <= place && ($0.position.file == 2 || offset < 0) }?.position
    #expect(
      found.position
        == (place.offset >= size ? Position(file: 3, offset: 0) : offset < 0 ? start : expected))
  }

  @Test func `marks shorten the way back through a long segment`() throws {
    var marks = RecordMarks(from: 10)
    for ordinal in 0..<5000 as Range<Int64> {
      marks.note(.init(offset: 10 + ordinal * 20, ordinal: ordinal))
    }
    #expect(marks.marks.count == 5)
    #expect(marks.mark(before: 10 + 1024 * 20).ordinal == 1024)
    #expect(marks.mark(before: 10 + 1024 * 20 - 1).ordinal == 0)
    #expect(marks.mark(before: 0).ordinal == 0)
    #expect(marks.mark(100, before: 2100).ordinal == 1024)
    #expect(marks.mark(100, before: 50).ordinal == 0)
  }

  @Test func `damage is a line of its own, and the next segment goes on`() throws {
    let disk = InMemoryDisk(directory: "/d")
    let name = try QueueName("q")
    let records = DirectoryBuilder.records(["one", "two"])
    disk.plant(FilePath("/d").file(.segment(0), of: name), records + [0xFF, 0xFF, 0xFF, 0xFF, 1])
    disk.plant(FilePath("/d").file(.segment(1), of: name), DirectoryBuilder.records(["three"]))
    disk.plant(FilePath("/d").file(.metadata, of: name), Array("3\n0,0\n1,9\n".utf8))
    var pager = try Self.pager(disk)
    let forwards = try pager.page(.first, count: 10)
    #expect(Self.texts(forwards) == ["one", "two", "", "three"])
    #expect(forwards.map { $0.damage != nil } == [false, false, true, false])
    #expect(try pager.page(.last, count: 10) == forwards)
    #expect(try pager.message(at: forwards[2].position) == nil)
    #expect(try pager.message(at: forwards[3].position)?.text == "three")
  }

  @Test func `searching finds the next and the last before, across segments, in any case`() throws {
    let disk = try Self.queue(100)
    var pager = try Self.pager(disk)
    let all = try pager.page(.first, count: 100)
    let hits = all.filter { String(decoding: $0.start, as: UTF8.self).contains("7") }
      .map(\.position)
    var found: [Position] = []
    var place = all[0].position
    while let next = try pager.find(ByteSearch("e 7"), from: place, forward: true) {
      found.append(next)
      place = next
    }
    let wanted = all.filter { String(decoding: $0.start, as: UTF8.self).contains("e 7") }
    #expect(found == wanted.map(\.position))
    #expect(
      try pager.find(ByteSearch("MESSAGE 7"), from: all[0].position, forward: true) == nil)
    #expect(
      try pager.find(ByteSearch("message 99"), from: all[0].position, forward: true)
        == all.last?.position)
    let end = try #require(all.last).position
    #expect(try pager.find(ByteSearch("7"), from: end, forward: false) == hits.last { $0 < end })
    #expect(try pager.find(ByteSearch("nowhere"), from: end, forward: false) == nil)
  }

  @Test(arguments: [
    ("abc", "xxabcx", true), ("abc", "xxABCx", true), ("aBc", "xxabcx", false), ("a", "", false),
    ("", "", true), ("aab", "aaaab", true), ("zz", "z", false), ("ab", "ba", false),
  ])
  func `bytes are found in bytes`(pattern: String, text: String, holds: Bool) {
    #expect(ByteSearch(pattern).matches(Array(text.utf8)) == holds)
  }

  @Test func `a search agrees with a plain comparison at every place`() {
    var random = SeededGenerator(seed: 7)
    for _ in 0..<2000 {
      let text = (0..<Int.random(in: 0...30, using: &random)).map { _ in
        UInt8.random(in: 97...99, using: &random)
      }
      let wanted = (0..<Int.random(in: 1...4, using: &random)).map { _ in
        UInt8.random(in: 97...99, using: &random)
      }
      let plain = text.indices.contains { text[$0...].starts(with: wanted) }
      #expect(ByteSearch(String(decoding: wanted, as: UTF8.self)).matches(text) == plain)
    }
  }
}
