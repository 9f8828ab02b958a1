import DiskQueue
import QueueConsole
import SystemPackage

/// Reads pages of messages beside the screen, one request after another, from one snapshot.
actor MessageReader {
  private let directory: FilePath
  private let limits: RecordLimits
  private var pager: Pager?

  /// An open snapshot of a queue.
  private final class Pager {
    let queue: QueueName
    let takenAt: Timestamp
    var pages: MessagePager

    init(_ queue: QueueName, in directory: FilePath, limits: RecordLimits) throws(DiskQueueError) {
      self.queue = queue
      takenAt = Machine.now()
      pages = try MessagePager(queue, in: directory, limits: limits) { _ throws(DiskQueueError) in
        if Task.isCancelled { throw DiskQueueError(.refused, "cancelled") }
      }
    }
  }

  init(_ directory: FilePath, limits: RecordLimits) {
    self.directory = directory
    self.limits = limits
  }

  private func pager(_ queue: QueueName, isFresh: Bool) throws(DiskQueueError) -> Pager {
    if !isFresh, let pager, pager.queue == queue { return pager }
    let new = try Pager(queue, in: directory, limits: limits)
    pager = new
    return new
  }

  func browse(_ queue: QueueName, _ anchor: MessageAnchor, isFresh: Bool) -> Event {
    do throws(DiskQueueError) {
      let pager = try pager(queue, isFresh: isFresh)
      let entries = try pager.pages.page(anchor, count: MessagesPage.pageSize)
      return .browsed(
        queue, anchor,
        Browsed(entries: entries, takenAt: pager.takenAt, depth: pager.pages.state.depth))
    } catch { return .browseFailed(queue, error) }
  }

  func open(_ queue: QueueName, _ position: Position) -> Event {
    do throws(DiskQueueError) {
      return .opened(queue, try pager(queue, isFresh: false).pages.message(at: position))
    } catch { return .browseFailed(queue, error) }
  }

  func find(_ queue: QueueName, _ pattern: String, from position: Position, forward: Bool)
    -> Event
  {
    do throws(DiskQueueError) {
      let pager = try pager(queue, isFresh: false)
      return .found(
        queue, try pager.pages.find(ByteSearch(pattern), from: position, forward: forward))
    } catch { return .browseFailed(queue, error) }
  }

  /// Copies messages to a file, through the same sink that a drain uses.
  func export(
    _ queue: QueueName, _ positions: [Position], to path: String, _ format: MessageFormat
  ) -> Event {
    do throws(DiskQueueError) {
      let pager = try pager(queue, isFresh: false)
      let sink = try FileSink(
        FilePath(path), encoder: MessageEncoder(format, nsq: false, queue: queue))
      var count: Int64 = 0
      var batch: [Message] = []
      for position in positions {
        guard let message = try pager.pages.message(at: position) else { continue }
        batch.append(message)
        count += 1
        if batch.count == 100 {
          try sink.write(batch)
          batch = []
        }
      }
      try sink.write(batch)
      return .exported(path, count)
    } catch { return .passFailed(error) }
  }
}
