package import DiskQueue
import QueueInspection
package import SystemPackage

/// Works out plans: reads, concludes, touches nothing.
package struct Planner: Sendable {
  let directory: FilePath
  let options: DiskQueue.Options
  let disk: any Disk
  let processes: any ProcessTable
  /// A queue's files, where the directory was listed already and nothing has been done since.
  package var names: [FileName]?

  package init(
    _ directory: FilePath, options: DiskQueue.Options = .init(), disk: (any Disk)? = nil,
    processes: any ProcessTable = RealProcessTable()
  ) {
    self.processes = processes
    self.directory = directory
    self.options = options
    self.disk = disk ?? RealDisk(below: directory)
  }

  /// Puts `payloads` at the end of a queue, which need not exist.
  package func inject(_ payloads: [[UInt8]], into queue: QueueName) throws(DiskQueueError) -> Plan {
    try inject(
      count: Int64(payloads.count), bytes: payloads.reduce(0) { $0 + Record.size(of: $1.count) },
      into: queue)
  }

  /// Puts `count` messages, whose records are `bytes` long together, at the end of a queue.
  package func inject(count: Int64, bytes: Int64, into queue: QueueName) throws(DiskQueueError)
    -> Plan
  {
    var plan = try plan(.inject, queue, mayBeNew: true)
    plan.messages = count
    plan.bytes = bytes
    plan.after.depth += count
    plan.after.write.offset += bytes
    if count > 0 {
      plan.steps.append(
        .init(
          step: "append", file: entry(.segment(plan.after.write.file), queue),
          why: count == 1 ? "the message goes to the end" : "\(count) messages go to the end"))
    }
    return plan
  }

  /// Takes everything off a queue into `target`.
  ///
  /// A plan that nobody looks at need not count the messages: the drain finds each of them anyway.
  package func drain(_ queue: QueueName, to target: String, counts: Bool = true)
    throws(DiskQueueError) -> Plan
  {
    var plan = try plan(.drain, queue, counts: counts)
    let write = plan.after.write
    plan.target = target
    plan.steps.append(
      .init(
        step: "take", file: nil, why: "each message is written to \(target), then leaves the queue")
    )
    for segment in plan.files.segments where segment.number < write.file {
      plan.steps.append(
        .init(
          step: "backup", file: entry(.segment(segment.number), queue),
          why: "a segment that is read to its end moves to the backup"))
    }
    plan.after = Metadata(depth: 0, read: write, write: write)
    return plan
  }

  /// Drops everything a queue holds; the segments move to the backup.
  ///
  /// A queue that holds nothing is left as it is.
  package func empty(_ queue: QueueName) throws(DiskQueueError) -> Plan {
    var plan = try plan(.empty, queue)
    if plan.messages == 0, plan.bytes == 0, plan.remaining.isEmpty { return plan }
    for segment in plan.files.segments {
      let name = FileName.segment(segment.number).entry(of: queue)
      plan.changes.append(.moveOut(name))
      plan.steps.append(
        .init(
          step: "backup", file: entry(.segment(segment.number), queue),
          why: "the segment moves to the backup"))
    }
    let last = max(plan.after.write.file, plan.files.segments.last?.number ?? 0)
    let next = Position(file: plan.files.segments.isEmpty ? last : last + 1, offset: 0)
    plan.after = Metadata(depth: 0, read: next, write: next)
    plan.changes.append(.metadata(Array(plan.after.text.utf8)))
    return plan
  }

  // MARK: Parts

  /// Runs `body` again when a file has gone while it was read: the queue's owner is at work.
  ///
  /// - Throws: `inUse` when that goes on.
  func steadily<Result>(
    _ queue: QueueName, _ body: (Planner) throws(DiskQueueError) -> Result
  ) throws(DiskQueueError) -> Result {
    var planner = self
    for _ in 0..<3 {
      do throws(DiskQueueError) { return try body(planner) } catch {
        guard error.code == .notFound,
          try !QueueFiles(queue, in: directory, disk: disk).isEmpty
        else { throw error }
      }
      planner.names = nil
    }
    throw DiskQueueError(
      .inUse, "the queue's files come and go while they are read; its owner is at work",
      path: directory)
  }

  /// The operation that was interrupted on a queue.
  ///
  /// - Throws: `inUse` when it is still at work.
  func interrupted(_ queue: QueueName) throws(DiskQueueError) -> String? {
    switch try Interrupted.stopped(queue, Ledger(directory, disk: disk), processes) {
    case .none: return nil
    case .interrupted(let id): return id
    case .atWork(let id, let holder):
      throw DiskQueueError(
        .inUse, "process \(holder) is at work on the queue (operation \(id))", path: directory,
        holder: holder)
    }
  }

  func recover(
    _ queue: QueueName, mayBeNew: Bool, counts: Bool = true, watch: SegmentScanner.Watch? = nil
  ) throws(DiskQueueError) -> (QueueFiles, Recovery.Outcome) {
    if let id = try interrupted(queue) {
      throw DiskQueueError(
        .refused, "operation \(id) on this queue was interrupted; `diskq repair` finishes it",
        path: Journal.path(of: queue, in: directory))
    }
    return try steadily(queue) { (planner) throws(DiskQueueError) in
      try planner.concluded(queue, mayBeNew: mayBeNew, counts: counts, watch: watch)
    }
  }

  private func concluded(
    _ queue: QueueName, mayBeNew: Bool, counts: Bool, watch: SegmentScanner.Watch?
  ) throws(DiskQueueError) -> (QueueFiles, Recovery.Outcome) {
    let files =
      if let names { try QueueFiles(queue, names, in: directory, disk: disk) } else {
        try QueueFiles(queue, in: directory, disk: disk)
      }
    try files.expectFiles(in: directory)
    guard mayBeNew || !files.isEmpty else {
      throw DiskQueueError(
        .notFound, "there is no queue “\(queue)” here", path: directory)
    }
    return (
      files,
      try Recovery.recover(
        queue, files, in: directory, limits: options.limits, disk: disk,
        countUpTo: counts ? .max : 0,
        watch: watch)
    )
  }

  private func plan(
    _ kind: Plan.Kind, _ queue: QueueName, mayBeNew: Bool = false, counts: Bool = true
  ) throws(DiskQueueError) -> Plan {
    let (files, outcome) = try recover(queue, mayBeNew: mayBeNew, counts: counts)
    return plan(kind, queue, files, outcome)
  }

  func plan(
    _ kind: Plan.Kind, _ queue: QueueName, _ files: QueueFiles, _ outcome: Recovery.Outcome
  ) -> Plan {
    Plan(
      kind: kind, queue: queue, directory: directory, steps: [], messages: outcome.state.depth,
      bytes: outcome.state.unreadBytes, before: files.metadata?.reading.whole,
      after: outcome.state.metadata, target: nil, remaining: [], files: files)
  }

  private func entry(_ file: FileName, _ queue: QueueName) -> String {
    String(decoding: file.entry(of: queue), as: UTF8.self)
  }
}
