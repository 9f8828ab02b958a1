import DiskQueue
import DiskQueueTesting
import Foundation
import QueueInspection
import QueueOperations
import SystemPackage
import Testing

/// Checks that nothing else would miss: owners, links, order of syncs, folders of others.
@Suite struct GuardTests {
  private func build(_ count: Int = 40) throws -> Repairer {
    let repairer = Repairer(DirectoryBuilder(disk: InMemoryDisk()))
    let queue = try repairer.builder.open(repairer.options)
    for index in 0..<count { try queue.put("message \(100 + index)") }
    try queue.close()
    return repairer
  }

  @Test func `an act that is refused leaves the backups of others`() throws {
    let stage = try build()
    let (worker, name, disk) = (stage.worker, stage.builder.queue, stage.builder.disk)
    _ = try worker.apply(worker.planner.skip(name, 5))
    let before = disk.files(in: "/data/.diskq/backup")
    let folders = Set(disk.folders)
    let plan = try worker.planner.drain(name, to: "a test")
    let queue = try stage.builder.open(stage.options)
    try queue.put("later")
    try queue.close()
    let error = #expect(throws: DiskQueueError.self) {
      try worker.drain(by: plan) { _ in }
    }
    #expect(error?.code == .planVoid)
    #expect(disk.files(in: "/data/.diskq/backup") == before)
    #expect(Set(disk.folders) == folders)
  }

  @Test(arguments: ["empty", "move", "repair", "undo"])
  func `a file system without second names`(act: String) throws {
    let stage = try build()
    let (worker, name, disk) = (
      stage.worker, stage.builder.queue, stage.builder.disk
    )
    disk.refuseLinks()
    let before = Repairer.files(disk)
    let selection = MessageSelection(matches: { $0.last == UInt8(ascii: "5") })
    let id: String
    if act == "empty" {
      id = try worker.apply(worker.planner.empty(name)).id
    } else {
      let plan = try worker.planner.move(name, selection, to: "a test")
      id = try worker.move(by: plan, of: selection) { _ in }.id
    }
    let record = try OperationStore(of: "/data", disk: disk).find(id)
    _ = try worker.apply(UndoPlanner(worker.planner, record).plan())
    #expect(Repairer.files(disk) == before)
  }

  @Test func `an act is refused while a program has the files open`() throws {
    let stage = try build()
    let plan = try stage.worker.planner.empty(stage.builder.queue)
    let inode = try stage.builder.disk.status(at: "/data/jobs.diskqueue.000000.dat").inode
    var processes = FakeProcesses()
    processes.open = OpenFiles(entries: [.init(process: 7, device: 1, inode: inode)])
    let error = #expect(throws: DiskQueueError.self) {
      try Repairer(stage.builder, processes: processes).worker.apply(plan)
    }
    #expect(error?.code == .inUse)
  }

  @Test func `an interrupted act whose folder is gone is taken out of the directory`() throws {
    let stage = try build()
    let selection = MessageSelection(matches: { $0.last == UInt8(ascii: "5") })
    func move(_ disk: CrashingDisk) throws {
      let worker = Repairer(stage.builder, disk: disk).worker
      let plan = try worker.planner.move(stage.builder.queue, selection, to: "a test")
      _ = try worker.move(by: plan, of: selection) { _ in }
    }
    let whole = CrashingDisk(stage.builder.disk.copy())
    try move(whole)
    var count = 0
    for call in 1...whole.calls {
      let disk = CrashingDisk(stage.builder.disk.copy())
      disk.crash(at: call)
      try? move(disk)
      var random = SeededGenerator(seed: 0)
      let left = disk.afterCrash(.nothing, &random)
      let root = FilePath("/data/.diskq/backup")
      let hasJournal = try left.exists(Journal.path(of: stage.builder.queue, in: "/data"))
      let metadata = left.bytes("/data/jobs.diskqueue.meta.dat")
      guard hasJournal,
        metadata == stage.builder.disk.bytes("/data/jobs.diskqueue.meta.dat")
      else { continue }
      for path in left.files(in: root).keys { try left.remove(root.appending(path)) }
      for folder in left.folders.map(\.string).filter({ $0.hasPrefix(root.string) })
        .sorted(by: { $0.count > $1.count })
      { try left.removeDirectory(FilePath(folder)) }
      let queue = try DirectoryBuilder(disk: left).open(stage.options)
      #expect(try queue.takeAll() == (0..<40).map { "message \(100 + $0)" }, "call \(call)")
      try queue.close()
      count += 1
    }
    #expect(count > 3)
  }

  @Test func `a folder without a record is removed by a purge, when it is diskq's and old`()
    async throws
  {
    let disk = InMemoryDisk()
    disk.plantDeep("/data/.diskq/backup/20260101T000000Z/old/q.diskqueue.000000.dat", [1])
    disk.plantDeep("/data/.diskq/backup/x/old/q.diskqueue.000000.dat", [1])
    let found = try OperationStore(of: "/data", disk: disk).leftovers()
    #expect(found == ["/data/.diskq/backup/20260101T000000Z"])
    let directory = try TemporaryDirectory()
    try FileManager.default.createDirectory(
      atPath: directory.path.string + "/.diskq/backup/20260101T000000Z",
      withIntermediateDirectories: true)
    #expect(try OperationStore(of: directory.path).leftovers().isEmpty)
  }

  @Test func `two tails cut at one place are both kept`() throws {
    let builder = DirectoryBuilder(disk: InMemoryDisk())
    for byte in [1, 2] as [UInt8] {
      builder.segment(0, ["AAAAAA"], then: [0, 0, 0, 9, byte])
      builder.metadata("1\n0,0\n0,10\n")
      try builder.open().close()
    }
    let kept = builder.disk.files(in: "/data/.diskq/quarantine")
    #expect(Set(kept.values.map { $0.last }) == [1, 2])
  }

  @Test func `with no inode free two queues of a directory are not open at once`() throws {
    let disk = InMemoryDisk()
    for name in ["a", "b"] {
      let queue = try DiskQueue(
        QueueName(name), directory: "/data", options: .init(), disk: disk,
        processes: FakeProcesses())
      try queue.put("one")
      try queue.close()
    }
    disk.setMostFiles(disk.fileCount)
    func open(_ name: String) throws -> DiskQueue {
      try DiskQueue(
        QueueName(name), directory: "/data", options: .init(), disk: disk,
        processes: FakeProcesses())
    }
    let first = try open("a")
    let error = #expect(throws: DiskQueueError.self) { _ = try open("a") }
    #expect(error?.code == .inUse)
    try first.close()
  }

  @Test func `metadata written over is exactly the new one`() throws {
    let stage = try build()
    let disk = stage.builder.disk
    let queue = try stage.builder.open(stage.options)
    disk.setMostFiles(disk.fileCount)
    #expect(try queue.take(38).count == 38)
    try queue.sync()
    let text = disk.bytes("/data/jobs.diskqueue.meta.dat").map {
      String(decoding: $0, as: UTF8.self)
    }
    #expect(text?.split(separator: "\n").count == 3)
    #expect(text?.hasPrefix("2\n") == true)
    try queue.close()
    #expect(
      MetadataReading(try #require(disk.bytes("/data/jobs.diskqueue.meta.dat"))).whole?.depth == 2)
    #expect(try stage.builder.open(stage.options).findings.isEmpty)
  }

  @Test(arguments: [false, true]) func `an undo is refused when its folder was tampered with`(
    shortens: Bool
  ) throws {
    let stage = try build()
    let (worker, disk) = (stage.worker, stage.builder.disk)
    let id = try worker.apply(worker.planner.empty(stage.builder.queue)).id
    let old = FilePath("/data/.diskq/backup/\(id)/old")
    if shortens {
      disk.plant(old.appending("jobs.diskqueue.000000.dat"), [1])
    } else {
      let path = old.appending("jobs.diskqueue.meta.dat")
      disk.plant(path, disk.bytes(path).map { Array($0.dropFirst()) + [48] } ?? [])
    }
    let record = try OperationStore(of: "/data", disk: disk).find(id)
    let error = #expect(throws: DiskQueueError.self) {
      try UndoPlanner(worker.planner, record).plan()
    }
    #expect(error?.code == .refused)
  }

  @Test func `segments behind the metadata are synced before it speaks of them`() throws {
    let builder = DirectoryBuilder(disk: InMemoryDisk())
    builder.segment(0, ["AAAAAA", "BBBBBB"])
    builder.metadata("1\n0,0\n0,10\n")
    builder.disk.recordCalls()
    let queue = try builder.open()
    let calls = builder.disk.calls
    let sync = calls.firstIndex(of: "fdatasync jobs.diskqueue.000000.dat")
    let flip = calls.firstIndex { $0.hasPrefix("rename") && $0.contains("meta.dat") }
    #expect(sync != nil && flip != nil && (sync ?? 0) < (flip ?? 0), "\(calls)")
    try queue.close()
  }

  @Test(
    arguments: [
      ([100], nil), ([1000, 5], nil), ([1000, 300, 5], nil), ([1000, 760, 5], 759),
      ([400, 1000, 990, 2000], 989),
    ] as [([Int64], Int64?)])
  func `F38 the limit is told by complete segments that are nearly as large as the largest`(
    sizes: [Int64], limit: Int64?
  ) {
    let files = QueueFiles(
      segments: sizes.enumerated().map { SegmentFile(number: Int64($0), size: $1) })
    let guess = RollRuleGuess(files)
    #expect(guess?.maxBytesPerFile == limit)
    if limit != nil { #expect(guess?.rule == .afterLimit) }
  }

  @Test(.enabled(if: Machine.effectiveUser == 0, "only root gives files away"))
  func `what root makes belongs to the directory's owner`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path
    #expect(unsafe chown(path.string, 65534, 65534) == 0)
    func open() throws -> DiskQueue {
      var options = DiskQueue.Options()
      options.maxBytesPerFile = 60
      return try DiskQueue(
        QueueName("q"), directory: path, options: options, processes: FakeProcesses())
    }
    func expectOwner(_ when: String) throws {
      for name in try FileManager.default.subpathsOfDirectory(atPath: path.string) {
        let status = try RealDisk().status(at: path.appending(name))
        #expect(
          status.ownership.user == 65534 && status.ownership.group == 65534, "\(when) \(name)")
      }
    }
    let queue = try open()
    for number in 0..<20 { try queue.put("message \(number)") }
    try queue.sync()
    try expectOwner("open")
    try queue.close()
    let last = try #require(
      try FileManager.default.contentsOfDirectory(atPath: path.string)
        .filter { $0.hasSuffix(".dat") && !$0.hasSuffix("meta.dat") }.max())
    let handle = try RealDisk().open(path.appending(last), .write)
    let end = try RealDisk().status(of: handle).size
    try RealDisk().writeAll(handle, ([0, 0, 0, 9, 1] as [UInt8]).span, at: end)
    RealDisk().close(handle)
    try open().close()
    try expectOwner("quarantine")
    let worker = Operator(path, processes: FakeProcesses())
    let selection = MessageSelection(matches: { $0.last == UInt8(ascii: "5") })
    let plan = try worker.planner.move(QueueName("q"), selection, to: "a test")
    _ = try worker.move(by: plan, of: selection) { _ in try expectOwner("move") }
    try expectOwner("moved")
    _ = try worker.apply(worker.planner.skip(QueueName("q"), 2))
    try expectOwner("skipped")
  }

  @Test(arguments: ["lock", "segment"]) func `a second name of a file elsewhere is left alone`(
    what: String
  ) throws {
    let base = try TemporaryDirectory()
    let files = FileManager.default
    let (data, outside) = (base.path.appending("data"), base.path.appending("file"))
    try files.createDirectory(
      atPath: data.appending(".diskq/locks").string, withIntermediateDirectories: true)
    try Data([1, 2, 3]).write(to: URL(fileURLWithPath: outside.string))
    #expect(unsafe chmod(outside.string, 0o644) == 0)
    let name = what == "lock" ? ".diskq/locks/q.lock" : "q.diskqueue.000000.dat"
    if what == "segment", Machine.effectiveUser == 0 {
      #expect(unsafe chown(outside.string, 65534, 65534) == 0)
    }
    try files.linkItem(atPath: outside.string, toPath: data.appending(name).string)
    let before = try RealDisk().status(at: outside).ownership
    do throws(DiskQueueError) {
      let queue = try DiskQueue(
        QueueName("q"), directory: data, options: .init(), processes: FakeProcesses())
      try queue.put("more")
      try queue.close()
    } catch { #expect(error.code == .refused) }
    #expect(try RealDisk().status(at: outside).ownership == before)
    #expect(try RealDisk().contents(of: outside) == [1, 2, 3])
  }

  @Test(arguments: ["format", "journal/q.journal", "audit.jsonl", "backup/x/operation"])
  func `a FIFO of diskq's own name does not hang`(name: String) throws {
    let directory = try TemporaryDirectory()
    let path = directory.path.appending(".diskq").appending(name)
    try FileManager.default.createDirectory(
      atPath: path.removingLastComponent().string, withIntermediateDirectories: true)
    #expect(unsafe mkfifo(path.string, 0o600) == 0)
    let name = try QueueName("q")
    func attempt(_ body: () throws -> Void) { try? body() }
    attempt { try DiskQueue(name, directory: directory.path, options: .init()).close() }
    attempt { _ = try Checker(directory.path).check(name) }
    attempt { _ = try OperationStore(of: directory.path).list() }
    attempt { _ = try Audit(directory.path).entries() }
  }

  @Test func `records drained as they are on disk are synced batch by batch`() throws {
    for call in 1...80 {
      let stage = try build(12)
      let disk = CrashingDisk(stage.builder.disk)
      let worker = Repairer(stage.builder, disk: disk).worker
      let sink = try FileSink(
        "/data/out", encoder: MessageEncoder(.frames, nsq: false, queue: stage.builder.queue),
        disk: disk, pause: { _ in false })
      let plan = try worker.planner.drain(stage.builder.queue, to: "a test")
      disk.crash(at: disk.calls + call)
      do throws(DiskQueueError) {
        _ = try worker.drain(by: plan, batch: 3, into: sink)
      } catch {}
      var random = SeededGenerator(seed: 0)
      let left = DirectoryBuilder(disk: disk.afterCrash(.everything, &random))
      let arrived = (left.disk.bytes("/data/out")?.count ?? 0) / 15
      let depth = try left.open(stage.options).depth
      #expect(
        arrived + Int(depth) >= 12 && arrived + Int(depth) <= 15, "\(call) \(arrived) \(depth)")
    }
  }

  @Test func `an act at work is not an interrupted one`() throws {
    let stage = try build()
    let disk = stage.builder.disk
    disk.plantDeep(Journal.path(of: stage.builder.queue, in: "/data"), [])
    let queue = try stage.builder.open(stage.options)
    disk.plantDeep(Journal.path(of: stage.builder.queue, in: "/data"), [])
    let lock = try disk.status(at: "/data/.diskq/locks/jobs.lock").inode
    for isHeld in [true, false] {
      var processes = FakeProcesses()
      if isHeld { processes.held = [.init(process: 2, exclusive: true, device: 1, inode: lock)] }
      var survey = Survey("/data", disk: disk, processes: processes) { Timestamp(nanoseconds: 0) }
      let codes = try survey.refresh().queues[0].findings.map(\.code)
      #expect(codes.contains(.unfinishedOperation) == !isHeld)
    }
    try queue.close()
  }

  /// A gap that is not at the front is damage, whoever is at work.
  @Test(
    arguments: [
      (Finding.Code.missingSegment, 1, "2\n0,0\n2,10\n", true),
      (.orphanSegment, 0, "1\n2,0\n2,10\n", true), (.missingSegment, 0, "2\n0,0\n2,10\n", false),
    ] as [(Finding.Code, Int64, String, Bool)])
  func `F42 a segment that a live owner has just removed or passed`(
    code: Finding.Code, first: Int64, metadata: String, isExcused: Bool
  ) throws {
    let builder = DirectoryBuilder(disk: InMemoryDisk())
    builder.segment(first, ["AAAAAA"])
    builder.segment(2, ["BBBBBB"])
    builder.metadata(metadata)
    let status = try builder.disk.status(at: "/data/jobs.diskqueue.000002.dat")
    let last = try builder.disk.status(at: "/data/jobs.diskqueue.meta.dat").modified
    for isOwned in [true, false] {
      var processes = FakeProcesses()
      if isOwned {
        processes.open.entries = [.init(process: 42, device: status.device, inode: status.inode)]
      }
      var survey = Survey("/data", disk: builder.disk, processes: processes) { last }
      let found = try survey.refresh().queues[0].findings.filter { $0.code == code }
      #expect(found.count == 1 && (found[0].severity == .info) == (isOwned && isExcused))
    }
  }
}
