import DiskQueue
import QueueOperations

/// Plans and results for scripts.
enum PlanJSON {
  /// One object on a line of its own.
  static func document(_ plan: Plan, applied: OperationResult?) -> String {
    var json = JSONText()
    json.object { members(plan, applied, &$0) }
    return json.text
  }

  /// The member `plan`: what would be done, in order.
  static func steps(of plan: Plan, _ json: inout JSONText) {
    json.key("plan")
    json.array { json in
      for step in plan.steps {
        json.object { json in
          json.member("step", step.step)
          json.member("file", step.file)
          json.member("why", step.why)
        }
      }
    }
  }

  static func members(_ plan: Plan, _ applied: OperationResult?, _ json: inout JSONText) {
    json.member("kind", plan.kind.rawValue)
    json.member("queue", plan.queue)
    json.member("messages", applied?.messages ?? plan.messages)
    json.member("bytes", plan.bytes)
    steps(of: plan, &json)
    json.member("applied", applied != nil)
    json.member("operation", applied?.id)
  }
}
