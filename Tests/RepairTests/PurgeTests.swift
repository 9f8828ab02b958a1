import DiskQueue
import DiskQueueTesting
import QueueOperations
import SystemPackage
import Testing

/// Purging frees what nothing needs, whole, and never the source of an operation on its way.
@Suite struct PurgeTests {
  private func build() throws -> (Repairer, OperationRecord) {
    let builder = DirectoryBuilder(disk: InMemoryDisk())
    let repairer = Repairer(builder)
    let queue = try builder.open(repairer.options)
    for index in 0..<40 { try queue.put("message \(100 + index)") }
    try queue.close()
    let id = try repairer.worker.apply(
      repairer.worker.planner.empty(builder.queue)
    ).id
    return (repairer, try OperationStore(of: "/data", disk: builder.disk).find(id))
  }

  @Test func `the source of an undo that was interrupted stays`() throws {
    let (stage, record) = try build()
    let whole = CrashingDisk(stage.builder.disk.copy())
    func undo(_ disk: CrashingDisk) throws {
      let worker = Repairer(stage.builder, disk: disk).worker
      _ = try worker.apply(UndoPlanner(worker.planner, record).plan())
    }
    try undo(whole)
    var refused = 0
    for call in 1...whole.calls {
      let disk = CrashingDisk(stage.builder.disk.copy())
      disk.crash(at: call)
      try? undo(disk)
      var random = SeededGenerator(seed: 0)
      let left = disk.afterCrash(.nothing, &random)
      let store = OperationStore(of: "/data", disk: left)
      do throws(DiskQueueError) {
        try store.purge(store.find(record.id), processes: FakeProcesses())
      } catch {
        #expect(error.code == .refused)
        refused += 1
      }
      // Whatever was purged: the queue is whole, before or after the undo.
      let next = DirectoryBuilder(disk: left)
      let queue = try next.open(stage.options)
      let depth = queue.depth
      #expect([0, 40].contains(depth), "call \(call)")
      #expect(try queue.takeAll().count == depth)
    }
    #expect(refused > 3)
  }

  /// The undo begins within the second whose name the purge has just freed.
  @Test(arguments: [Plan.Kind.empty, .drain])
  func `an undo whose backup was purged since it was planned touches nothing`(kind: Plan.Kind)
    throws
  {
    let builder = DirectoryBuilder(disk: InMemoryDisk())
    let repairer = Repairer(builder)
    let queue = try builder.open(repairer.options)
    for index in 0..<12 { try queue.put("message \(100 + index)") }
    try queue.close()
    let planner = repairer.worker.planner
    let id =
      if kind == .empty {
        try repairer.worker.apply(planner.empty(builder.queue)).id
      } else {
        try repairer.worker.drain(
          by: planner.drain(builder.queue, to: "a test"), most: 1
        ) { _ in }.id
      }
    let store = OperationStore(of: "/data", disk: builder.disk)
    let record = try store.find(id)
    let plan = try UndoPlanner(planner, record).plan()
    try store.purge(record, processes: FakeProcesses())
    let before = Repairer.files(builder.disk)
    let error = #expect(throws: DiskQueueError.self) {
      try repairer.worker.apply(plan)
    }
    #expect(error?.code == .planVoid)
    #expect(Repairer.files(builder.disk) == before)
    #expect(try store.list().isEmpty)
  }

  @Test func `what an interrupted purge left is found and removed by the next`() throws {
    let (stage, record) = try build()
    let whole = CrashingDisk(stage.builder.disk.copy())
    let all = OperationStore(of: "/data", disk: whole)
    try all.purge(record, processes: FakeProcesses())
    for call in 1...whole.calls {
      let disk = CrashingDisk(stage.builder.disk.copy())
      disk.crash(at: call)
      let store = OperationStore(of: "/data", disk: disk)
      try? store.purge(record, processes: FakeProcesses())
      var random = SeededGenerator(seed: 0)
      let left = disk.afterCrash(.nothing, &random)
      let next = OperationStore(of: "/data", disk: left)
      // It is an operation that can be undone, or nothing that is listed as one.
      for found in try next.list() {
        let worker = Repairer(DirectoryBuilder(disk: left)).worker
        #expect(try !UndoPlanner(worker.planner, found).plan().isEmpty, "call \(call)")
        try next.purge(found, processes: FakeProcesses())
      }
      _ = try next.sweep()
      #expect(
        !left.files(in: "/data/.diskq").keys.contains { $0.hasPrefix("backup") }, "call \(call)")
    }
  }

  @Test func `an operation at work is not purged`() throws {
    let builder = DirectoryBuilder(disk: InMemoryDisk())
    let repairer = Repairer(builder)
    let queue = try builder.open(repairer.options)
    for index in 0..<40 { try queue.put("message \(100 + index)") }
    try queue.close()
    let (worker, name) = (repairer.worker, builder.queue)
    var codes: [DiskQueueError.Code] = []
    _ = try worker.drain(by: worker.planner.drain(name, to: "a test"), batch: 10) { _ in
      let store = OperationStore(of: "/data", disk: builder.disk)
      for record in try store.list() {
        do throws(DiskQueueError) {
          try store.purge(record, processes: FakeProcesses())
        } catch { codes.append(error.code) }
      }
    }
    #expect(codes == Array(repeating: .inUse, count: 4))
  }
}
