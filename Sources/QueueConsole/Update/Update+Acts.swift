package import DiskQueue
import QueueInspection
import QueueOperations

/// Acts on queues: why one is off, what is asked before its plan, and the plan.
extension Model {
  /// Why a command is off right now; nil when it is on.
  ///
  /// Help, the menu and the message line say it.
  package func obstacle(to command: Command) -> String? {
    if !command.isAct { return absence(of: command) }
    if pastSteps > 0 { return "this is the past; ] leads back to now" }
    if let busy { return busy }
    if command == .move, tab != .messages || messages?.chosen.isEmpty != false {
      return "choose messages first: m, then Space"
    }
    guard !targets.isEmpty else { return "no queue is selected" }
    if command != .purge, let owned = targets.first(where: { $0.owner != nil }),
      let owner = owned.owner
    {
      return "\(owner.command) \(owner.pid) has \(Model.text(owned.name)); stop it first"
    }
    if !unlocked { return "read-only: \(keys.label(.unlock)) unlocks writing" }
    return nil
  }

  /// Why a command that only looks has nothing to do here.
  private func absence(of command: Command) -> String? {
    switch command {
    case .view, .wrap:
      return tab == .messages ? nil : "only on a queue's messages"
    case .tab1, .tab2, .tab3, .tab4, .tab5, .messages, .check:
      return target == nil ? "no queue is selected" : nil
    case .badFiles:
      guard let target else { return "no queue is selected" }
      return target.setAside.isEmpty ? "the queue has no .bad files" : nil
    case .mark, .unmarkAll:
      return screen == .list || tab == .messages ? nil : "only on the list and on messages"
    case .invertMarks, .nextSort, .previousSort, .reverseSort, .wide:
      return screen == .list ? nil : "only on the list"
    case .historyBack: return history.count == 0 ? "nothing has changed yet" : nil
    case .historyForward: return pastSteps == 0 ? "this is the present" : nil
    case .findNext, .findPrevious:
      return (tab == .messages ? messages?.pattern : pattern)?.isEmpty == false
        ? nil : "nothing was looked for yet"
    default: return nil
    }
  }

  // MARK: Asking

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
      overlay = .form(Self.injectForm(name), PlanRequest(.inject, queues))
    case .drain:
      let path = queues.count == 1 ? path(first, "ndjson") : "/var/tmp"
      overlay = .form(
        Self.targetForm("DRAIN \(name)", path: path, many: queues.count > 1),
        PlanRequest(.drain, queues))
    case .move:
      guard let page = messages else { return [] }
      var request = PlanRequest(.move, page.queue)
      request.positions = Set(page.chosen)
      let count = Numbers.messages(Int64(request.positions.count))
      overlay = .form(
        Self.targetForm("MOVE \(count) of \(name)", path: path(first, "ndjson"), many: false),
        request)
    case .skip:
      // On the messages, through the one under the cursor.
      let count = tab == .messages ? messages?.current?.number ?? 1 : 1
      overlay = .form(
        Form(
          "SKIP \(name)", hint: "The first messages are passed over; the backup keeps them.",
          [.text("count", "How many", "\(count)")]), PlanRequest(.skip, queues))
    case .undo:
      var request = PlanRequest(.undo, queues)
      if tab == .events { request.operation = shownEvents[safely: eventSelected]?.operation }
      return plan(request)
    case .repair:
      var request = PlanRequest(.repair, queues)
      // On the page of the .bad files, repairing is about them too.
      if tab == .bad { request.repair = .init(bad: true, requeuesBad: true) }
      return plan(request)
    case .purge: return plan(PlanRequest(.purge, queues))
    default: return plan(PlanRequest(.empty, queues))
    }
    return []
  }

  static let sources = ["text", "hex", "file: lines", "file: raw", "file: frames", "file: ndjson"]
  static let targetWords = ["file", "queue", "command"]

  private static func injectForm(_ name: String) -> Form {
    Form(
      "INJECT \(name)", hint: "Tab goes through the fields, Space changes a choice.",
      [
        .choice("source", "From", sources),
        .text("text", "Text", limit: LineEditor.messageLimit),
        .text("repeat", "Times", "1"), .choice("envelope", "Envelope", ["none", "nsqd"]),
      ], focus: 1)
  }

  private static func targetForm(_ title: String, path: String, many: Bool) -> Form {
    Form(
      title,
      hint: many
        ? "Each queue gets a file of its own in this folder."
        : "A message leaves the queue only when it is safe there.",
      [
        .choice("kind", "To", targetWords), .text("target", many ? "Folder" : "Target", path),
        .choice("format", "Format", MessageFormat.allCases.map(\.rawValue), 5),
      ], focus: 1)
  }

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

  // MARK: From a form to a plan

  /// Completes a request from a form; nil, and says why, when a field makes no sense.
  mutating func complete(_ request: PlanRequest, from form: Form) -> PlanRequest? {
    var request = request
    do throws(DiskQueueError) {
      switch request.kind {
      case .inject: try Model.readInject(form, &request)
      case .drain, .move:
        request.target = try Model.target(form["kind"], form["target"], form["format"])
      case .skip:
        guard let count = Int64(form["count"]), count > 0 else {
          throw DiskQueueError(.refused, "“\(form["count"])” is not a number of messages")
        }
        request.count = count
      default: break
      }
      return request
    } catch {
      say(error.detail, .error)
      return nil
    }
  }

  private static func readInject(_ form: Form, _ request: inout PlanRequest)
    throws(DiskQueueError)
  {
    let text = form["text"]
    guard let times = Int(form["repeat"]), (1...10_000_000).contains(times) else {
      throw DiskQueueError(.refused, "“\(form["repeat"])” times: 1 to 10,000,000 will do")
    }
    request.injection = Injection(repeats: times, nsq: form["envelope"] == "nsqd")
    switch form["source"] {
    case "text": request.source = .payload(Array(text.utf8))
    case "hex":
      guard let bytes = Hex.decode(text.utf8.filter { $0 != 32 }[...]) else {
        throw DiskQueueError(.refused, "“\(text)” is not hexadecimal")
      }
      request.source = .payload(bytes)
    case let word:
      guard !text.isEmpty else { throw DiskQueueError(.refused, "which file?") }
      let format = MessageFormat(rawValue: String(word.dropFirst("file: ".count))) ?? .lines
      request.source = .file(text, format)
    }
  }

  static func target(_ kind: String, _ text: String, _ format: String) throws(DiskQueueError)
    -> PlanRequest.Target
  {
    guard !text.isEmpty else { throw DiskQueueError(.refused, "where to?") }
    let format = MessageFormat(rawValue: format) ?? .ndjson
    switch kind {
    case "queue": return .queue(try QueueName(text))
    case "command": return .command(text, format)
    default: return .file(text, format)
    }
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

  mutating func export() -> [Effect] {
    switch screen {
    case .queue(let queue, .messages):
      guard let page = messages, !page.chosen.isEmpty else { return [] }
      let count = Numbers.messages(Int64(page.chosen.count))
      overlay = .export(
        Form(
          "EXPORT \(count)", hint: "They are copied; the queue is not touched.",
          [
            .text("target", "File", path(queue, "ndjson")),
            .choice("format", "Format", MessageFormat.allCases.map(\.rawValue), 5),
          ]))
    case .events, .queue(_, .events):
      overlay = .export(
        Form(
          "EXPORT events", hint: "They are written as lines of text.",
          [.text("target", "File", "/var/tmp/diskq-events.\(timeForNames).txt")]))
    default: say("messages and events can be exported: m, L", .warning)
    }
    return []
  }
}
