import DiskQueue
import DiskQueueTesting
import SystemPackage
import Testing

@Suite struct EngineTests {
  private func options(_ limit: Int64, _ rule: DiskQueue.Options.RollRule = .beforeLimit)
    -> DiskQueue.Options
  {
    var options = DiskQueue.Options()
    options.maxBytesPerFile = limit
    options.rollRule = rule
    return options
  }

  @Test(arguments: DiskQueue.Options.RollRule.allCases, [1, 10, 11, 25, 100] as [Int64])
  func `messages come back in order across segments and openings`(
    rule: DiskQueue.Options.RollRule, limit: Int64
  ) throws {
    let builder = DirectoryBuilder()
    var expected: [String] = []
    var taken: [String] = []
    for round in 0..<6 {
      let queue = try builder.open(options(limit, rule))
      for number in 0..<5 {
        try queue.put("m\(round)\(number)")
        expected.append("m\(round)\(number)")
        _ = try queue.checkedState
      }
      taken += try queue.take(3).map(\.text)
      _ = try queue.checkedState
      try queue.close()
    }
    let queue = try builder.open(options(limit, rule))
    #expect(queue.findings.isEmpty)
    #expect(queue.depth == 12)
    taken += try queue.takeAllText()
    #expect(taken == expected)
  }

  @Test func `before the limit, a record that would pass it goes to the next segment`() throws {
    let builder = DirectoryBuilder()
    let queue = try builder.open(options(20))
    for text in ["AAAAAA", "BBBBBB", "CCCCCC"] { try queue.put(text) }
    try queue.close()
    #expect(builder.disk.bytes("/data/jobs.diskqueue.000000.dat")?.count == 20)
    #expect(builder.metadataText == "3\n0,0\n1,10\n")
  }

  @Test func `after the limit, the record that passes it is the last of its segment`() throws {
    let builder = DirectoryBuilder()
    let queue = try builder.open(options(20, .afterLimit))
    for text in ["AAAAAA", "BBBBBB", "CCCCCC", "DDDDDD"] { try queue.put(text) }
    try queue.close()
    #expect(builder.disk.bytes("/data/jobs.diskqueue.000000.dat")?.count == 30)
    #expect(builder.metadataText == "4\n0,0\n1,10\n")
  }

  @Test func `F6 a message larger than the limit stands alone`() throws {
    let builder = DirectoryBuilder()
    let queue = try builder.open(options(20))
    let large = String(repeating: "L", count: 100)
    for text in ["a", large, "b"] { try queue.put(text) }
    #expect(builder.disk.bytes("/data/jobs.diskqueue.000001.dat")?.count == 104)
    #expect(try queue.takeAllText() == ["a", large, "b"])
  }

  @Test func `F1 F2 a reader that has caught up at a roll moves on`() throws {
    let builder = DirectoryBuilder()
    let queue = try builder.open(options(20))
    for round in 0..<10 {
      try queue.put("round\(round)")
      #expect(try queue.takeAllText() == ["round\(round)"])
      _ = try queue.checkedState
    }
    try queue.close()
    let names = builder.disk.files(in: "/data").keys.sorted()
    #expect(names == ["jobs.diskqueue.000004.dat", "jobs.diskqueue.meta.dat"])
    #expect(builder.metadataText == "0\n4,20\n4,20\n")
  }

  @Test func `a batch is the same as its messages one by one`() throws {
    let payloads = (0..<50).map { Array(String(repeating: "x", count: $0 % 7).utf8) }
    let single = DirectoryBuilder()
    let batch = DirectoryBuilder()
    let one = try single.open(options(64))
    for payload in payloads { try one.put(payload) }
    try one.close()
    let all = try batch.open(options(64))
    try all.put(contentsOf: payloads)
    try all.close()
    #expect(single.disk.files(in: "/data") == batch.disk.files(in: "/data"))
  }

  @Test func `payloads outside the limits are refused and change nothing`() throws {
    let builder = DirectoryBuilder()
    var options = DiskQueue.Options()
    options.minMessageSize = 2
    options.maxMessageSize = 4
    let queue = try builder.open(options)
    for text in ["", "x", "12345"] {
      let error = #expect(throws: DiskQueueError.self) { try queue.put(text) }
      #expect(error?.code == .messageSize)
    }
    #expect(queue.depth == 0)
    try queue.put("1234")
    #expect(queue.depth == 1)
  }

  @Test func `F22 a sync is data, then metadata, then directory, then retirement`() throws {
    let builder = DirectoryBuilder()
    let queue = try builder.open(options(10))
    try queue.put("AAAAAA")
    try queue.put("BBBBBB")
    try queue.sync()
    builder.disk.recordCalls()
    _ = try queue.take()
    try queue.put("CCCCCC")
    try queue.close()
    let calls = builder.disk.calls.map {
      $0.replacing(/meta\.dat\.[0-9]+\.tmp/, with: "TMP").replacing("jobs.diskqueue.", with: "")
    }.filter { !$0.hasPrefix("open") }
    func metadata(_ size: Int) -> [String] {
      ["write TMP \(size)", "fsync TMP", "rename TMP to meta.dat", "fsync data"]
    }
    // The take frees segment 0; the put rolls, and the metadata names segment 2 before it exists.
    #expect(
      calls == metadata(11) + ["unlink 000000.dat"] + metadata(10)
        + ["write 000002.dat 10", "fdatasync 000002.dat", "fsync data"] + metadata(11) + [
          "unlink jobs.lock"
        ])
  }

  @Test func `empty drops everything and goes on in the next segment`() throws {
    let builder = DirectoryBuilder()
    let queue = try builder.open(options(20))
    for number in 0..<5 { try queue.put("number\(number)") }
    try queue.empty()
    #expect(queue.depth == 0)
    #expect(builder.metadataText == "0\n5,0\n5,0\n")
    try queue.put("after")
    try queue.close()
    #expect(
      builder.disk.files(in: "/data").keys.sorted()
        == ["jobs.diskqueue.000005.dat", "jobs.diskqueue.meta.dat"])
  }

  @Test func `F28 delete removes exactly this queue's files`() throws {
    let builder = DirectoryBuilder()
    builder.disk.plant("/data/other.diskqueue.000000.dat", [])
    builder.disk.plant("/data/nsqd.dat", [])
    builder.disk.plant("/data/jobs.diskqueue.000000.dat.bad", [1])
    let queue = try builder.open()
    try queue.put("x")
    try queue.delete()
    #expect(
      builder.disk.files(in: "/data").keys.sorted() == ["nsqd.dat", "other.diskqueue.000000.dat"])
    let error = #expect(throws: DiskQueueError.self) { try queue.put("y") }
    #expect(error?.code == .closed)
  }

  @Test func `F24 a second opener is refused and told the holder`() throws {
    let builder = DirectoryBuilder()
    let queue = try builder.open()
    var processes = FakeProcesses()
    let lock = try builder.disk.status(at: "/data/.diskq/locks/jobs.lock")
    processes.held = [.init(process: 4242, exclusive: true, device: 1, inode: lock.inode)]
    let error = #expect(throws: DiskQueueError.self) {
      try DiskQueue(
        builder.queue, directory: "/data", disk: builder.disk, processes: processes)
    }
    #expect(error?.code == .inUse)
    #expect(error?.holder == 4242)
    try queue.close()
    try builder.open().close()
  }

  @Test func `nsqd and this library shut each other out`() throws {
    let builder = DirectoryBuilder()
    let nsqd = try builder.disk.open("/data", .directory)
    #expect(try builder.disk.lock(nsqd, .exclusive))
    let error = #expect(throws: DiskQueueError.self) { try builder.open() }
    #expect(error?.code == .inUse)
    builder.disk.close(nsqd)
    let queue = try builder.open()
    let other = try builder.disk.open("/data", .directory)
    #expect(try !builder.disk.lock(other, .exclusive))
    builder.disk.close(other)
    try queue.close()
    #expect(builder.disk.openCount == 0)
  }

  @Test func `open files of another process are seen, and not seeing is refused`() throws {
    let builder = DirectoryBuilder()
    builder.segment(0, ["AAAAAA"])
    let inode = try builder.disk.status(at: "/data/jobs.diskqueue.000000.dat").inode
    var processes = FakeProcesses()
    processes.open = OpenFiles(entries: [.init(process: 7, device: 1, inode: inode)])
    let before = builder.disk.files(in: "/data")
    func open(_ options: DiskQueue.Options = .init()) throws -> DiskQueue {
      try DiskQueue(
        builder.queue, directory: "/data", options: options, disk: builder.disk,
        processes: processes)
    }
    #expect(throws: DiskQueueError.self) { try open() }
    processes.open = OpenFiles(complete: false)
    let error = #expect(throws: DiskQueueError.self) { try open() }
    #expect(error?.code == .ownerUnknown)
    #expect(builder.disk.files(in: "/data") == before)
    var options = DiskQueue.Options()
    options.assumeOffline = true
    let queue = try open(options)
    #expect(queue.depth == 1)
    try queue.close()
    // Where /proc hides somebody, the file itself may tell.
    builder.disk.tellOpenings()
    let handle = try builder.disk.open("/data/jobs.diskqueue.000000.dat", .read)
    let seen = #expect(throws: DiskQueueError.self) { try open() }
    #expect(seen?.code == .inUse)
    builder.disk.close(handle)
    try open().close()
  }
}
