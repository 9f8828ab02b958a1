package import DiskQueue
import QueueInspection
import SystemPackage

/// Plans that are lists of changes to files: an emptying, a repair, an undo, a skip, a move.
extension Operator {
  /// Does what a plan of file changes says: an emptying, a repair, an undo.
  ///
  /// A crash at any call leaves the queue as it was, or as it is to be; the next opening or operation
  /// tidies up.
  ///
  /// `first` runs with the locks held and the files found unchanged, before anything is touched; it may
  /// make less of the plan.
  package func apply(
    _ confirmed: ConfirmedPlan, first: () throws(DiskQueueError) -> Plan? = { nil }
  ) throws(DiskQueueError) -> OperationResult {
    var plan = confirmed.plan
    if let id = plan.finishes {
      _ = try settle(plan.queue)
      return OperationResult(
        id: id, kind: plan.kind, queue: plan.queue, messages: plan.messages, bytes: plan.bytes,
        after: plan.after, remaining: [])
    }
    let time = now()
    let lock = try QueueLock(plan.queue, in: directory, disk: disk, processes: processes)
    defer { lock.release(disk) }
    var backup: Backup?
    do throws(DiskQueueError) {
      let files = try QueueFiles(plan.queue, in: directory, disk: disk)
      try expectNobody(files)
      let settled = try Interrupted.settle(
        plan.queue, in: directory, disk: disk, root: backupRoot)
      guard settled == .nothing, files == plan.files else { throw void(plan) }
      try ChangeSet.expectRoom(for: plan.changes, in: directory, disk: disk)
      let folder = try Backup(
        at: time, root: root, Ledger(directory, disk: disk), undoing: plan.undoes)
      backup = folder
      plan = try first() ?? plan
      try ChangeSet.carryOut(plan.act, plan.changes, in: folder, at: time)
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

  private func void(_ plan: Plan) -> DiskQueueError {
    DiskQueueError(
      .planVoid, "the queue's files have changed since the plan was made; nothing was touched",
      path: directory.file(.metadata, of: plan.queue))
  }
}
