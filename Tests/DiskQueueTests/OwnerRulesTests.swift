import DiskQueue
import DiskQueueTesting
import QueueInspection
import QueueOperations
import SystemPackage
import Testing

/// What is left for a Go program that comes next, and what an option changes.
@Suite struct OwnerRulesTests {
  @Test(arguments: [false, true])
  func `F37 a segment past the limit is rolled at once`(inBatch: Bool) throws {
    let builder = DirectoryBuilder()
    var options = DiskQueue.Options()
    options.rollRule = .afterLimit
    options.maxBytesPerFile = 25
    let queue = try builder.open(options)
    let texts = ["AAAAAA", "BBBBBB", "CCCCCC"]
    if inBatch {
      try queue.put(contentsOf: texts.map { Array($0.utf8) })
    } else {
      for text in texts { try queue.put(text) }
    }
    #expect(builder.metadataText == "3\n0,0\n1,0\n")
    #expect(try queue.takeAllText() == texts)
    try queue.close()
    #expect(builder.metadataText == "0\n1,0\n1,0\n")
  }

  @Test func `F37 a segment that ends exactly at the limit takes one more`() throws {
    let builder = DirectoryBuilder()
    var options = DiskQueue.Options()
    options.rollRule = .afterLimit
    options.maxBytesPerFile = 20
    let queue = try builder.open(options)
    for text in ["AAAAAA", "BBBBBB"] { try queue.put(text) }
    #expect(try queue.checkedState.write == Position(file: 0, offset: 20))
    try queue.put("CCCCCC")
    #expect(try queue.checkedState.write == Position(file: 1, offset: 0))
  }

  @Test func `F37 closing rolls what another owner left past the limit`() throws {
    let builder = DirectoryBuilder()
    builder.segment(0, ["AAAAAA", "BBBBBB", "CCCCCC"])
    builder.metadata("3\n0,0\n0,30\n")
    var options = DiskQueue.Options()
    options.rollRule = .afterLimit
    options.maxBytesPerFile = 20
    try builder.open(options).close()
    #expect(builder.metadataText == "3\n0,0\n1,0\n")
  }

  @Test(arguments: [false, true])
  func `F39 metadata is there before the first message is`(inBatch: Bool) throws {
    let builder = DirectoryBuilder()
    let queue = try builder.open()
    #expect(builder.metadataText == nil)
    if inBatch {
      try queue.put(contentsOf: [Array("AAAAAA".utf8)])
    } else {
      try queue.put("AAAAAA")
    }
    // No sync, as after a kill.
    #expect(builder.metadataText == "0\n0,0\n0,0\n")
    #expect(queue.depth == 1)
  }

  @Test func `syncEvery and syncTimeout leave the kind of durability alone`() {
    var options = DiskQueue.Options()
    options.durability = .everyPut
    options.syncEvery = 7
    options.syncTimeout = .seconds(9)
    #expect(options.durability == .everyPut)
    #expect(options.syncEvery == 7)
    #expect(options.syncTimeout == .seconds(9))
    options.durability = .batched(every: 3, within: .seconds(4))
    options.syncEvery = 8
    #expect(options.durability == .batched(every: 8, within: .seconds(4)))
  }

  @Test(arguments: [(Int64(1), true), (60, true), (1, false)])
  func `F42 what a live owner leaves between two syncs is information`(age: Int64, isOwned: Bool)
    throws
  {
    let builder = DirectoryBuilder()
    builder.segment(0, ["AAAAAA"])
    builder.disk.plant("/data/jobs.diskqueue.meta.dat.7.tmp", [])
    let path: FilePath = "/data/jobs.diskqueue.000000.dat"
    let status = try builder.disk.status(at: path)
    var processes = FakeProcesses()
    if isOwned {
      processes.open.entries = [.init(process: 42, device: status.device, inode: status.inode)]
    }
    let tag = try builder.disk.status(at: "/data/jobs.diskqueue.meta.dat.7.tmp").modified
    let last = max(tag, status.modified)
    var survey = Survey("/data", disk: builder.disk, processes: processes) {
      [processes] in
      _ = processes
      return Timestamp(nanoseconds: last.nanoseconds + age * 1_000_000_000)
    }
    let report = try survey.refresh()
    let found = report.queues[0].findings.filter { $0.code != .openElsewhere }
    #expect(Set(found.map(\.code)) == [.metadataMissing, .leftoverTemporary])
    #expect(found.allSatisfy { ($0.severity == .info) == (isOwned && age < 5) })
  }

  @Test(arguments: [Int64.min, -62_135_596_800, -1, 0, 10_413_792_000, Int64.max])
  func `any time of a file is told without a trap`(seconds: Int64) {
    let time = Timestamp(seconds: seconds, nanoseconds: 999_999_999)
    #expect(!time.rfc3339Full.isEmpty && !time.compact.isEmpty)
    let now = Timestamp(nanoseconds: 1_795_000_000_000_000_000)
    #expect((now.nanoseconds(since: time) >= 0) == (time <= now))
  }

  /// Depths, files and offsets at the edges, in every place of the metadata.
  @Test func `no number in the metadata is a trap`() throws {
    let numbers: [Int64] = [
      .min, -1, 0, 7, 20, 1 << 31, (1 << 53) - 1, 1 << 53, (1 << 53) + 1, .max - 1, .max,
    ]
    for seed in 0..<300 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      func any() -> Int64 { numbers.randomElement(using: &random) ?? 0 }
      let builder = DirectoryBuilder()
      let file = Bool.random(using: &random) ? 0 : any()
      if (0...FileName.largestNumber).contains(file) {
        builder.segment(file, ["AAAAAA", "BBBBBB"], then: [0, 0, 0])
      }
      builder.metadata("\(any())\n\(any()),\(any())\n\(any()),\(any())\n")
      var survey = Survey("/data", disk: builder.disk, processes: FakeProcesses()) {
        Timestamp(nanoseconds: seed.isMultiple(of: 2) ? .max : 0)
      }
      _ = try survey.refresh()
      _ = try Checker("/data", disk: builder.disk).check(builder.queue, bad: true)
      _ = try Planner("/data", disk: builder.disk).repair(builder.queue)
      guard let queue = try? builder.open() else { continue }
      let owed = queue.depth
      if (try? queue.put("fresh")) != nil { #expect(try queue.take(.max).count == owed + 1) }
      try queue.close()
    }
  }

  @Test func `damage among what is read already is told as information`() throws {
    let builder = DirectoryBuilder()
    var bytes = DirectoryBuilder.records(["AAAAAA", "BBBBBB", "CCCCCC", "DDDDDD"])
    bytes.replaceSubrange(10..<14, with: [0xff, 0xff, 0xff, 0xff])
    builder.disk.plant("/data/jobs.diskqueue.000000.dat", bytes)
    for (read, severity) in [(20, Finding.Severity.info), (0, .error)] {
      builder.metadata("\(read == 0 ? 4 : 2)\n0,\(read)\n0,40\n")
      let report = try Checker("/data", disk: builder.disk).check(builder.queue)
      #expect(report.findings.filter { $0.code == .badLength }.map(\.severity) == [severity])
    }
  }
}
