import DiskQueueTesting
import QueueOperations
import SystemPackage
import Testing

@testable import DiskQueue

/// An undo brings back only what its operation has kept, as that was, and only once.
@Suite struct UndoGuardTests {
  private func refused(_ stage: Repairer, _ record: OperationRecord) -> DiskQueueError.Code? {
    #expect(throws: DiskQueueError.self) {
      try UndoPlanner(stage.worker.planner, record).plan()
    }?.code
  }

  /// The files are as they were after the first operation, and nothing of its folder is needed: only the
  /// mark tells.
  @Test func `what is undone is not undone again`() throws {
    let builder = DirectoryBuilder(disk: InMemoryDisk())
    builder.segment(0, ["AAAAAA", "BBBBBB"])
    let stage = Repairer(builder)
    let first = try #require(try stage.repair()).id
    try stage.undo(first)
    #expect(try stage.repair() != nil)
    let record = try stage.store.find(first)
    #expect(record.state == .undone)
    #expect(refused(stage, record) == .refused)
  }

  @Test func `what was interrupted is not undone, though nothing is there to differ`() throws {
    let disk = InMemoryDisk()
    disk.plantDeep(
      "/data/.diskq/backup/id/operation",
      Array("diskq-operation 2\nkind empty\nqueue jobs\ntime 0\nmessages 2\nend\n".utf8))
    let stage = Repairer(DirectoryBuilder(disk: disk))
    let record = try stage.store.find("id")
    #expect(record.state == .interrupted)
    #expect(refused(stage, record) == .refused)
  }

  /// A number that a file had is another file's now: that one is not what comes back.
  @Test func `a segment is not brought back from a file that only has its number`() throws {
    let stage = try Repairer.filled()
    var record = try stage.store.find(stage.move().id)
    let names = record.before.map(\.entry)
    let other = try #require(record.after.first { !names.contains($0.entry) })
    let segment = try #require(record.before.first { $0.bytes == nil })
    for index in record.before.indices where record.before[index].entry == segment.entry {
      record.before[index].inode = other.inode
    }
    let plan = try UndoPlanner(stage.worker.planner, record).plan()
    #expect(!plan.changes.contains(.renumber(other.entry, to: segment.entry)))
    #expect(
      plan.changes.contains {
        if case .bringBack(_, segment.entry) = $0 { true } else { false }
      })
  }

  @Test func `a segment is not given back less than was cut off`() throws {
    let stage = try Repairer.filled()
    let disk = stage.builder.disk
    let path: FilePath = "/data/jobs.diskqueue.000001.dat"
    disk.plant(path, (disk.bytes(path) ?? []) + [0, 0, 0, 9, 1])
    let id = try #require(try stage.repair()).id
    let folder = FilePath("/data/.diskq/backup/\(id)/cut")
    let name = try #require(try disk.list(folder).first)
    let record = try stage.store.find(id)
    #expect(try !UndoPlanner(stage.worker.planner, record).plan().isEmpty)
    disk.plant(folder.appending(String(decoding: name, as: UTF8.self)), [0, 0])
    #expect(refused(stage, record) == .refused)
  }

  @Test func `a segment that has become shorter is not cut to be as it was`() throws {
    let stage = try Repairer.filled(5)
    var record = try stage.store.find(stage.inject("extra").id)
    for index in record.before.indices where record.before[index].bytes == nil {
      record.before[index].size += 1000
    }
    #expect(refused(stage, record) == .refused)
  }

  @Test func `metadata that another program has written since is in the way`() throws {
    let stage = try Repairer.filled(5)
    let record = try stage.store.find(stage.skip(1).id)
    let queue = try stage.builder.open(stage.options)
    _ = try queue.take()
    try queue.close()
    #expect(refused(stage, record) == .refused)
  }

  // MARK: What comes in the place of a file

  /// An operation that builds a file under a name that is taken keeps what was there.
  @Test func `what a new file replaces is kept, and comes back`() throws {
    let stage = try Repairer.filled(5)
    let disk = stage.builder.disk
    let entry = Array("jobs.diskqueue.000000.dat".utf8)
    let before = Repairer.files(disk)
    let old = try #require(before["jobs.diskqueue.000000.dat"])
    var plan = try stage.worker.planner.skip(stage.builder.queue, 1)
    plan.changes = [
      .build(entry, [Piece(entry: entry, start: 15, end: Int64(old.count))]),
      .moveOut(entry), .metadata(Array("4\n0,0\n0,60\n".utf8)),
    ]
    let id = try stage.apply(plan).id
    #expect(disk.bytes("/data/jobs.diskqueue.000000.dat") == Array(old[15...]))
    let kept = FilePath("/data/.diskq/backup/\(id)/old/jobs.diskqueue.000000.dat")
    #expect(disk.bytes(kept) == old)
    try stage.undo(id)
    #expect(Repairer.files(disk) == before)
  }
}
