package import SystemPackage

/// Applies plans: the one path by which a console or a command changes a queue.
///
/// Every operation takes the locks first, compares the files with the plan, makes a backup folder
/// with the metadata as it was, does its work so that nothing is unlinked, and writes the audit log.
package struct Operator: Sendable {
  /// Where drained messages go: it must keep them safe before it returns.
  package typealias Sink = ([Message]) throws -> Void

  let directory: FilePath
  let disk: any Disk
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

  /// Puts messages at the end of the queue.
  package func inject(_ payloads: [[UInt8]], by plan: Plan, _ token: WriteToken)
    throws(DiskQueueError) -> OperationResult
  {
    try run(plan, keepsBackup: false) { (queue, _) throws(DiskQueueError) -> Int64 in
      var count = 0
      try queue.put(contentsOf: payloads, count: &count)
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
    try run(plan) { (queue, _) throws(DiskQueueError) -> Int64 in
      var done: Int64 = 0
      while done < most, goesOn(done) {
        let messages = try queue.peek(Int(min(Int64(batch), most - done)), bytes: 8 << 20)
        if messages.isEmpty { break }
        do { try sink(messages) } catch let error as DiskQueueError { throw error } catch {
          throw DiskQueueError(.inputOutput, "the messages could not be handed on: \(error)")
        }
        try queue.commit(messages)
        done += Int64(messages.count)
      }
      return done
    }
  }

  /// Drops all messages; the segments move to the backup.
  package func empty(by plan: Plan, _ token: WriteToken) throws(DiskQueueError) -> OperationResult {
    try run(plan) { (queue, _) throws(DiskQueueError) -> Int64 in
      let depth = queue.depth
      try queue.empty()
      return Int64(depth)
    }
  }

  /// Does what the plan of a repair says.
  package func repair(by plan: Plan, _ token: WriteToken) throws(DiskQueueError)
    -> OperationResult
  {
    try run(plan) { (queue, backup) throws(DiskQueueError) -> Int64 in
      // Opening has cut the tail and written the metadata; what is left over follows.
      let files = try QueueFiles(plan.queue, in: directory, disk: disk)
      let retirement = Retirement.move(backup.folder)
      for segment in planner.orphans(files, try queue.standing) {
        try retirement.retire(
          FileName.segment(segment.number).entry(of: plan.queue), in: directory, disk: disk)
      }
      for tag in files.temporaries {
        try retirement.retire(
          FileName.temporary(tag: tag).entry(of: plan.queue), in: directory, disk: disk)
      }
      try queue.storeMetadata()
      return Int64(queue.depth)
    }
  }

  // MARK: The common path

  private func run(
    _ plan: Plan, keepsBackup: Bool = true,
    _ body: (DiskQueue, Backup) throws(DiskQueueError) -> Int64
  ) throws(DiskQueueError) -> OperationResult {
    let time = now()
    let backup = try Backup(
      at: time, root: backupRoot ?? Backup.root(directory), directory: directory, disk: disk)
    var options = options
    options.retirement = .move(backup.folder)
    let queue: DiskQueue
    do {
      queue = try DiskQueue(
        plan.queue, directory: directory, options: options, disk: disk, processes: processes,
        expecting: plan.files
      ) { (ownership) throws(DiskQueueError) in
        if keepsBackup { try backup.record(plan, ownership: ownership) }
      }
    } catch {
      backup.discard()
      audit(plan, backup, time, "refused: \(error.detail)")
      throw error
    }
    do throws(DiskQueueError) {
      let messages: Int64
      do { messages = try body(queue, backup) } catch {
        try? queue.close()
        throw error
      }
      let after = try queue.standing.metadata
      try queue.close()
      if !keepsBackup { backup.discard() }
      var done = plan
      done.messages = messages
      done.after = after
      audit(done, backup, time, "done")
      return OperationResult(
        id: backup.id, kind: plan.kind, queue: plan.queue, messages: messages, bytes: plan.bytes,
        after: after, remaining: plan.remaining)
    } catch {
      audit(plan, backup, time, "failed: \(error.detail)")
      throw error
    }
  }

  private func audit(_ plan: Plan, _ backup: Backup, _ time: Timestamp, _ result: String) {
    Audit(directory, disk: disk).append(plan, id: backup.id, at: time, result: result)
  }
}
