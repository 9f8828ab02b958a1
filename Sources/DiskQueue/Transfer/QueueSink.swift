package import SystemPackage

/// Puts batches of messages on another queue and returns only when they are durable there.
package final class QueueSink {
  private let queue: DiskQueue

  /// Opens the queue, which need not exist.
  ///
  /// - Throws: `refused` when it is the source itself, `inUse`, or what opening reports.
  package init(
    _ target: QueueName, in directory: FilePath, from source: QueueName, at place: FilePath,
    options: DiskQueue.Options
  ) throws(DiskQueueError) {
    try QueueSink.check(target, in: directory, from: source, at: place)
    var options = options
    // The limits given are the source's; what is in it must fit the target.
    options.minMessageSize = 0
    options.maxMessageSize = Int(Int32.max)
    queue = try DiskQueue(target, directory: directory, options: options)
  }

  /// Throws `refused` when both names are of one queue.
  package static func check(
    _ target: QueueName, in directory: FilePath, from source: QueueName, at place: FilePath
  ) throws(DiskQueueError) {
    let disk = RealDisk()
    let (there, here) = (try disk.status(at: directory), try disk.status(at: place))
    if target == source, FileIdentity(there) == FileIdentity(here) {
      throw DiskQueueError(.refused, "a queue cannot be moved to itself", path: directory)
    }
  }

  /// Puts the batch and syncs it: a crash after that gives a batch twice, never none.
  package func write(_ messages: [Message]) throws(DiskQueueError) {
    try queue.put(contentsOf: messages.map(\.payload))
    try queue.sync()
  }

  package func close() throws(DiskQueueError) { try queue.close() }
}
