import DiskQueue
import QueueInspection
package import QueueOperations
import SystemPackage

/// Jobs: one begins only when none runs, and only its own end is taken for it.
extension Model {
  /// Begins a job; while another runs that one goes on, and this one is refused in words.
  mutating func begin(
    _ request: JobRequest, _ title: String, queue: QueueName?, total: Int64 = 0
  ) -> [Effect] {
    if let words = busy {
      say(words, .warning)
      return []
    }
    jobsBegun += 1
    var job = Job(JobID(jobsBegun), request, title, queue: queue)
    job.total = total
    self.job = job
    say("")
    return [.start(job.id, request)]
  }

  /// Why no job can begin; nil when one can.
  package var busy: String? {
    job.map { job in
      job.isStopping
        ? "\(job.title) is still stopping"
        : "\(job.title) is running; \(keys.label(.interrupt)) stops it"
    }
  }

  /// Asks the job that is shown to stop; it is gone once it has told its end.
  mutating func cancelJob() -> [Effect] {
    guard let id = job?.id else { return [] }
    job?.isStopping = true
    return [.cancel(id)]
  }

  /// Takes what a job tells.
  mutating func take(_ news: JobNews, of id: JobID) -> [Effect] {
    guard let job, job.id == id else { return takeLate(news) }
    if case .progress(let done, let seconds) = news {
      self.job?.done = done
      self.job?.seconds = seconds
      return []
    }
    self.job = nil
    let effects: [Effect]
    switch news {
    case .progress: effects = []
    case .planned(let plans, let request): effects = show(plans, request)
    case .applied(let results, let request, let failure):
      effects = finish(results, request, failure)
    case .checked(let report): effects = take(checked: report)
    case .judged(let queue, let found):
      take(found, of: queue)
      effects = []
    case .found(let queue, let position): effects = take(found: position, in: queue)
    case .exported(let path, let count):
      effects = tell("\(Numbers.messages(count)) copied to \(path)")
    case .written(let path): effects = tell("written to \(path)")
    case .failed(let error): effects = fail(error, job)
    }
    return effects + page.read(on: .jobEnded, in: &self)
  }

  /// What was done is told, even when the job is no longer shown; nothing else of it counts.
  private mutating func takeLate(_ news: JobNews) -> [Effect] {
    guard case .applied(let results, let request, let failure) = news else { return [] }
    return finish(results, request, failure)
  }

  private mutating func tell(_ text: String) -> [Effect] {
    say(text, .good)
    return []
  }

  private mutating func fail(_ error: DiskQueueError, _ job: Job) -> [Effect] {
    var hint = ""
    switch job.request {
    case .plan: if case .planning = overlay { overlay = nil }
    case .find:
      messages?.isSearching = false
      hint = Model.hint(error)
    case .judge: judgements = judgements ?? []
    case .apply, .check, .export, .write: break
    }
    say(error.detail + hint, .error)
    return []
  }

  private mutating func show(_ plans: [Plan], _ request: PlanRequest) -> [Effect] {
    guard case .planning(request) = overlay else { return [] }
    let needed = plans.filter { !$0.isEmpty }
    if needed.isEmpty {
      overlay = nil
      say("nothing to \(request.kind.rawValue) there", .good)
    } else {
      overlay = .confirm(needed, request, LineEditor())
    }
    return []
  }

  private mutating func finish(
    _ results: [OperationResult], _ request: PlanRequest, _ failure: DiskQueueError?
  ) -> [Effect] {
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
    return [.refresh, .readAudit] + page.read(on: .applied(request), in: &self)
  }

  /// What came of an operation, on one line.
  package static func sentence(_ result: OperationResult) -> String {
    let name = VisibleText.string(result.queue.bytes)
    return "\(result.kind.rawValue) \(name): \(Numbers.messages(result.messages)), "
      + (result.isKept ? "operation \(result.id)" : "without a backup, since the disk is full")
  }

  private mutating func take(checked report: QueueReport) -> [Effect] {
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
    return []
  }
}
