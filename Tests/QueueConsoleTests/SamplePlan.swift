import QueueConsole
import SystemPackage

@testable import DiskQueue
@testable import QueueOperations

extension Plan {
  /// What a planner would say of the sample's largest queue.
  static func sample(_ request: PlanRequest) -> Plan { sample(request, request.queues[0]) }

  static func sample(_ request: PlanRequest, _ queue: QueueName) -> Plan {
    let write = Position(file: 5, offset: 690)
    return Plan(
      kind: request.kind, queue: queue, directory: "/var/lib/nsq",
      steps: [
        .init(step: "take", file: nil, why: "each message is written to /tmp/out"),
        .init(
          step: "backup", file: "orders:billing.diskqueue.000003.dat",
          why: "a segment that is read to its end moves to the backup"),
      ], messages: 100, bytes: 2300,
      before: Metadata(depth: 100, read: Position(file: 3, offset: 230), write: write),
      after: Metadata(depth: 0, read: write, write: write), target: "/tmp/out", remaining: [],
      files: QueueFiles())
  }
}

extension OperationResult {
  static func sample(_ plan: Plan) -> OperationResult {
    OperationResult(
      id: "20261122T100431Z", kind: plan.kind, queue: plan.queue, messages: plan.messages,
      bytes: plan.bytes, after: plan.after, remaining: [])
  }
}
