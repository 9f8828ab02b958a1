package import SystemPackage

/// Applies plans: the one path by which a console or a command changes a queue.
///
/// Every operation takes the locks first, compares the files with the plan, writes down what it
/// starts from, does its work so that nothing is unlinked, and writes the audit log.
package struct Operator: Sendable {
  /// Where drained messages go: it must keep them safe before it returns.
  package typealias Sink = ([Message]) throws -> Void

  package let directory: FilePath
  package let disk: any Disk
  let processes: any ProcessTable
  let now: @Sendable () -> Timestamp
  /// How the queue is opened; its retirement is replaced by the backup.
  package var options: DiskQueue.Options
  /// Where backups go; nil for `DIR/.diskq/backup`.
  package var backupRoot: FilePath?

  package init(
    _ directory: FilePath, options: DiskQueue.Options = .init(), disk: (any Disk)? = nil,
    processes: any ProcessTable = RealProcessTable(),
    now: @escaping @Sendable () -> Timestamp = Machine.now
  ) {
    self.directory = directory
    self.options = options
    self.disk = disk ?? RealDisk(below: directory)
    self.processes = processes
    self.now = now
  }

  /// Plans with the same options and disk.
  package var planner: Planner {
    Planner(directory, options: options, disk: disk, processes: processes)
  }

  /// Where this operator's backups are.
  package var root: FilePath { backupRoot ?? Backup.root(directory) }

  /// Puts messages at the end of the queue.
  package func inject(_ payloads: [[UInt8]], by plan: Plan, _ token: WriteToken)
    throws(DiskQueueError) -> OperationResult
  {
    try inject(by: plan, token) { (put) throws(DiskQueueError) in try put(payloads) }
  }

  /// Puts the messages that `source` hands to what it is given, batch after batch.
  package func inject(
    by plan: Plan, _ token: WriteToken,
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
  ///   - token: the proof that writing is unlocked.
  ///   - most: how many messages at the most.
  ///   - batch: how many at once.
  ///   - goesOn: asked between two batches; false stops there with nothing lost.
  ///   - sink: where the messages go.
  /// - Returns: what was done.
  /// - Throws: `planVoid`, `inUse`, or what reading or the sink reports.
  package func drain(
    by plan: Plan, _ token: WriteToken, most: Int64 = .max, batch: Int = 1000,
    goesOn: (Int64) -> Bool = { _ in true }, into sink: Sink
  ) throws(DiskQueueError) -> OperationResult {
    try run(plan) { (queue, done) throws(DiskQueueError) in
      while done < most, goesOn(done) {
        let messages = try queue.peek(Int(min(Int64(batch), most - done)), bytes: 8 << 20)
        if messages.isEmpty { break }
        do { try sink(messages) } catch let error as DiskQueueError { throw error } catch {
          throw DiskQueueError(.inputOutput, "the messages could not be handed on: \(error)")
        }
        try queue.commit(messages)
        // So that a kill, or a power loss, gives the next run no more than one batch again.
        try queue.sync()
        done += Int64(messages.count)
      }
    }
  }

  /// As ``drain(by:_:most:batch:goesOn:into:)``, handing the records on as they are on disk, which is
  /// what `frames` are.
  ///
  /// Into a place that is not durable itself, as a pipe, the queue need not be synced for each batch.
  package func drainFrames(
    by plan: Plan, _ token: WriteToken, most: Int64 = .max, batch: Int64, syncs: Bool = true,
    goesOn: (Int64) -> Bool = { _ in true }, into sink: (ArraySlice<UInt8>, Int64) throws -> Void
  ) throws(DiskQueueError) -> OperationResult {
    try run(plan) { (queue, done) throws(DiskQueueError) in
      var buffer = [UInt8](repeating: 0, count: 1 << 18)
      while done < most, goesOn(done) {
        let taken: Int64?
        do {
          taken = try queue.handFrames(&buffer, most: min(batch, most - done), sink)
        } catch let error as DiskQueueError { throw error } catch {
          throw DiskQueueError(.inputOutput, "the messages could not be handed on: \(error)")
        }
        if taken == 0 { break }
        if syncs { try queue.sync() }
        // Larger than the buffer: it grows until the record fits.
        if taken == nil { buffer = [UInt8](repeating: 0, count: buffer.count * 4) }
        done += taken ?? 0
      }
    }
  }

  /// Finishes an operation that was interrupted, or takes it back, so that a plan can be made of what
  /// is really there.
  ///
  /// - Throws: `inUse`, or what the disk reports.
  package func settle(_ queue: QueueName, _ token: WriteToken) throws(DiskQueueError)
    -> Interrupted.Outcome
  {
    let ledger = Ledger(directory, disk: disk)
    try ledger.check()
    guard try disk.exists(Journal.path(of: queue, in: directory)) else { return .nothing }
    let lock = try QueueLock(queue, in: directory, disk: disk, processes: processes)
    defer { lock.release(disk) }
    let files = try QueueFiles(queue, in: directory, disk: disk)
    if options.checksOpenFiles {
      try Occupancy.refuse(
        files, in: directory, processes: processes, assumeOffline: options.assumeOffline,
        disk: disk)
    }
    return try Interrupted.settle(queue, in: directory, disk: disk, root: backupRoot)
  }

  /// Does what a plan of file changes says: an emptying, a repair, an undo.
  ///
  /// A crash at any call leaves the queue as it was, or as it is to be; the next opening or operation
  /// tidies up.
  ///
  /// `first` runs with the locks held and the files found unchanged, before anything is touched; it may
  /// make less of the plan.
  package func apply(
    _ plan: Plan, _ token: WriteToken, first: () throws(DiskQueueError) -> Plan? = { nil }
  ) throws(DiskQueueError) -> OperationResult {
    if let id = plan.finishes {
      _ = try settle(plan.queue, token)
      return OperationResult(
        id: id, kind: plan.kind, queue: plan.queue, messages: plan.messages, bytes: plan.bytes,
        after: plan.after, remaining: [])
    }
    var plan = plan
    let time = now()
    let lock = try QueueLock(plan.queue, in: directory, disk: disk, processes: processes)
    defer { lock.release(disk) }
    var backup: Backup?
    do throws(DiskQueueError) {
      let files = try QueueFiles(plan.queue, in: directory, disk: disk)
      if options.checksOpenFiles {
        try Occupancy.refuse(
          files, in: directory, processes: processes, assumeOffline: options.assumeOffline,
          disk: disk)
      }
      let settled = try Interrupted.settle(
        plan.queue, in: directory, disk: disk, root: backupRoot)
      guard settled == .nothing, files == plan.files else { throw void(plan) }
      try ChangeSet.expectRoom(for: plan.changes, in: directory, disk: disk)
      let folder = try Backup(
        at: time, root: root, Ledger(directory, disk: disk), undoing: plan.undoes)
      backup = folder
      plan = try first() ?? plan
      try carryOut(plan, folder, time)
      audit(plan, folder.id, time, "done")
      return OperationResult(
        id: folder.id, kind: plan.kind, queue: plan.queue, messages: plan.messages,
        bytes: plan.bytes, after: plan.after, remaining: plan.remaining)
    } catch {
      // Once the journal is there the operation will be finished; before, nothing was touched.
      let isBegun = try? disk.exists(Journal.path(of: plan.queue, in: directory))
      if isBegun == false { backup?.discard() }
      audit(
        plan, backup?.id ?? time.compact, time,
        isBegun == false ? "refused: \(error.detail)" : "failed: \(error.detail)")
      throw error
    }
  }

  private func carryOut(_ plan: Plan, _ backup: Backup, _ time: Timestamp) throws(DiskQueueError) {
    let ownership = try disk.ownership(for: plan.files, in: directory)
    try backup.record(plan, at: time, ownership: ownership)
    let ledger = Ledger(directory, disk: disk)
    let set = ChangeSet(
      queue: plan.queue, folder: backup.folder, ledger: ledger, ownership: ownership)
    let journal = try set.prepare(plan.changes, plan.files)
    try set.commit(journal)
    let after = try QueueFiles(plan.queue, in: directory, disk: disk)
    try Backup.finish(backup.folder, plan.messages, after, disk: disk)
    if let undone = plan.undoes {
      try Backup.markUndone(root.entry(Array(undone.utf8)), by: backup.id, disk: disk)
    }
    try ChangeSet.forgetJournal(of: plan.queue, ledger)
  }

  private func void(_ plan: Plan) -> DiskQueueError {
    DiskQueueError(
      .planVoid, "the queue's files have changed since the plan was made; nothing was touched",
      path: directory.file(.metadata, of: plan.queue))
  }

  // MARK: Through the queue

  private func run(
    _ plan: Plan, _ body: (DiskQueue, inout Int64) throws(DiskQueueError) -> Void
  )
    throws(DiskQueueError) -> OperationResult
  {
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
        try backup?.record(plan, at: time, ownership: ownership)
        try backup?.keep(plan, tails, ownership: ownership)
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

  private func audit(_ plan: Plan, _ id: String, _ time: Timestamp, _ result: String) {
    Audit(directory, disk: disk).append(plan, id: id, at: time, result: result)
  }
}
