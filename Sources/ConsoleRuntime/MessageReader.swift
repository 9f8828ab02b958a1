import DiskQueue
import QueueConsole
import QueueInspection
import SystemPackage

/// Reads pages of messages beside the screen, one request after another, from one snapshot.
final class MessageReader: Sendable {
  private let directory: FilePath
  private let limits: RecordLimits
  private let pager: Guarded<Pager?> = Guarded(nil)

  /// An open snapshot of a queue.
  private struct Pager: ~Copyable {
    let queue: QueueName
    let takenAt: Timestamp
    var pages: MessagePager

    init(_ queue: QueueName, in directory: FilePath, limits: RecordLimits) throws(DiskQueueError) {
      self.queue = queue
      takenAt = Machine.now()
      pages = try MessagePager(queue, in: directory, limits: limits)
    }
  }

  init(_ directory: FilePath, limits: RecordLimits) {
    self.directory = directory
    self.limits = limits
  }

  /// Runs `body` on the snapshot of a queue: the one at hand, or a new one.
  private func withPager(
    _ queue: QueueName, isFresh: Bool, _ body: (inout Pager) throws(DiskQueueError) -> Event
  ) -> Event {
    pager.withLock { pager in
      do throws(DiskQueueError) {
        var own: Pager
        if let old = pager.take(), !isFresh, old.queue == queue {
          own = old
        } else {
          own = try Pager(queue, in: directory, limits: limits)
        }
        let result: Result<Event, DiskQueueError>
        do throws(DiskQueueError) { result = .success(try body(&own)) } catch {
          result = .failure(error)
        }
        own.pages.rest()
        pager = consume own
        return try result.get()
      } catch { return .browseFailed(queue, error) }
    }
  }

  func browse(_ queue: QueueName, _ anchor: MessageAnchor, isFresh: Bool) -> Event {
    withPager(queue, isFresh: isFresh) { (pager) throws(DiskQueueError) in
      let entries = try pager.pages.page(anchor, count: MessagesPage.pageSize)
      return .browsed(
        queue, anchor,
        Browsed(entries: entries, takenAt: pager.takenAt, depth: pager.pages.state.depth))
    }
  }

  /// What a search has learned, so that the page it leads to knows its numbers.
  func learn(_ queue: QueueName, _ landmarks: MessagePager.Landmarks) {
    pager.withLock { pager in
      guard var own = pager.take() else { return }
      if own.queue == queue { own.pages.learn(landmarks) }
      pager = consume own
    }
  }

  func open(_ queue: QueueName, _ position: Position) -> Event {
    withPager(queue, isFresh: false) { (pager) throws(DiskQueueError) in
      .opened(queue, try pager.pages.message(at: position))
    }
  }
}
