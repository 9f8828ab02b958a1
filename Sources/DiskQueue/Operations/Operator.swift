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
    _ directory: FilePath, options: DiskQueue.Options = .init(), disk: any Disk = RealDisk(),
    processes: any ProcessTable = RealProcessTable(),
    now: @escaping @Sendable () -> Timestamp = Machine.now
  ) {
    self.directory = directory
    self.options = options
    self.disk = disk
    self.processes = processes
    self.now = now
  }

  /// Plans with the same options and disk.
  package var planner: Planner { Planner(directory, options: options, disk: disk) }

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
    try run(plan) { (queue) throws(DiskQueueError) -> Int64 in
      var count = 0
      try source { (payloads) throws(DiskQueueError) in
        try queue.put(contentsOf: payloads, count: &count)
      }
      return Int64(count)
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
    try run(plan) { (queue) throws(DiskQueueError) -> Int64 in
      var done: Int64 = 0
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
      return done
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
    try run(plan) { (queue) throws(DiskQueueError) -> Int64 in
      var done: Int64 = 0
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
      return done
    }
  }

  /// Does what a plan of file changes says: an emptying, a repair, an undo.
  ///
  /// A crash at any call leaves the queue as it was, or a journal that the next opening or operation
  /// finishes.
  ///
  /// `first` runs with the locks held and the files found unchanged, before anything is touched; it may
  /// make less of the plan.
  package func apply(
    _ plan: Plan, _ token: WriteToken, first: () throws(DiskQueueError) -> Plan? = { nil }
  ) throws(DiskQueueError) -> OperationResult {
    var plan = plan
    let time = now()
    let lock = try QueueLock(plan.queue, in: directory, disk: disk, processes: processes)
    defer { lock.release(disk) }
    var backup: Backup?
    do throws(DiskQueueError) {
      if try Interrupted.finish(plan.queue, in: directory, disk: disk) { throw void(plan) }
      guard try QueueFiles(plan.queue, in: directory, disk: disk) == plan.files else {
        throw void(plan)
      }
      if options.checksOpenFiles {
        try Occupancy.refuse(
          plan.files, in: directory, processes: processes, assumeOffline: options.assumeOffline,
          disk: disk)
      }
      let folder = try Backup(at: time, root: root, directory: directory, disk: disk)
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
    let set = ChangeSet(
      queue: plan.queue, directory: directory, folder: backup.folder, disk: disk,
      ownership: ownership)
    let journal = try set.prepare(plan.changes, plan.files)
    try set.commit(journal)
    let after = try QueueFiles(plan.queue, in: directory, disk: disk)
    try Backup.finish(backup.folder, plan.messages, after, disk: disk)
    if let undone = plan.undoes {
      let mark = root.entry(Array(undone.utf8)).entry(Array("undone".utf8))
      try disk.writeNew(mark, Array("\(backup.id)\n".utf8), ownership: ownership)
    }
    try ChangeSet.forgetJournal(of: plan.queue, in: directory, disk: disk)
  }

  private func void(_ plan: Plan) -> DiskQueueError {
    DiskQueueError(
      .planVoid, "the queue's files have changed since the plan was made; nothing was touched",
      path: directory.file(.metadata, of: plan.queue))
  }

  // MARK: Through the queue

  private func run(_ plan: Plan, _ body: (DiskQueue) throws(DiskQueueError) -> Int64)
    throws(DiskQueueError) -> OperationResult
  {
    let time = now()
    let backup = try Backup(at: time, root: root, directory: directory, disk: disk)
    var options = options
    options.retirement = .move(backup.old)
    let queue: DiskQueue
    do throws(DiskQueueError) {
      queue = try DiskQueue(
        plan.queue, directory: directory, options: options, disk: disk, processes: processes,
        expecting: plan.files
      ) { (ownership, tails) throws(DiskQueueError) in
        try backup.record(plan, at: time, ownership: ownership)
        try backup.keep(plan, tails, ownership: ownership)
      }
    } catch {
      backup.discard()
      audit(plan, backup.id, time, "refused: \(error.detail)")
      throw error
    }
    do throws(DiskQueueError) {
      let messages: Int64
      do { messages = try body(queue) } catch {
        try? queue.close()
        throw error
      }
      let after = try queue.standing.metadata
      try queue.close { (files) throws(DiskQueueError) in
        try Backup.finish(backup.folder, messages, files, disk: disk)
      }
      var done = plan
      done.messages = messages
      done.after = after
      audit(done, backup.id, time, "done")
      return OperationResult(
        id: backup.id, kind: plan.kind, queue: plan.queue, messages: messages, bytes: plan.bytes,
        after: after, remaining: plan.remaining)
    } catch {
      audit(plan, backup.id, time, "failed: \(error.detail)")
      throw error
    }
  }

  private func audit(_ plan: Plan, _ id: String, _ time: Timestamp, _ result: String) {
    Audit(directory, disk: disk).append(plan, id: id, at: time, result: result)
  }
}
