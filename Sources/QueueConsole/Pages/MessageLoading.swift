import DiskQueue
import QueueInspection

/// Messages are loaded around the cursor, never all of them.
extension Model {
  /// Rows from the end of what is loaded at which more is asked for.
  private static let margin = 40

  /// Opens the messages of a queue at a place.
  mutating func open(_ queue: QueueName, at place: Position) -> [Effect] {
    turn(to: .queue(queue, .messages))
    messages = LoadedMessages(queue)
    return browse(queue, .at(place), isFresh: true)
  }

  mutating func browse(_ queue: QueueName, _ anchor: MessageAnchor, isFresh: Bool) -> [Effect] {
    messages?.isLoading = true
    return [.browse(queue, anchor, isFresh: isFresh)]
  }

  /// Puts the cursor on an entry, and loads what that needs.
  mutating func select(_ row: Int) -> [Effect] {
    guard var page = messages, !page.entries.isEmpty else { return [] }
    let before = page.current?.position
    page.selected = max(0, min(row, page.entries.count - 1))
    messages = page
    page.top = MessagesPage().rows(in: self).cursor.top
    if page.current?.position != before || page.opened == nil {
      page.opened = nil
      page.paneTop = 0
      page.paneLeft = 0
    }
    messages = page
    return openCurrent() + loadMore()
  }

  private func openCurrent() -> [Effect] {
    guard let page = messages, page.opened == nil, let current = page.current,
      current.damage == nil
    else { return [] }
    return [.open(page.queue, current.position)]
  }

  private mutating func loadMore() -> [Effect] {
    guard let page = messages, !page.isLoading else { return [] }
    if !page.reachesEnd, page.selected > page.entries.count - Self.margin,
      let last = page.entries.last
    {
      return browse(page.queue, .after(last.position), isFresh: false)
    }
    if !page.reachesStart, page.selected < Self.margin, let first = page.entries.first {
      return browse(page.queue, .before(first.position), isFresh: false)
    }
    return []
  }

  mutating func take(_ found: Browsed, _ anchor: MessageAnchor, of queue: QueueName) -> [Effect] {
    guard messages?.queue == queue else { return [] }
    messages?.take(found.entries, anchor)
    messages?.takenAt = found.takenAt
    messages?.depth = found.depth
    messages?.opened = nil
    return select(messages?.selected ?? 0)
  }

  /// Takes a payload that was asked for, unless the cursor has moved on.
  mutating func take(_ message: Message?, of queue: QueueName) {
    guard messages?.queue == queue, messages?.current?.position == message?.position else { return }
    messages?.opened = message
  }

  mutating func fail(_ error: DiskQueueError, browsing queue: QueueName) {
    guard messages?.queue == queue else { return }
    messages?.isLoading = false
    say(error.detail + Model.hint(error), .error)
  }

  /// The owner has removed what the snapshot was of; the next look gives a new one.
  static func hint(_ error: DiskQueueError) -> String {
    error.code == .notFound ? "; R looks anew" : ""
  }

  /// Takes the end of a search.
  mutating func take(found position: Position?, in queue: QueueName) -> [Effect] {
    guard let page = messages, page.queue == queue, page.isSearching else { return [] }
    messages?.isSearching = false
    guard let position else {
      say("no message with “\(page.pattern)” there".plainIf(ascii), .warning)
      return []
    }
    say("")
    if let row = page.entries.firstIndex(where: { $0.position == position }) { return select(row) }
    return browse(queue, .at(position), isFresh: false)
  }
}
