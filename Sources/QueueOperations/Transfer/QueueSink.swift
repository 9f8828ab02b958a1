package import DiskQueue
import QueueInspection
package import SystemPackage

/// Puts batches of messages on another queue and returns only when they are durable there.
package final class QueueSink: MessageSink {
  private let queue: DiskQueue
  private let directory: FilePath
  /// Whether nsqd would give a file up for a message that is shorter than its envelope.
  private let needsEnvelope: Bool

  /// Opens the queue, which need not exist.
  ///
  /// `allowsShort` lets messages into nsqd's directory that are shorter than its envelope.
  ///
  /// - Throws: `refused` when it is the source itself, `inUse`, or what opening reports.
  package init(
    _ target: QueueName, in directory: FilePath, from source: QueueName, at place: FilePath,
    options: DiskQueue.Options, allowsShort: Bool = false, disk: (any Disk)? = nil,
    processes: any ProcessTable = RealProcessTable()
  ) throws(DiskQueueError) {
    let disk = disk ?? RealDisk(below: directory)
    try QueueSink.check(target, in: directory, from: source, at: place, disk: disk)
    var options = options
    // The limits given are the source's; what is in it must fit the target.
    let isNSQ = try NSQDirectory.isThere(directory, disk: disk)
    needsEnvelope = isNSQ && !allowsShort
    options.minMessageSize = 0
    options.maxMessageSize = Int(Int32.max)
    self.directory = directory
    queue = try DiskQueue(
      target, directory: directory, options: options, disk: disk, processes: processes)
  }

  /// Throws `refused` when both names are of one queue.
  package static func check(
    _ target: QueueName, in directory: FilePath, from source: QueueName, at place: FilePath,
    disk: (any Disk)? = nil
  ) throws(DiskQueueError) {
    let disk = disk ?? RealDisk(below: directory)
    let (there, here) = (try disk.status(at: directory), try disk.status(at: place))
    if target == source, FileIdentity(there) == FileIdentity(here) {
      throw DiskQueueError(.refused, "a queue cannot be moved to itself", path: directory)
    }
  }

  /// Puts the batch and syncs it: a crash after that gives a batch twice, never none.
  package func keep(_ batch: MessageBatch) throws(DiskQueueError) {
    let payloads = batch.messages.map(\.payload)
    if needsEnvelope { try NSQDirectory.check(payloads, in: directory) }
    try queue.put(contentsOf: payloads)
    try queue.sync()
  }

  package func close() throws(DiskQueueError) { try queue.close() }
}
