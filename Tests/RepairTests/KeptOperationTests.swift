import DiskQueue
import DiskQueueTesting
import QueueInspection
import QueueOperations
import SystemPackage
import Testing

/// What the folders of operations tell, and which of them a purge takes along.
@Suite struct KeptOperationTests {
  static let kinds: [(Plan.Kind, Bool)] = [
    (.drain, true), (.move, true), (.empty, false), (.undo, false), (.inject, false),
  ]

  @Test(arguments: kinds, [false, true])
  func `a drain that never told its result is one that was interrupted`(
    kind: (Plan.Kind, hands: Bool), isDone: Bool
  ) throws {
    let disk = InMemoryDisk()
    let folder: FilePath = "/data/.diskq/backup/20260101T000000Z"
    disk.plantDeep(
      folder.appending("operation"),
      Array("diskq-operation 2\nkind \(kind.0.rawValue)\nqueue jobs\ntime 0\nend\n".utf8))
    if isDone { disk.plant(folder.appending("result"), Array("diskq-result 2\nend\n".utf8)) }
    let store = OperationStore(of: "/data", disk: disk)
    #expect(try store.hasInterruptedDrain(QueueName("jobs")) == (kind.hands && !isDone))
    #expect(try !store.hasInterruptedDrain(QueueName("other")))
  }

  @Test func `a purge of one operation removes what another purge has left`() throws {
    let stage = try Repairer.filled()
    let record = try stage.store.find(stage.empty().id)
    let left: FilePath = "/data/.diskq/backup/.purged-x/old/file"
    stage.builder.disk.plantDeep(left, [1])
    let plan = try stage.worker.planner.purge(
      [record], of: stage.builder.queue, root: Backup.root("/data"))
    _ = try stage.worker.purge(plan)
    #expect(stage.builder.disk.bytes(left) == nil)
    #expect(try stage.store.list().isEmpty)
  }

  /// Its reader gave it up where two records are no more: what was before them was delivered.
  @Test func `what lies before damaged records of a .bad file counts as delivered`() throws {
    let builder = DirectoryBuilder()
    var bytes = DirectoryBuilder.records((0..<90).map { "message \(100 + $0)" })
    bytes.replaceSubrange(45..<75, with: [UInt8](repeating: 0xff, count: 30))
    builder.disk.plant("/data/jobs.diskqueue.000000.dat.bad", bytes)
    builder.segment(1, ["message 300"])
    builder.metadata("1\n1,0\n1,15\n")
    let report = try Checker(
      "/data", disk: builder.disk, limits: RecordLimits(minimum: 1, maximum: 20)
    )
    .check(builder.queue, bad: true)
    #expect(report.badFiles.map(\.from) == [45])
    #expect(report.badFiles.map(\.salvageable) == [85])
  }
}
