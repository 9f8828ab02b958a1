import DiskQueue
import DiskQueueTesting
import QueueOperations
import SystemPackage
import Testing

/// A file is known again by more than its number, which file systems use again.
@Suite struct UndoIdentityTests {
  enum Act: String, CaseIterable, Sendable { case drain, empty, skip, inject }

  @Test(arguments: Act.allCases, [true, false])
  func `an undo brings everything back though numbers are used again`(act: Act, reuses: Bool) throws
  {
    let builder = DirectoryBuilder(disk: InMemoryDisk())
    let repairer = Repairer(builder)
    let queue = try builder.open(repairer.options)
    for index in 0..<40 { try queue.put("message \(100 + index)") }
    _ = try queue.take(3)
    try queue.close()
    if reuses { builder.disk.reuseNumbers() }
    let before = Repairer.files(builder.disk)
    let (worker, name) = (repairer.worker, builder.queue)
    let id: String
    switch act {
    case .drain:
      let plan = try worker.planner.drain(name, to: "a test")
      id = try worker.drain(by: plan, batch: 5) { _ in }.id
    case .empty: id = try worker.apply(worker.planner.empty(name)).id
    case .skip: id = try worker.apply(worker.planner.skip(name, 17)).id
    case .inject:
      let plan = try worker.planner.inject([Array("extra".utf8)], into: name)
      id = try worker.inject([Array("extra".utf8)], by: plan).id
    }
    #expect(Repairer.files(builder.disk) != before)
    let record = try OperationStore(of: "/data", disk: builder.disk).find(id)
    _ = try worker.apply(UndoPlanner(worker.planner, record).plan())
    #expect(Repairer.files(builder.disk) == before)
    #expect(try OperationStore(of: "/data", disk: builder.disk).find(id).state == .undone)
  }

  @Test func `acts that find nothing make no operation`() throws {
    let builder = DirectoryBuilder(disk: InMemoryDisk())
    let repairer = Repairer(builder)
    try builder.open(repairer.options).close()
    let queue = try builder.open(repairer.options)
    try queue.put("one")
    _ = try queue.take()
    try queue.close()
    let before = builder.disk.files(in: "/data")
    let (worker, name) = (repairer.worker, builder.queue)
    #expect(try worker.planner.empty(name).isEmpty)
    #expect(try worker.planner.skip(name, 3).isEmpty)
    _ = try worker.drain(by: worker.planner.drain(name, to: "a test")) { _ in }
    #expect(builder.disk.files(in: "/data") == before)
    #expect(try OperationStore(of: "/data", disk: builder.disk).list().isEmpty)
  }

  /// A drain that fails on its way has given what it gave: that much can be undone.
  @Test func `a drain that failed can be undone`() throws {
    struct Full: Error {}
    let builder = DirectoryBuilder(disk: InMemoryDisk())
    let repairer = Repairer(builder)
    let queue = try builder.open(repairer.options)
    for index in 0..<40 { try queue.put("message \(100 + index)") }
    try queue.close()
    let before = Repairer.files(builder.disk)
    let (worker, name) = (repairer.worker, builder.queue)
    var batches = 0
    let error = #expect(throws: DiskQueueError.self) {
      try worker.drain(by: worker.planner.drain(name, to: "a test"), batch: 10) { _ in
        batches += 1
        if batches == 3 { throw Full() }
      }
    }
    #expect(error?.code == .inputOutput)
    let record = try #require(try OperationStore(of: "/data", disk: builder.disk).last(name))
    #expect(record.messages == 20)
    _ = try worker.apply(UndoPlanner(worker.planner, record).plan())
    #expect(Repairer.files(builder.disk) == before)
  }
}
