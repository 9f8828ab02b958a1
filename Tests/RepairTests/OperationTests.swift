import DiskQueue
import DiskQueueTesting
import QueueInspection
import QueueOperations
import SystemPackage
import Testing

/// Operations end whole or not at all, whatever happens, and can be undone to the byte.
@Suite struct OperationTests {
  enum Act: String, CaseIterable, Sendable { case repair, empty, drain, inject }

  /// What goes through the journal.
  enum Journaled: String, CaseIterable, Sendable { case repair, empty, undo }

  /// Damage of many kinds in one queue: a broken middle, a gap, a torn tail, a temporary, a `.bad`
  /// file and something in quarantine that still owe, metadata that is behind.
  private func build(_ disk: InMemoryDisk = InMemoryDisk()) -> DirectoryBuilder {
    let builder = DirectoryBuilder(disk: disk)
    func texts(_ range: Range<Int>) -> [String] { range.map { "message \(10 + $0)" } }
    var broken = DirectoryBuilder.records(texts(0..<8))
    broken.replaceSubrange(28..<32, with: [0xff, 0xff, 0xff, 0xff])
    disk.plant("/data/jobs.diskqueue.000002.dat", broken)
    builder.segment(4, texts(8..<12))
    builder.segment(5, texts(12..<14), then: [0, 0, 0, 9, 1, 2])
    var bad = DirectoryBuilder.records(texts(14..<20))
    bad.replaceSubrange(14..<18, with: [0xff, 0xff, 0xff, 0xff])
    disk.plant("/data/jobs.diskqueue.000000.dat.bad", bad)
    disk.plant("/data/jobs.diskqueue.meta.dat.7.tmp", [])
    var cut = DirectoryBuilder.records(texts(20..<24))
    cut.replaceSubrange(0..<4, with: [0xff, 0xff, 0xff, 0xff])
    disk.plantDeep("/data/.diskq/quarantine/jobs.diskqueue.000001.dat@90", cut)
    builder.metadata("17\n2,14\n5,14\n")
    return builder
  }

  private func plan(_ act: Act, _ repairer: Repairer) throws -> Plan {
    let planner = repairer.worker.planner
    let queue = repairer.builder.queue
    return switch act {
    case .repair: try planner.repair(queue, .init(bad: true, requeuesBad: true))
    case .empty: try planner.empty(queue)
    case .drain: try planner.drain(queue, to: "nowhere")
    case .inject: try planner.inject([Array("extra".utf8)], into: queue)
    }
  }

  private func apply(_ act: Act, _ plan: Plan, _ repairer: Repairer) throws -> OperationResult {
    switch act {
    case .repair, .empty: try repairer.worker.apply(plan)
    case .drain: try repairer.worker.drain(by: plan) { _ in }
    case .inject: try repairer.worker.inject([Array("extra".utf8)], by: plan)
    }
  }

  private func undo(_ id: String, _ repairer: Repairer) throws -> OperationResult {
    let record = try OperationStore(of: "/data", disk: repairer.worker.disk).find(id)
    let plan = try UndoPlanner(repairer.worker.planner, record).plan()
    return try repairer.worker.apply(plan)
  }

  @Test func `a repair keeps the order and mends all of it`() throws {
    let builder = build()
    let repairer = Repairer(builder)
    let result = try #require(try repairer.repair(.init(bad: true, requeuesBad: true)))
    #expect(result.remaining.isEmpty)
    let report = try Checker("/data", disk: builder.disk, limits: repairer.options.limits)
      .check(builder.queue, bad: true)
    #expect(report.findings.isEmpty)
    let queue = try builder.open(repairer.options)
    let wanted = [1, 3, 4, 5, 6, 7] + Array(8..<14) + Array(16..<20) + Array(21..<24)
    #expect(queue.depth == wanted.count)
    #expect(try queue.takeAll() == wanted.map { "message \(10 + $0)" })
  }

  @Test(arguments: Act.allCases) func `an undo gives back every byte`(act: Act) throws {
    let builder = build()
    let repairer = Repairer(builder)
    let before = Repairer.files(builder.disk)
    let result = try apply(act, plan(act, repairer), repairer)
    let after = Repairer.files(builder.disk)
    #expect(after != before)
    let undone = try undo(result.id, repairer)
    #expect(Repairer.files(builder.disk) == before)
    // And back again: an undo is an operation too.
    _ = try undo(undone.id, repairer)
    #expect(Repairer.files(builder.disk) == after)
    #expect(builder.disk.openCount == 0)
  }

  /// The last first: each finds the files as it left them.
  @Test(arguments: Act.allCases, [Act.repair, .empty, .drain])
  func `two acts are undone one after the other`(first: Act, second: Act) throws {
    let builder = build()
    let repairer = Repairer(builder)
    let before = Repairer.files(builder.disk)
    let one = try apply(first, plan(first, repairer), repairer)
    let two = try plan(second, repairer)
    if two.isEmpty || two.messages == 0 { return }
    let other = try apply(second, two, repairer)
    _ = try undo(other.id, repairer)
    _ = try undo(one.id, repairer)
    #expect(Repairer.files(builder.disk) == before)
  }

  @Test func `operations of other directories in the same place are not ours to purge`() throws {
    let disk = InMemoryDisk()
    disk.plantFolder("/shared")
    var ids: [String: String] = [:]
    for name in ["/one", "/two"] as [FilePath] {
      disk.plantFolder(name)
      let options = Repairer(DirectoryBuilder(disk: disk)).options
      let queue = try DiskQueue(
        QueueName("jobs"), directory: name, options: options, disk: disk,
        processes: FakeProcesses())
      try queue.put("message")
      try queue.close()
      var worker = Operator(name, options: options, disk: disk, processes: FakeProcesses())
      worker.backupRoot = "/shared"
      ids[name.string] =
        try worker.apply(worker.planner.empty(QueueName("jobs"))).id
    }
    for name in ["/one", "/two"] as [FilePath] {
      let listed = try OperationStore(of: name, root: "/shared", disk: disk).list()
      #expect(listed.map(\.id) == [ids[name.string]])
    }
    // Nor is anything else there that diskq has not made.
    disk.plantFolder("/shared/photos")
    disk.plantFolder("/shared/20200101T000000Z")
    #expect(try OperationStore(of: "/one", root: "/shared", disk: disk).leftovers().isEmpty)
  }

  @Test(arguments: Act.allCases) func `an undo is refused once the queue has moved on`(act: Act)
    throws
  {
    let builder = build()
    let repairer = Repairer(builder)
    let result = try apply(act, plan(act, repairer), repairer)
    let queue = try builder.open(repairer.options)
    try queue.put("later")
    try queue.close()
    let before = Repairer.files(builder.disk)
    let error = #expect(throws: DiskQueueError.self) { try undo(result.id, repairer) }
    #expect(error?.code == .refused)
    #expect(Repairer.files(builder.disk) == before)
  }

  @Test func `an operation is undone once, and a purged one never`() throws {
    let builder = build()
    let repairer = Repairer(builder)
    let result = try #require(try repairer.repair())
    _ = try undo(result.id, repairer)
    let again = #expect(throws: DiskQueueError.self) { try undo(result.id, repairer) }
    #expect(again?.code == .refused)
    let store = OperationStore(of: "/data", disk: builder.disk)
    for record in try store.list() {
      try store.purge(record, processes: FakeProcesses())
    }
    #expect(try store.list().isEmpty)
    let gone = #expect(throws: DiskQueueError.self) { try undo(result.id, repairer) }
    #expect(gone?.code == .notFound, "\(gone?.description ?? "")")
  }

  @Test(arguments: [Act.repair, .empty])
  func `a plan made from other files is void`(act: Act) throws {
    let builder = build()
    let repairer = Repairer(builder)
    let plan = try plan(act, repairer)
    builder.metadata("18\n2,14\n5,14\n")
    let before = Repairer.files(builder.disk)
    let error = #expect(throws: DiskQueueError.self) { try apply(act, plan, repairer) }
    #expect(error?.code == .planVoid)
    #expect(Repairer.files(builder.disk) == before)
  }

  @Test func `a full disk is told before anything is touched`() throws {
    let builder = build()
    let before = Repairer.files(builder.disk)
    let used = builder.disk.files(in: "/data").values.reduce(0) { $0 + $1.count }
    builder.disk.setCapacity(Int64(used + 60))
    let error = #expect(throws: DiskQueueError.self) {
      try Repairer(builder).repair(.init(bad: true, requeuesBad: true))
    }
    #expect(error?.code == .noSpace)
    #expect(Repairer.files(builder.disk) == before)
    #expect(!builder.disk.files(in: "/data").keys.contains { $0.contains("backup") })
    #expect(try !builder.disk.exists("/data/.diskq/backup"))
  }

  /// A disk to act on, and the plan of the act, made by a repairer on that disk.
  private func stage(_ act: Journaled) throws -> InMemoryDisk {
    let builder = build()
    if act == .undo { _ = try Repairer(builder).repair(.init(bad: true, requeuesBad: true)) }
    return builder.disk
  }

  private func plan(_ act: Journaled, _ repairer: Repairer) throws -> Plan {
    switch act {
    case .repair: return try plan(Act.repair, repairer)
    case .empty: return try plan(Act.empty, repairer)
    case .undo:
      let store = OperationStore(of: "/data", disk: repairer.worker.disk)
      let record = try #require(try store.last(repairer.builder.queue))
      return try UndoPlanner(repairer.worker.planner, record).plan()
    }
  }

  /// A crash at every call of an operation, with each kind of loss: what the next run finds is the
  /// queue as it was or as it was to be, and nothing between.
  @Test(arguments: Journaled.allCases)
  func `a crash at any call is finished or was nothing`(act: Journaled) throws {
    let probe = CrashingDisk(try stage(act))
    let whole = Repairer(build(), disk: probe)
    let before = Repairer.files(try stage(act), quarantine: true)
    _ = try whole.worker.apply(plan(act, whole))
    let after = Repairer.files(probe.afterCrash(.nothing), quarantine: true)
    #expect(after != before)
    #expect(probe.calls > 20)
    for call in 1...probe.calls {
      for loss in CrashingDisk.Loss.allCases {
        for seed in 0..<(loss == .some ? 3 : 1) as Range<UInt64> {
          var random = SeededGenerator(seed: UInt64(call) << 8 | seed)
          let disk = CrashingDisk(try stage(act))
          let crashing = Repairer(build(), disk: disk)
          let plan = try plan(act, crashing)
          disk.crash(at: call)
          _ = try? crashing.worker.apply(plan)
          let left = disk.afterCrash(loss, &random)
          // Opening finishes what the journal asks for; a queue that was not touched is recovered.
          let next = Repairer(DirectoryBuilder(disk: left))
          let outcome = try next.finish()
          let files = Repairer.files(left, quarantine: true)
          let isFinished = if case .finished = outcome { true } else { false }
          #expect(
            files == (isFinished ? after : before) || files == after,
            "crash at call \(call), \(loss), seed \(seed)")
          #expect(try next.finish() == .nothing)
        }
      }
    }
  }
}

extension CrashingDisk {
  /// The disk as it is, for a process that ended well.
  fileprivate func afterCrash(_ loss: Loss) -> InMemoryDisk {
    var random = SeededGenerator(seed: 0)
    return afterCrash(loss, &random)
  }
}

extension Repairer {
  /// Finishes what a crash has interrupted, as the next opening would.
  func finish() throws -> Interrupted.Outcome {
    try Interrupted.settle(builder.queue, in: "/data", disk: worker.disk)
  }
}
