import DiskQueue
import QueueConsole
import QueueInspection
import QueueOperations
import SystemPackage

/// Jobs that look through a queue's messages and write files beside it.
extension Work {
  /// A snapshot of its own, so that pages go on being read meanwhile.
  private func pager(_ queue: QueueName) throws(DiskQueueError) -> MessagePager {
    let cancellation = cancellation
    return try MessagePager(queue, in: directory, limits: options.limits) {
      _ throws(DiskQueueError) in
      if cancellation.isCancelled { throw DiskQueueError(.refused, "cancelled") }
    }
  }

  func find(_ queue: QueueName, _ pattern: String, from position: Position, forward: Bool)
    throws(DiskQueueError) -> JobNews
  {
    var pages = try pager(queue)
    let found = try pages.find(ByteSearch(pattern), from: position, forward: forward)
    reader.learn(queue, pages.landmarks)
    return .found(queue, found)
  }

  /// Copies messages to a file, through the same sink that a drain uses.
  func export(
    _ queue: QueueName, _ positions: [Position], to path: String, _ format: MessageFormat
  ) throws(DiskQueueError) -> JobNews {
    var pages = try pager(queue)
    let sink = try FileSink(
      FilePath(path), encoder: MessageEncoder(format, nsq: false, queue: queue))
    var count: Int64 = 0
    var batch: [Message] = []
    for position in positions {
      try check("stopped; the first \(Numbers.messages(count)) may be in the file")
      guard let message = try pages.message(at: position) else { continue }
      batch.append(message)
      count += 1
      if batch.count == 100 {
        try sink.keep(.messages(batch))
        batch = []
      }
    }
    try sink.keep(.messages(batch))
    return .exported(path, count)
  }

  func write(_ text: String, to path: String) throws(DiskQueueError) -> JobNews {
    let disk = RealDisk()
    let handle = try disk.open(FilePath(path), .createNew)
    defer { disk.close(handle) }
    try disk.writeAll(handle, Array(text.utf8).span, at: 0)
    try disk.syncData(handle)
    return .written(path)
  }
}
