import DiskQueue
import DiskQueueTesting
import QueueOperations
import SystemPackage
import Testing

/// What an act makes sure of before it touches anything, and what it leaves where that is not so.
@Suite struct BeginningTests {
  /// The plan was made of the very files that an interrupted operation is about.
  @Test func `a plan is void when an interrupted operation was finished for it`() throws {
    let stage = try Repairer.filled(5)
    let plan = try stage.worker.planner.skip(stage.builder.queue, 1)
    let whole = CrashingDisk(stage.builder.disk.copy())
    try stage.on(whole).skip(2)
    var voided = 0
    for call in 1...whole.calls {
      let disk = CrashingDisk(stage.builder.disk.copy())
      disk.crash(at: call)
      _ = try? stage.on(disk).skip(2)
      var random = SeededGenerator(seed: 0)
      let left = disk.afterCrash(.nothing, &random)
      guard try Interrupted.pending(stage.builder.queue, Ledger("/data", disk: left)) != nil,
        try QueueFiles(stage.builder.queue, in: "/data", disk: left) == plan.files
      else { continue }
      let error = #expect(throws: DiskQueueError.self) { try stage.on(left).apply(plan) }
      #expect(error?.code == .planVoid)
      voided += 1
    }
    #expect(voided > 0)
  }

  // MARK: Room

  private static let wide: Int64 = 1 << 40

  struct Space: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var space: FileSystemSpace
    var isEnough: Bool
  }

  static let spaces: [Space] = [
    Space(
      testDescription: "no byte, and none for root",
      space: FileSystemSpace(freeBytes: 0, totalBytes: wide, freeInodes: 99, totalInodes: 99),
      isEnough: false),
    Space(
      testDescription: "no byte but root's",
      space: FileSystemSpace(
        freeBytes: 0, totalBytes: wide, freeInodes: 99, totalInodes: 99, reservedBytes: wide),
      isEnough: true),
    Space(
      testDescription: "few inodes",
      space: FileSystemSpace(freeBytes: wide, totalBytes: wide, freeInodes: 3, totalInodes: 99),
      isEnough: false),
    Space(
      testDescription: "inodes that are not counted",
      space: FileSystemSpace(freeBytes: wide, totalBytes: wide, freeInodes: 0, totalInodes: 0),
      isEnough: true),
    Space(
      testDescription: "bytes for the data but not for the records",
      space: FileSystemSpace(freeBytes: 20000, totalBytes: wide, freeInodes: 99, totalInodes: 99),
      isEnough: false),
  ]

  @Test(arguments: spaces) func `what is free is told before a folder is made`(test: Space) throws {
    let stage = try Repairer.filled()
    let disk = UnsyncedDisk(stage.builder.disk)
    disk.tell(test.space)
    let plan = try stage.worker.planner.empty(stage.builder.queue)
    stage.builder.disk.recordCalls()
    if test.isEnough {
      try stage.on(disk).apply(plan)
    } else {
      let error = #expect(throws: DiskQueueError.self) { try stage.on(disk).apply(plan) }
      #expect(error?.code == .noSpace)
      #expect(!stage.builder.disk.calls.contains("mkdir backup"))
    }
  }

  @Test func `a backup on another file system is refused, and its folder does not stay`() throws {
    let stage = try Repairer.filled()
    let base = stage.builder.disk
    let disk = UnsyncedDisk(base)
    disk.putElsewhere("/elsewhere")
    var worker = stage.on(disk).worker
    worker.backupRoot = "/elsewhere"
    let error = #expect(throws: DiskQueueError.self) {
      try worker.apply(worker.planner.empty(stage.builder.queue))
    }
    #expect(error?.code == .refused)
    #expect(try !base.exists("/elsewhere"))
    base.plantFolder("/elsewhere")
    #expect(throws: DiskQueueError.self) {
      try worker.apply(worker.planner.empty(stage.builder.queue))
    }
    #expect(try base.exists("/elsewhere"))
  }

  // MARK: Order

  /// While metadata speaks of what is cut off, a reader may be on its way there.
  @Test(arguments: [("1\n0,0\n0,15\n", false), ("1\n0,0\n0,10\n", true)])
  func `a segment is cut before the metadata changes only where that does not speak of it`(
    metadata: String, isEarly: Bool
  ) throws {
    let builder = DirectoryBuilder(disk: InMemoryDisk())
    builder.segment(0, ["AAAAAA"], then: [0, 0, 0, 9, 1])
    builder.metadata(metadata)
    let stage = Repairer(builder)
    var plan = try stage.plan(.init())
    let entry = Array("jobs.diskqueue.000000.dat".utf8)
    plan.changes = [.cut(entry, at: 10), .metadata(Array("1\n0,0\n0,10\n".utf8))]
    let whole = CrashingDisk(builder.disk.copy())
    try stage.on(whole).apply(plan)
    var orders: Set<Bool> = []
    for call in 1...whole.calls {
      let disk = CrashingDisk(builder.disk.copy())
      disk.crash(at: call)
      _ = try? stage.on(disk).apply(plan)
      var random = SeededGenerator(seed: 0)
      let left = disk.afterCrash(.nothing, &random)
      let bytes = left.bytes(Journal.path(of: builder.queue, in: "/data")) ?? []
      guard
        case .whole(let journal) = Journal.read(
          bytes, of: builder.queue, usual: Backup.root("/data"), other: nil),
        let cut = journal.steps.firstIndex(of: .cut(entry, 10)),
        let flip = journal.steps.firstIndex(where: {
          if case .flip = $0 { true } else { false }
        })
      else { continue }
      orders.insert(cut < flip)
    }
    #expect(orders == [isEarly])
  }
}
