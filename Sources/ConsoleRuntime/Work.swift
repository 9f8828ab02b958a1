import DiskQueue
import QueueConsole
import QueueInspection
import QueueOperations
import SystemPackage

/// One job on queues, off the screen's thread.
struct Work: Sendable {
  let directory: FilePath
  let options: DiskQueue.Options
  /// Shows pages beside the job; told what a search has passed.
  let reader: MessageReader
  let cancellation: Cancellation
  let progress: Progress

  init(
    _ settings: ConsoleSettings, id: JobID, reader: MessageReader, cancellation: Cancellation,
    mailbox: Mailbox
  ) {
    self.reader = reader
    directory = settings.directory
    options = settings.options
    self.cancellation = cancellation
    progress = Progress(id, mailbox)
  }

  /// Does what is asked for, and tells how it ended.
  func run(_ request: JobRequest) -> JobNews {
    do throws(DiskQueueError) {
      try check("cancelled; nothing was changed")
      switch request {
      case .plan(let request): return try plan(request)
      case .apply(let plans, let request):
        return apply(plans, request)
      case .check(let queue): return try check(queue)
      case .judge(let queue): return try judge(queue)
      case .find(let queue, let pattern, let position, let forward):
        return try find(queue, pattern, from: position, forward: forward)
      case .export(let queue, let positions, let path, let format):
        return try export(queue, positions, to: path, format)
      case .write(let text, let path): return try write(text, to: path)
      }
    } catch { return .failed(error) }
  }

  /// Ends the job here when it was cancelled.
  func check(_ words: String) throws(DiskQueueError) {
    if cancellation.isCancelled { throw DiskQueueError(.refused, words) }
  }

  /// Tells where a pass is, and ends one that was cancelled.
  private func watch() -> SegmentScanner.Watch {
    let last = Guarded<Int64>(0)
    return { [self] (offset: Int64) throws(DiskQueueError) in
      try check("cancelled; nothing was changed")
      let more = last.withLock { last in
        defer { last = offset }
        return offset > last ? offset - last : 0
      }
      if more > 0 { progress.add(more) }
    }
  }

  // MARK: What only looks

  private func check(_ queue: QueueName) throws(DiskQueueError) -> JobNews {
    var checker = Checker(directory, limits: options.limits)
    checker.watch = watch()
    return .checked(try checker.check(queue, bad: true))
  }

  private func judge(_ queue: QueueName) throws(DiskQueueError) -> JobNews {
    .judged(
      queue, try Checker(directory, limits: options.limits).judgements(queue, watch: watch()))
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

  private func plan(_ request: PlanRequest) throws(DiskQueueError) -> JobNews {
    var plans: [Plan] = []
    for queue in request.queues { plans.append(try plan(request, queue)) }
    return .planned(plans, request)
  }

  private func plan(_ request: PlanRequest, _ queue: QueueName) throws(DiskQueueError) -> Plan {
    let files = try QueueFiles(queue, in: directory, disk: RealDisk(below: directory))
    let planner = Planner(directory, options: told(by: files))
    switch request.kind {
    case .inject: return try inject(request, queue, planner)
    case .drain: return try planner.drain(queue, to: try place(request, queue).text)
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
        to: try place(request, queue).text, watch: watch())
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
    let needsEnvelope =
      if request.injection.nsq { false } else { try NSQDirectory.isThere(directory) }
    switch request.source {
    case .payload(let payload):
      // One is planned, however often it is put: a plan does not hold the messages.
      if needsEnvelope { try NSQDirectory.check([payload], in: directory) }
      let one = request.injection.nsq ? NSQEnvelope.headerSize + payload.count : payload.count
      return try planner.inject(
        count: Int64(request.injection.repeats),
        bytes: Int64(request.injection.repeats) * Record.size(of: one), into: queue)
    case .file(let path, let format):
      var count: Int64 = 0
      var bytes: Int64 = 0
      let more = request.injection.nsq ? NSQEnvelope.headerSize : 0
      try messages(in: path, format) { (batch) throws(DiskQueueError) in
        try check("cancelled; nothing was changed")
        if needsEnvelope { try NSQDirectory.check(batch, in: directory) }
        count += Int64(batch.count)
        bytes += batch.reduce(0) { $0 + Record.size(of: $1.count + more) }
      }
      let repeats = Int64(request.injection.repeats)
      return try planner.inject(count: count * repeats, bytes: bytes * repeats, into: queue)
    }
  }

  /// Hands over the messages of a file in batches.
  func messages(
    in path: String, _ format: MessageFormat, _ body: ([[UInt8]]) throws(DiskQueueError) -> Void
  ) throws(DiskQueueError) {
    do {
      try MessageInput(FilePath(path), MessageDecoder(format, limit: Int(Int32.max)))
        .eachBatch(body)
    } catch let error as DiskQueueError { throw error } catch {
      throw DiskQueueError(.inputOutput, "\(error)", path: FilePath(path))
    }
  }

  /// Where one queue's messages go: of many queues, each has a file of its own.
  func place(_ request: PlanRequest, _ queue: QueueName) throws(DiskQueueError)
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

/// Tells the console how far a job is, as often as anybody can see.
final class Progress: Sendable {
  private struct State {
    var done: Int64 = 0
    var toldAt: ContinuousClock.Instant?
  }

  private let state = Guarded(State())
  private let start = ContinuousClock.now
  private let id: JobID
  private let mailbox: Mailbox

  init(_ id: JobID, _ mailbox: Mailbox) {
    self.id = id
    self.mailbox = mailbox
  }

  func add(_ more: Int64) {
    let time = ContinuousClock.now
    let news = state.withLock { state -> Int64? in
      state.done += more
      if let told = state.toldAt, time - told < .milliseconds(50) { return nil }
      state.toldAt = time
      return state.done
    }
    guard let news else { return }
    mailbox.post(.job(id, .progress(news, seconds: (time - start) / .seconds(1))))
  }
}
