import DiskQueue
import SystemPackage

/// Where a queue stands at one moment, without a lock.
enum QueueSnapshot {
  /// Looks at a queue's files; again when one of them has gone meanwhile, since its owner is at work.
  ///
  /// - Throws: `notFound` where there is no such queue, `inUse` when its files go on going, or what reading
  ///   reports.
  static func take(
    _ queue: QueueName, in directory: FilePath, limits: RecordLimits, disk: any Disk
  ) throws(DiskQueueError) -> QueueState {
    for _ in 0..<3 {
      var files = try QueueFiles(queue, in: directory, disk: disk)
      try Interrupted.hide(&files, of: queue, in: directory, disk: disk)
      guard !files.isEmpty else {
        throw DiskQueueError(.notFound, "there is no queue “\(queue)” here", path: directory)
      }
      do throws(DiskQueueError) {
        return try Recovery.recover(queue, files, in: directory, limits: limits, disk: disk).state
      } catch { if error.code != .notFound { throw error } }
    }
    throw DiskQueueError(
      .inUse, "the queue's files come and go while they are read; its owner is at work",
      path: directory)
  }
}
