import DiskQueue
import QueueConsole
import SystemPackage

/// Performs what the console wishes for, beside the screen, and posts what came of it.
final class EffectPerformer {
  private let mailbox: Mailbox
  private let surveyor: Surveyor
  private let directory: FilePath
  private let settings: ConsoleSettings
  private var gate = WriteGate()
  private var job: Task<Void, Never>?

  init(_ settings: ConsoleSettings, mailbox: Mailbox) {
    self.settings = settings
    self.directory = settings.directory
    self.mailbox = mailbox
    self.surveyor = Surveyor(settings.directory)
    if settings.unlocked { gate.unlock() }
  }

  /// Starts one effect that is not the loop's own.
  func perform(_ effect: Effect) {
    switch effect {
    case .refresh:
      Task.detached { [mailbox, surveyor] in mailbox.post(await surveyor.look()) }
    case .unlock:
      gate.unlock()
      mailbox.post(.writing(unlocked: true))
    case .lock:
      gate.lock()
      mailbox.post(.writing(unlocked: false))
    case .plan(let request): start { $0.plan(request) }
    case .apply(let plan, let request):
      guard let token = gate.token else {
        mailbox.post(
          .applyFailed(DiskQueueError(.refused, "writing is locked; press W to unlock it")))
        return
      }
      start { $0.apply(plan, request, token) }
    case .check(let queue): start { $0.check(queue) }
    case .judge(let queue): start { $0.judge(queue) }
    case .cancelJob: job?.cancel()
    case .interval, .redraw, .suspend, .quit: break
    }
  }

  /// Whether a job has not told its end yet.
  private(set) var isBusy = false

  /// Asks a running job to end between two batches.
  func cancel() { job?.cancel() }

  /// Looks at what the mailbox brought, to know when the job has ended.
  func note(_ event: Event) {
    switch event {
    case .planned, .planFailed, .applied, .applyFailed, .checked, .judged, .passFailed:
      isBusy = false
    default: break
    }
  }

  private func start(_ work: @escaping @Sendable (Work) -> Event) {
    let options = settings.options
    isBusy = true
    job = Task.detached { [mailbox, directory] in
      mailbox.post(work(Work(directory: directory, options: options, mailbox: mailbox)))
    }
  }
}

/// One job on a queue, off the screen's thread.
struct Work: Sendable {
  let directory: FilePath
  let options: DiskQueue.Options
  let mailbox: Mailbox

  /// Tells how many bytes were read since the last time, and ends a pass that was cancelled.
  private func watch() -> SegmentScanner.Watch {
    let last = Guarded<Int64>(0)
    let start = ContinuousClock.now
    return { [mailbox] (offset: Int64) throws(DiskQueueError) in
      if Task.isCancelled { throw DiskQueueError(.refused, "cancelled; nothing was changed") }
      let more = last.withLock { last in
        defer { last = offset }
        return offset > last ? offset - last : 0
      }
      let parts = (ContinuousClock.now - start).components
      let seconds = Double(parts.seconds) + Double(parts.attoseconds) / 1e18
      if more > 0 { mailbox.post(.passed(more, seconds: seconds)) }
    }
  }

  func check(_ queue: QueueName) -> Event {
    var checker = Checker(directory, limits: options.limits)
    checker.watch = watch()
    do throws(DiskQueueError) { return .checked(try checker.check(queue, bad: true)) } catch {
      return .passFailed(error)
    }
  }

  func judge(_ queue: QueueName) -> Event {
    do throws(DiskQueueError) {
      return .judged(
        queue,
        try Checker(directory, limits: options.limits).judgements(queue, watch: watch()))
    } catch { return .passFailed(error) }
  }

  /// The options with what the segments tell of their owner's.
  private func told(by files: QueueFiles) -> DiskQueue.Options {
    var options = options
    if let told = RollRuleGuess(files) {
      options.maxBytesPerFile = told.maxBytesPerFile
      options.rollRule = told.rule
    }
    return options
  }

  func plan(_ request: PlanRequest) -> Event {
    do throws(DiskQueueError) {
      let files = try QueueFiles(request.queue, in: directory, disk: RealDisk())
      let planner = Planner(directory, options: told(by: files))
      let plan =
        switch request.kind {
        case .inject: try planner.inject([Array(request.text.utf8)], into: request.queue)
        case .drain: try planner.drain(request.queue, to: request.path)
        case .empty: try planner.empty(request.queue)
        case .repair: try planner.repair(request.queue, request.repair, watch: watch())
        case .undo: try undo(planner, request.queue)
        case .move, .skip, .purge: try undo(planner, request.queue)
        }
      return .planned(plan, request)
    } catch { return .planFailed(error) }
  }

  private func undo(_ planner: Planner, _ queue: QueueName) throws(DiskQueueError) -> Plan {
    guard let last = try OperationStore(Backup.root(directory)).last(queue) else {
      throw DiskQueueError(.refused, "there is nothing to undo for this queue", path: directory)
    }
    return try UndoPlanner(planner, last).plan()
  }

  func apply(_ plan: Plan, _ request: PlanRequest, _ token: WriteToken) -> Event {
    let worker = Operator(directory, options: told(by: plan.files))
    do throws(DiskQueueError) {
      let result =
        switch plan.kind {
        case .inject: try worker.inject([Array(request.text.utf8)], by: plan, token)
        case .empty, .repair, .undo, .move, .skip, .purge: try worker.apply(plan, token)
        case .drain: try drain(plan, request, token, worker)
        }
      return .applied(result)
    } catch { return .applyFailed(error) }
  }

  private func drain(
    _ plan: Plan, _ request: PlanRequest, _ token: WriteToken, _ worker: Operator
  ) throws(DiskQueueError) -> OperationResult {
    let sink = try FileSink(
      FilePath(request.path), encoder: MessageEncoder(.ndjson, nsq: false, queue: plan.queue))
    return try worker.drain(
      by: plan, token,
      goesOn: { done in
        mailbox.post(.progress(done))
        return !Task.isCancelled
      }, into: sink.write)
  }
}

/// Owns the survey, so that one look follows another.
actor Surveyor {
  private var survey: Survey

  init(_ directory: FilePath) { survey = Survey(directory) }

  func look() -> Event {
    do throws(DiskQueueError) { return .surveyed(try survey.refresh()) } catch {
      return .surveyFailed(error)
    }
  }
}
