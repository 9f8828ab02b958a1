import DiskQueue
import DiskQueueTesting
import QueueOperations
import SystemPackage

/// What tests do to a queue, each act planned and applied in one call.
extension Repairer {
  /// `count` messages over many segments, the first `taken` of them taken.
  static func filled(_ count: Int = 40, taken: Int = 0) throws -> Repairer {
    let repairer = Repairer(DirectoryBuilder(disk: InMemoryDisk()))
    let queue = try repairer.builder.open(repairer.options)
    for index in 0..<count { try queue.put("message \(100 + index)") }
    _ = try queue.take(taken)
    try queue.close()
    return repairer
  }

  /// The same queue by way of another disk, or among other processes.
  func on(_ disk: any Disk, processes: FakeProcesses = .init()) -> Repairer {
    Repairer(builder, disk: disk, processes: processes)
  }

  var store: OperationStore { OperationStore(of: "/data", disk: worker.disk) }

  @discardableResult
  func apply(_ plan: Plan) throws(DiskQueueError) -> OperationResult {
    try worker.apply(plan)
  }

  @discardableResult
  func empty() throws -> OperationResult { try apply(worker.planner.empty(builder.queue)) }

  @discardableResult
  func skip(_ count: Int64) throws -> OperationResult {
    try apply(worker.planner.skip(builder.queue, count))
  }

  /// Hands on the messages that end with 5, which builds segments anew.
  @discardableResult
  func move() throws -> OperationResult {
    let selection = MessageSelection(matches: { $0.last == UInt8(ascii: "5") })
    let plan = try worker.planner.move(builder.queue, selection, to: "a test")
    return try worker.move(by: plan, of: selection) { _ in }
  }

  @discardableResult
  func drain(_ most: Int64 = .max) throws -> OperationResult {
    let plan = try worker.planner.drain(builder.queue, to: "a test")
    return try worker.drain(by: plan, most: most, batch: 5) { _ in }
  }

  @discardableResult
  func inject(_ text: String) throws -> OperationResult {
    let plan = try worker.planner.inject([Array(text.utf8)], into: builder.queue)
    return try worker.inject([Array(text.utf8)], by: plan)
  }

  func planUndo(_ id: String) throws -> Plan {
    try UndoPlanner(worker.planner, store.find(id)).plan()
  }

  @discardableResult
  func undo(_ id: String) throws -> OperationResult { try apply(planUndo(id)) }

  func settle() throws(DiskQueueError) -> Interrupted.Outcome {
    try worker.settle(builder.queue)
  }

  func purge(_ id: String) throws {
    try store.purge(store.find(id), processes: FakeProcesses())
  }
}
