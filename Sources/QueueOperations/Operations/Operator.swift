package import DiskQueue
import QueueInspection
package import SystemPackage

/// Applies plans: the one path by which a console or a command changes a queue.
///
/// Every operation takes the locks first, compares the files with the plan, writes down what it
/// starts from, does its work so that nothing is unlinked, and writes the audit log.
package struct Operator: Sendable {
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

  /// Finishes an operation that was interrupted, or takes it back, so that a plan can be made of what
  /// is really there.
  ///
  /// It was confirmed when it began.
  ///
  /// - Throws: `inUse`, or what the disk reports.
  package func settle(_ queue: QueueName) throws(DiskQueueError)
    -> Interrupted.Outcome
  {
    let ledger = Ledger(directory, disk: disk)
    try ledger.check()
    guard try disk.exists(Journal.path(of: queue, in: directory)) else { return .nothing }
    let lock = try QueueLock(queue, in: directory, disk: disk, processes: processes)
    defer { lock.release(disk) }
    let files = try QueueFiles(queue, in: directory, disk: disk)
    try expectNobody(files)
    return try Interrupted.settle(queue, in: directory, disk: disk, root: backupRoot)
  }

  // MARK: Parts

  /// Throws where somebody has the queue's files open without a lock.
  func expectNobody(_ files: QueueFiles) throws(DiskQueueError) {
    guard options.checksOpenFiles else { return }
    try Occupancy.refuse(
      files, in: directory, processes: processes, assumeOffline: options.assumeOffline, disk: disk)
  }

  func audit(_ plan: Plan, _ id: String, _ time: Timestamp, _ result: String) {
    Audit(directory, disk: disk).append(plan.act, id: id, at: time, result: result)
  }
}
