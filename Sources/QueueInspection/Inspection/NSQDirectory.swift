package import DiskQueue
package import SystemPackage

/// What nsqd says of its data directory: the topics and channels in `nsqd.dat`.
///
/// nsqd opens the queues of those when it starts, and no others: what is put on another queue stays there.
package struct NSQDirectory: Hashable, Sendable {
  /// The file that makes a directory nsqd's.
  package static let fileName = "nsqd.dat"

  /// The queues that nsqd opens: a topic's, and each of its channels'.
  package let queues: Set<QueueName>

  /// A directory's list; nil where there is none.
  ///
  /// - Throws: `damaged` when the file is not nsqd's JSON, or what reading it reports.
  package init?(_ directory: FilePath, disk: (any Disk)? = nil) throws(DiskQueueError) {
    let disk = disk ?? RealDisk(below: directory)
    let path = directory.appending(NSQDirectory.fileName)
    guard let bytes = try disk.contents(of: path, limit: 1 << 26) else { return nil }
    guard let queues = NSQDirectory.queues(bytes) else {
      throw DiskQueueError(.damaged, "this is not nsqd's list of topics and channels", path: path)
    }
    self.queues = queues
  }

  /// Whether a directory is nsqd's, readable list or not.
  package static func isThere(_ directory: FilePath, disk: (any Disk)? = nil)
    throws(DiskQueueError) -> Bool
  {
    try (disk ?? RealDisk(below: directory)).exists(directory.appending(fileName))
  }

  /// - Throws: `messageSize` for a payload that is shorter than nsqd's envelope: nsqd gives the file up at
  ///   it, and does not deliver what follows.
  package static func check(_ payloads: [[UInt8]], in directory: FilePath) throws(DiskQueueError) {
    guard let short = payloads.first(where: { $0.count < NSQEnvelope.headerSize }) else { return }
    throw DiskQueueError(
      .messageSize,
      "this is nsqd's directory, and a message of \(short.count) bytes is shorter than nsqd's envelope "
        + "of \(NSQEnvelope.headerSize): nsqd would give its file up. --nsq puts it into an envelope; "
        + "--min-message-size 0 puts it as it is",
      path: directory.appending(fileName))
  }

  /// Whether nsqd will open this queue.
  package func names(_ queue: QueueName) -> Bool { queues.contains(queue) }

  /// The queues of `{"topics":[{"name":…,"channels":[{"name":…}]}]}`; nil when it is nothing like it.
  static func queues(_ bytes: [UInt8]) -> Set<QueueName>? {
    guard case .object(let members)? = JSONValue(bytes), let topics = members["topics"] else {
      return nil
    }
    // An nsqd without topics writes null.
    if topics == .null { return [] }
    guard let topics = topics.values else { return nil }
    var queues: Set<QueueName> = []
    for topic in topics {
      guard let name = topic["name"]?.text else { continue }
      let channels = topic["channels"]?.values ?? []
      for text in [name] + channels.compactMap({ $0["name"]?.text }).map({ name + ":" + $0 }) {
        if let queue = QueueName(bytes: Array(text.utf8)) { queues.insert(queue) }
      }
    }
    return queues
  }
}
