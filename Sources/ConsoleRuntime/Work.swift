import DiskQueue
import QueueConsole
import SystemPackage

/// One job on queues, off the screen's thread.
struct Work: Sendable {
  let directory: FilePath
  let options: DiskQueue.Options
  let decode: ConsoleSettings.Decode
  let mailbox: Mailbox
  let progress: Progress

  init(_ settings: ConsoleSettings, mailbox: Mailbox) {
    directory = settings.directory
    options = settings.options
    decode = settings.decode
    self.mailbox = mailbox
    progress = Progress(mailbox)
  }

  /// Tells where a pass is, and ends one that was cancelled.
  private func watch() -> SegmentScanner.Watch {
    let last = Guarded<Int64>(0)
    return { [progress] (offset: Int64) throws(DiskQueueError) in
      if Task.isCancelled { throw DiskQueueError(.refused, "cancelled; nothing was changed") }
      let more = last.withLock { last in
        defer { last = offset }
        return offset > last ? offset - last : 0
      }
      if more > 0 { progress.add(more) }
    }
  }

  // MARK: What only looks

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

  // MARK: Plans

  /// The options with what the segments tell of their owner's.
  func told(by files: QueueFiles) -> DiskQueue.Options {
    var options = options
    if let told = RollRuleGuess(files) {
      options.maxBytesPerFile = told.maxBytesPerFile
      options.rollRule = told.rule
    }
    return options
  }

  func plan(_ request: PlanRequest) -> Event {
    do throws(DiskQueueError) {
      var plans: [Plan] = []
      for queue in request.queues { plans.append(try plan(request, queue)) }
      return .planned(plans, request)
    } catch { return .planFailed(error) }
  }

  private func plan(_ request: PlanRequest, _ queue: QueueName) throws(DiskQueueError) -> Plan {
    let files = try QueueFiles(queue, in: directory, disk: RealDisk(below: directory))
    let planner = Planner(directory, options: told(by: files))
    switch request.kind {
    case .inject: return try inject(request, queue, planner)
    case .drain: return try planner.drain(queue, to: try target(request, queue).text)
    case .empty: return try planner.empty(queue)
    case .repair: return try planner.repair(queue, request.repair, watch: watch())
    case .undo:
      let store = OperationStore(of: directory)
      let record =
        if let id = request.operation { try store.find(id) } else { try store.last(queue) }
      guard let record else {
        throw DiskQueueError(.refused, "there is nothing to undo for this queue", path: directory)
      }
      return try UndoPlanner(planner, record).plan()
    case .move:
      return try planner.move(
        queue, MessageSelection(positions: request.positions),
        to: try target(request, queue).text, watch: watch())
    case .skip: return try planner.skip(queue, request.count, watch: watch())
    case .purge:
      let root = Backup.root(directory)
      var records = try OperationStore(of: directory).list(queue)
      if let id = request.operation { records.removeAll { $0.id != id } }
      return try planner.purge(records, of: queue, root: root)
    }
  }

  private func inject(_ request: PlanRequest, _ queue: QueueName, _ planner: Planner)
    throws(DiskQueueError) -> Plan
  {
    switch request.source {
    case .payload(let payload):
      // One is planned, however often it is put: a plan does not hold the messages.
      let one = request.injection.nsq ? NSQEnvelope.headerSize + payload.count : payload.count
      return try planner.inject(
        count: Int64(request.injection.repeats),
        bytes: Int64(request.injection.repeats) * Record.size(of: one), into: queue)
    case .file(let path, let format):
      var count: Int64 = 0
      var bytes: Int64 = 0
      let more = request.injection.nsq ? NSQEnvelope.headerSize : 0
      try decode(path, format) { (batch) throws(DiskQueueError) in
        if Task.isCancelled { throw DiskQueueError(.refused, "cancelled; nothing was changed") }
        count += Int64(batch.count)
        bytes += batch.reduce(0) { $0 + Record.size(of: $1.count + more) }
      }
      let repeats = Int64(request.injection.repeats)
      return try planner.inject(count: count * repeats, bytes: bytes * repeats, into: queue)
    }
  }

  /// Where one queue's messages go: of many queues, each has a file of its own.
  func target(_ request: PlanRequest, _ queue: QueueName) throws(DiskQueueError)
    -> PlanRequest.Target
  {
    guard let target = request.target else { throw DiskQueueError(.refused, "where to?") }
    switch target {
    case .file(let path, let format) where request.queues.count > 1:
      return .file("\(path)/\(Model.safeName(queue)).\(format.rawValue)", format)
    case .queue(let other):
      try QueueSink.check(other, in: directory, from: queue, at: directory)
      return target
    default: return target
    }
  }
}

/// Tells the console how far a job is.
final class Progress: Sendable {
  private let done = Guarded<Int64>(0)
  private let start = ContinuousClock.now
  private let mailbox: Mailbox

  init(_ mailbox: Mailbox) { self.mailbox = mailbox }

  func add(_ more: Int64) {
    let now = done.withLock { done in
      done += more
      return done
    }
    mailbox.post(.progress(now, seconds: (ContinuousClock.now - start) / .seconds(1)))
  }
}
