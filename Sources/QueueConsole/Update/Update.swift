import DiskQueue
import SystemPackage

extension Model {
  /// Takes one event and says what to do about it: the whole of the console's behaviour.
  package mutating func update(_ event: Event) -> [Effect] {
    switch event {
    case .key(let key): return take(key)
    case .mouse(let mouse, let row, let column): return take(mouse, row: row, column: column)
    case .resized(let columns, let rows):
      self.columns = columns
      self.rows = rows
      keepInView()
    case .tick(let time): return tick(time)
    case .surveyed(let report, let changed): return take(report, changed: changed)
    case .surveyFailed(let error):
      refreshing = false
      if failure == nil { note(.error, directory, error.description) }
      failure = error.description
    case .line(let isSlow): slowdown = isSlow ? min(16, slowdown * 2) : max(1, slowdown / 2)
    case .writing(let unlocked): self.unlocked = unlocked
    case .planned(let plans, let request): show(plans, request)
    case .planFailed(let error): fail(error)
    case .progress(let done, let seconds):
      job?.done = done
      job?.seconds = seconds
    case .checked(let report): take(checked: report)
    case .judged(let queue, let found):
      job = nil
      if screen == .queue(queue, .bad) { judgements = found }
    case .passFailed(let error): fail(error)
    case .applied(let results, let request, let failure):
      return finish(results, request, failure)
    case .browsed(let queue, let anchor, let page): return take(page, anchor, of: queue)
    case .opened(let queue, let message):
      if messages?.queue == queue, messages?.current?.position == message?.position {
        messages?.opened = message
      }
    case .found(let queue, let position): return take(found: position, in: queue)
    case .browseFailed(let queue, let error): fail(error, browsing: queue)
    case .exported(let path, let count):
      job = nil
      say("\(Numbers.messages(count)) copied to \(path)", .good)
    case .written(let path): say("written to \(path)", .good)
    case .audited(let entries):
      events.replaceAudit(entries)
      keepInView()
    case .refused(let why): say(why, .warning)
    case .terminate: return [.cancelJob, .quit]
    }
    return []
  }

  private mutating func tick(_ time: Timestamp) -> [Effect] {
    now = time
    guard !paused, !refreshing else { return [] }
    refreshing = true
    return [.refresh]
  }

  // MARK: What comes back

  private mutating func show(_ plans: [Plan], _ request: PlanRequest) {
    guard case .planning(request) = overlay else { return }
    job = nil
    let needed = plans.filter { !$0.isEmpty }
    if needed.isEmpty {
      overlay = nil
      say("nothing to \(request.kind.rawValue) there", .good)
    } else {
      overlay = .confirm(needed, request, LineEditor())
    }
  }

  private mutating func finish(
    _ results: [OperationResult], _ request: PlanRequest, _ failure: DiskQueueError?
  ) -> [Effect] {
    job = nil
    marks.subtract(results.map(\.queue))
    messages?.marks = []
    if let failure {
      note(.error, failure.path?.string ?? directory, failure.description)
    }
    if results.isEmpty, let failure {
      say(failure.detail, .error)
    } else if overlay == nil {
      overlay = .result(results, failure: failure?.detail)
    } else if let last = results.last {
      say(Model.sentence(last), failure == nil ? .good : .warning)
    }
    var effects: [Effect] = [.refresh, .readAudit]
    if let page = messages, tab == .messages, request.queues.contains(page.queue) {
      effects += browse(page.queue, .first, isFresh: true)
    }
    return effects
  }

  /// What came of an operation, on one line.
  static func sentence(_ result: OperationResult) -> String {
    let name = VisibleText.string(result.queue.bytes)
    return "\(result.kind.rawValue) \(name): \(Numbers.messages(result.messages)), "
      + "operation \(result.id)"
  }

  mutating func fail(_ error: DiskQueueError) {
    job = nil
    if case .planning = overlay { overlay = nil }
    say(error.detail, .error)
  }

  private mutating func take(checked report: QueueReport) {
    job = nil
    checked[report.name] = (report, self.report?.takenAt ?? Timestamp(nanoseconds: 0))
    let errors = report.findings.count { $0.severity == .error }
    let messages = report.segments.reduce(0) { $0 + ($1.messages ?? 0) }
    let warnings = report.findings.count { $0.severity == .warning }
    let (text, role): (String, Role) =
      if errors > 0 {
        ("\(errors) error\(errors == 1 ? "" : "s"); P plans the repair", .error)
      } else if warnings > 0 {
        ("no error, \(warnings) warning\(warnings == 1 ? "" : "s")", .warning)
      } else {
        ("\(Numbers.messages(messages)), nothing is wrong", .good)
      }
    say("checked \(VisibleText.string(report.name.bytes)): \(text)", role)
  }

  /// Notes an event at the time of the last look.
  mutating func note(
    _ kind: ConsoleEvent.Kind, _ subject: String, _ text: String, operation: String? = nil
  ) {
    let time = now?.rfc3339 ?? ""
    events.add(ConsoleEvent(kind, subject, text, time: time, operation: operation))
    keepInView()
  }
}
