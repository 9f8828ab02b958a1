package import DiskQueue
import QueueInspection
import SystemPackage

/// Plans that go through the queue itself: putting messages in, handing them on.
extension Operator {
  /// Puts messages at the end of the queue.
  package func inject(_ payloads: [[UInt8]], by plan: ConfirmedPlan) throws(DiskQueueError)
    -> OperationResult
  {
    try inject(by: plan) { (put) throws(DiskQueueError) in try put(payloads) }
  }

  /// Puts the messages that `source` hands to what it is given, batch after batch.
  package func inject(
    by plan: ConfirmedPlan,
    from source: (([[UInt8]]) throws(DiskQueueError) -> Void) throws(DiskQueueError) -> Void
  ) throws(DiskQueueError) -> OperationResult {
    try run(plan) { (queue, done) throws(DiskQueueError) in
      var count = 0
      defer { done = Int64(count) }
      try source { (payloads) throws(DiskQueueError) in
        try queue.put(contentsOf: payloads, count: &count)
      }
    }
  }

  /// Takes messages off the queue in batches; each leaves only after `sink` has kept it.
  ///
  /// - Parameters:
  ///   - plan: what was shown and confirmed.
  ///   - handover: how many, how many at once, and whether to go on.
  ///   - sink: where the messages go.
  /// - Returns: what was done.
  /// - Throws: `planVoid`, `inUse`, or what reading or the sink reports.
  package func drain(
    by plan: ConfirmedPlan, _ handover: Handover = .init(), into sink: any MessageSink
  ) throws(DiskQueueError) -> OperationResult {
    try run(plan) { (queue, done) throws(DiskQueueError) in
      var source = QueueSource(queue, syncs: sink.isDurable, frames: sink.takesFrames)
      var handed = Handover.Done()
      defer { done = handed.left }
      try handover.run(from: &source, to: sink, done: &handed)
    }
  }

  private func run(
    _ confirmed: ConfirmedPlan, _ body: (DiskQueue, inout Int64) throws(DiskQueueError) -> Void
  )
    throws(DiskQueueError) -> OperationResult
  {
    let plan = confirmed.plan
    let time = now()
    let backup = try backup(for: plan, at: time)
    var options = options
    if let backup { options.retirement = .move(backup.old) }
    let queue: DiskQueue
    do throws(DiskQueueError) {
      queue = try DiskQueue(
        plan.queue, directory: directory, options: options, disk: disk, processes: processes,
        expecting: plan.files
      ) { (ownership, tails) throws(DiskQueueError) in
        try backup?.record(plan.act, at: time, ownership: ownership)
        try backup?.keep(plan.act, tails, ownership: ownership)
      }
    } catch {
      backup?.discard()
      audit(plan, backup?.id ?? time.compact, time, "refused: \(error.detail)")
      throw error
    }
    var failure: DiskQueueError?
    var messages: Int64 = 0
    do throws(DiskQueueError) {
      try body(queue, &messages)
    } catch { failure = error }
    var done = plan
    do throws(DiskQueueError) {
      done.after = try queue.standing.metadata
      var isNothing = false
      try queue.close { (files) throws(DiskQueueError) in
        guard let backup else { return }
        // Nothing was moved and nothing mended: then there is nothing to undo.
        isNothing =
          messages == 0 && OperationRecord.images(files) == OperationRecord.images(plan.files)
        if isNothing { return }
        // What was taken out must be there before the result says that it can be brought back.
        try disk.syncDirectory(backup.old)
        try Backup.finish(backup.folder, messages, files, disk: disk)
      }
      if isNothing { backup?.discard() }
    } catch { failure = failure ?? error }
    done.messages = messages
    let id = backup?.id ?? time.compact
    if let failure {
      audit(done, id, time, "failed: \(failure.detail)")
      throw failure
    }
    if messages > 0 || plan.kind != .drain { audit(done, id, time, "done") }
    return OperationResult(
      id: id, kind: plan.kind, queue: plan.queue, messages: messages, bytes: plan.bytes,
      after: done.after, remaining: plan.remaining, isKept: backup != nil)
  }

  /// The operation's folder; nil for a drain on a full disk, which frees space and keeps its messages
  /// elsewhere: it must not fail for want of a place for what could be undone.
  private func backup(for plan: Plan, at time: Timestamp) throws(DiskQueueError) -> Backup? {
    do {
      if plan.kind == .drain {
        try ChangeSet.expectRoom(for: [], in: directory, disk: disk)
      }
      return try Backup(at: time, root: root, Ledger(directory, disk: disk))
    } catch {
      guard plan.kind == .drain, error.code == .noSpace else { throw error }
      return nil
    }
  }
}
