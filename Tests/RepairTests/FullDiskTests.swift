import DiskQueue
import DiskQueueTesting
import QueueOperations
import SystemPackage
import Testing

/// With no byte and no inode free, what frees space works, and what needs some says so first.
@Suite struct FullDiskTests {
  enum Lack: String, CaseIterable, Sendable { case bytes, inodes, both }

  private func build(_ lack: Lack) throws -> Repairer {
    let repairer = Repairer(DirectoryBuilder(disk: InMemoryDisk()))
    let disk = repairer.builder.disk
    let queue = try repairer.builder.open(repairer.options)
    for index in 0..<40 { try queue.put("message \(100 + index)") }
    try queue.close()
    fillUp(disk, lack)
    return repairer
  }

  /// Leaves nothing free, in blocks as real disks have.
  private func fillUp(_ disk: InMemoryDisk, _ lack: Lack) {
    disk.setCapacity(1 << 30, block: 512)
    if lack != .inodes { disk.setCapacity(disk.used, block: 512) }
    if lack != .bytes { disk.setMostFiles(disk.fileCount) }
  }

  @Test(arguments: Lack.allCases) func `a drain gives everything and frees the space`(lack: Lack)
    throws
  {
    let repairer = try build(lack)
    let disk = repairer.builder.disk
    let plan = try repairer.worker.planner.drain(repairer.builder.queue, to: "elsewhere")
    var texts: [String] = []
    _ = try repairer.worker.drain(by: plan, batch: 7) { batch in
      texts += batch.map(\.text)
    }
    #expect(texts == (0..<40).map { "message \(100 + $0)" })
    disk.setCapacity(1 << 30)
    disk.setMostFiles(nil)
    let queue = try repairer.builder.open(repairer.options)
    #expect(queue.depth == 0)
    #expect(try queue.take() == nil)
    #expect(queue.findings.isEmpty)
    try queue.close()
    #expect(!disk.files(in: "/data").keys.contains { $0.hasSuffix(".tmp") })
  }

  @Test(arguments: Lack.allCases) func `a take stays taken`(lack: Lack) throws {
    let repairer = try build(lack)
    let queue = try repairer.builder.open(repairer.options)
    #expect(try queue.take(25).count == 25)
    try queue.close()
    let again = try repairer.builder.open(repairer.options)
    #expect(again.depth == 15)
    #expect(try again.take()?.text == "message 125")
  }

  enum Act: String, CaseIterable, Sendable { case empty, repair, skip, move, undo }

  @Test(arguments: Lack.allCases, Act.allCases)
  func `what needs space says so before it begins`(lack: Lack, act: Act) throws {
    let repairer = try build(.both)
    let disk = repairer.builder.disk
    let (worker, queue) = (repairer.worker, repairer.builder.queue)
    disk.setCapacity(1 << 30)
    disk.setMostFiles(nil)
    var bytes = try #require(disk.bytes("/data/jobs.diskqueue.000001.dat"))
    let selection = MessageSelection(limit: 3)
    var plan = try worker.planner.empty(queue)
    switch act {
    case .empty: break
    case .repair:
      bytes[0] = 0xff
      disk.plant("/data/jobs.diskqueue.000001.dat", bytes)
      plan = try repairer.plan(.init())
    case .skip: plan = try worker.planner.skip(queue, 5)
    case .move: plan = try worker.planner.move(queue, selection, to: "a test")
    case .undo:
      let id = try worker.apply(plan).id
      let record = try OperationStore(of: "/data", disk: disk).find(id)
      plan = try UndoPlanner(worker.planner, record).plan()
    }
    let before = disk.files(in: "/data")
    let folders = Set(disk.folders)
    fillUp(disk, lack)
    let error = #expect(throws: DiskQueueError.self) {
      _ =
        act == .move
        ? try worker.move(by: plan, of: selection) { _ in }
        : try worker.apply(plan)
    }
    #expect(error?.code == .noSpace)
    let log = ".diskq/audit.jsonl"
    #expect(disk.files(in: "/data").filter { $0.key != log } == before.filter { $0.key != log })
    #expect(Set(disk.folders) == folders)
  }
}
