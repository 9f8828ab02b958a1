package import DiskQueue
import QueueInspection
import QueueOperations

/// Acts on queues: what is asked before a plan, the plan, and its application.
extension Model {
  /// Asks for a plan, or first for what it is to be made from.
  mutating func act(_ command: Command) -> [Effect] {
    if let obstacle = obstacle(to: command) {
      say(obstacle, .warning)
      return []
    }
    let queues = targets.map(\.name)
    guard let first = queues.first else { return [] }
    say("")
    let name = queues.count == 1 ? Model.text(first) : "\(queues.count) queues"
    switch command {
    case .inject:
      overlay = .form(Model.injectForm(name), request(.inject, queues))
    case .drain:
      let path = queues.count == 1 ? path(first, "ndjson") : "/var/tmp"
      overlay = .form(
        Model.targetForm("DRAIN \(name)", path: path, many: queues.count > 1),
        request(.drain, queues))
    case .move:
      let request = request(.move, queues)
      let count = Numbers.messages(Int64(request.positions.count))
      overlay = .form(
        Model.targetForm("MOVE \(count) of \(name)", path: path(first, "ndjson"), many: false),
        request)
    case .skip:
      let request = request(.skip, queues)
      overlay = .form(Model.skipForm(name, count: request.count), request)
    case .undo: return plan(request(.undo, queues))
    case .repair: return plan(request(.repair, queues))
    case .purge: return plan(request(.purge, queues))
    default: return plan(request(.empty, queues))
    }
    return []
  }

  /// What is asked for, with what is chosen on the page.
  func request(_ kind: Plan.Kind, _ queues: [QueueName]) -> PlanRequest {
    var request = PlanRequest(kind, queues)
    page.amend(&request, in: self)
    return request
  }

  mutating func plan(_ request: PlanRequest) -> [Effect] {
    let total = request.queues.compactMap { queue($0) }
      .reduce(0) { $0 + $1.segments.reduce(0) { $0 + $1.bytes } }
    let effects = begin(
      .plan(request), "plan \(request.kind.rawValue)", queue: request.queues.first, total: total)
    if !effects.isEmpty { overlay = .planning(request) }
    return effects
  }

  /// Begins to apply plans, where the answer confirms them.
  mutating func start(_ plans: [Plan], _ request: PlanRequest, _ answer: Answer) -> [Effect] {
    guard let confirmed = try? Plan.confirm(plans, by: answer) else { return [] }
    let what = plans.count == 1 ? Model.text(plans[0].queue) : "\(plans.count) queues"
    overlay = nil
    return begin(
      .apply(confirmed, request), "\(request.kind.rawValue) \(what)", queue: plans.first?.queue,
      total: plans.reduce(0) { $0 + $1.messages })
  }

  // MARK: What only looks

  mutating func check() -> [Effect] {
    guard let target else { return [] }
    return begin(
      .check(target.name), "check \(Model.text(target.name))", queue: target.name,
      total: (target.segments.map(\.bytes) + target.badFiles.map(\.bytes)).reduce(0, +))
  }

  // MARK: Names of files

  /// A name that tells the queue and the time, beside nothing that exists.
  func path(_ queue: QueueName, _ suffix: String) -> String {
    "/var/tmp/\(Model.safeName(queue)).\(timeForNames).\(suffix)"
  }

  var timeForNames: String { (now ?? changedAt)?.rfc3339.filter { $0.isNumber } ?? "0" }

  package static func safeName(_ queue: QueueName) -> String {
    String(
      queue.description.map { character in
        character.isASCII && (character.isLetter || character.isNumber)
          || "._-".contains(character)
          ? character : "_"
      })
  }
}
