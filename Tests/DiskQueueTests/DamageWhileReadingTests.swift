import DiskQueue
import DiskQueueTesting
import SystemPackage
import Testing

/// What taking does with damage, and with failures that are none.
@Suite struct DamageWhileReadingTests {
  /// As go-diskqueue does it.
  private var quarantine: DiskQueue.Options {
    var options = DiskQueue.Options()
    options.damage = .quarantine
    return options
  }

  @Test func `F17 an impossible length makes the file bad and the next is read`() throws {
    let builder = DirectoryBuilder()
    builder.segment(0, ["AAAAAA"], then: [0xFF, 0xFF, 0xFF, 0xFF, 1, 2])
    builder.segment(1, ["BBBBBB"])
    builder.metadata("3\n0,0\n1,10\n")
    let queue = try builder.open(quarantine)
    #expect(queue.depth == 2)
    #expect(try queue.takeAllText() == ["AAAAAA", "BBBBBB"])
    #expect(builder.disk.bytes("/data/jobs.diskqueue.000000.dat.bad")?.count == 16)
    #expect(queue.depth == 0)
  }

  @Test(arguments: [false, true])
  func `F17 a wrong length past the end is no torn tail when records follow it`(isLast: Bool)
    throws
  {
    let builder = DirectoryBuilder()
    let wrong: [UInt8] = [0x7B, 0x22, 0x69, 0x64] + Array("BBBBBB".utf8)
    let rest = DirectoryBuilder.records(["CCCCCC", "DDDDDD", "EEEEEE"])
    builder.segment(0, ["AAAAAA"], then: wrong + rest)
    if !isLast { builder.segment(1, ["FFFFFF"]) }
    builder.metadata(isLast ? "5\n0,0\n0,50\n" : "6\n0,0\n1,10\n")
    let queue = try builder.open(quarantine)
    try queue.put("after")
    #expect(
      try queue.takeAllText() == (isLast ? ["AAAAAA", "after"] : ["AAAAAA", "FFFFFF", "after"]))
    #expect(builder.disk.bytes("/data/jobs.diskqueue.000000.dat.bad")?.count == 50)
  }

  @Test func `F19 an existing bad file is never overwritten`() throws {
    let builder = DirectoryBuilder()
    builder.disk.plant("/data/jobs.diskqueue.000000.dat.bad", [42])
    builder.segment(0, ["AAAAAA"], then: [0xFF, 0xFF, 0xFF, 0xFF])
    builder.segment(1, ["BBBBBB"])
    builder.metadata("2\n0,0\n1,10\n")
    #expect(try builder.open(quarantine).takeAllText() == ["AAAAAA", "BBBBBB"])
    #expect(builder.disk.bytes("/data/jobs.diskqueue.000000.dat.bad") == [42])
    #expect(builder.disk.bytes("/data/jobs.diskqueue.000000.dat.bad.1")?.count == 14)
  }

  @Test func `F15 a torn record in a complete file is kept, and no file becomes bad`() throws {
    let builder = DirectoryBuilder()
    builder.segment(0, ["AAAAAA"], then: [0, 0, 0, 9, 1])
    builder.segment(1, ["BBBBBB"])
    builder.metadata("2\n0,0\n1,10\n")
    let queue = try builder.open()
    #expect(try queue.takeAllText() == ["AAAAAA", "BBBBBB"])
    try queue.close()
    let files = builder.disk.files(in: "/data")
    #expect(files[".diskq/quarantine/jobs.diskqueue.000000.dat@10"] == [0, 0, 0, 9, 1])
    #expect(!files.keys.contains { $0.contains(".bad") })
  }

  @Test(arguments: [Errno.tooManyOpenFiles, .permissionDenied, .ioError])
  func `F25 a transient error is an error, never damage`(cause: Errno) throws {
    let builder = DirectoryBuilder()
    builder.segment(0, ["AAAAAA", "BBBBBB"])
    builder.metadata("2\n0,0\n0,20\n")
    let faulty = FaultyDisk(builder.disk)
    let queue = try DiskQueue(
      builder.queue, directory: "/data", disk: faulty, processes: FakeProcesses())
    faulty.inject(.init(.open, times: 2, cause: cause, suffix: "000000.dat"))
    let error = #expect(throws: DiskQueueError.self) { try queue.take() }
    #expect(error?.cause == cause)
    #expect(throws: DiskQueueError.self) { try queue.take() }
    #expect(try queue.takeAllText() == ["AAAAAA", "BBBBBB"])
    #expect(!builder.disk.files(in: "/data").keys.contains { $0.contains(".bad") })
  }

  @Test(arguments: [0, 3, 9])
  func `F20 a full disk refuses the put, leaves no litter, and works again`(written: Int) throws {
    let builder = DirectoryBuilder()
    let faulty = FaultyDisk(builder.disk)
    let queue = try DiskQueue(
      builder.queue, directory: "/data", disk: faulty, processes: FakeProcesses())
    try queue.put("AAAAAA")
    faulty.inject(.init(.write, times: 2, cause: .noSpace, written: written, suffix: ".dat"))
    for _ in 0..<2 {
      let error = #expect(throws: DiskQueueError.self) { try queue.put("BBBBBB") }
      #expect(error?.code == .noSpace)
    }
    #expect(builder.disk.bytes("/data/jobs.diskqueue.000000.dat")?.count == 10)
    try queue.put("CCCCCC")
    #expect(try queue.takeAllText() == ["AAAAAA", "CCCCCC"])
    try queue.close()
    #expect(!builder.disk.files(in: "/data").keys.contains { $0.hasSuffix(".tmp") })
  }

  @Test func `short reads and writes change nothing`() throws {
    let builder = DirectoryBuilder()
    let faulty = FaultyDisk(builder.disk)
    faulty.shortenTransfers(true)
    let queue = try DiskQueue(
      builder.queue, directory: "/data", disk: faulty, processes: FakeProcesses())
    let texts = (0..<100).map { "message \($0)" }
    for text in texts { try queue.put(text) }
    #expect(try queue.takeAllText() == texts)
  }
}
