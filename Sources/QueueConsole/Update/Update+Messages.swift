import DiskQueue
import QueueInspection

/// Looking at messages: pages are loaded around the cursor, never all of them.
extension Model {
  /// Rows from the end of what is loaded at which more is asked for.
  private static let margin = 40

  mutating func browse(_ queue: QueueName, _ anchor: MessageAnchor, isFresh: Bool) -> [Effect] {
    messages?.isLoading = true
    return [.browse(queue, anchor, isFresh: isFresh)]
  }

  mutating func moveMessage(_ by: Int) -> [Effect] {
    guard var page = messages else { return [] }
    if page.isInPane {
      page.paneTop = max(0, page.paneTop.clampedAdding(by))
      let parts = MessagesLayout(layout)
      let count = PayloadText(page, width: parts.paneWidth, ascii: ascii).rows.count
      page.paneTop = min(page.paneTop, max(0, count - parts.pane.count))
      messages = page
      return []
    }
    page.follows = false
    messages = page
    // All the way means the queue's ends, not those of what is loaded.
    if by <= -Int(Int32.max), !page.reachesStart {
      return browse(page.queue, .first, isFresh: false)
    }
    if by >= Int(Int32.max), !page.reachesEnd { return browse(page.queue, .last, isFresh: false) }
    return select(page.selected.clampedAdding(by))
  }

  /// Puts the cursor on an entry, and loads what that needs.
  private mutating func select(_ row: Int) -> [Effect] {
    guard var page = messages, !page.entries.isEmpty else { return [] }
    let before = page.current?.position
    page.selected = max(0, min(row, page.entries.count - 1))
    page.top = Model.scrolled(
      page.top, to: page.selected, of: page.entries.count, MessagesLayout(layout).list.count)
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

  mutating func fail(_ error: DiskQueueError, browsing queue: QueueName) {
    guard messages?.queue == queue else { return }
    messages?.isLoading = false
    say(error.detail + Model.hint(error), .error)
  }

  /// The owner has removed what the snapshot was of; the next look gives a new one.
  static func hint(_ error: DiskQueueError) -> String {
    error.code == .notFound ? "; R looks anew" : ""
  }

  /// Shows the newest messages when that is wanted and there are some.
  mutating func followTail(_ changed: Set<QueueName>?) -> [Effect] {
    guard let page = messages, page.follows, tab == .messages, !page.isLoading,
      changed?.contains(page.queue) ?? true
    else { return [] }
    return browse(page.queue, .last, isFresh: true)
  }

  // MARK: Searching

  mutating func find(forward: Bool) -> [Effect] {
    guard let page = messages, !page.pattern.isEmpty, let current = page.current else {
      say("nothing to look for yet; / asks", .warning)
      return []
    }
    let effects = begin(
      .find(page.queue, page.pattern, from: current.position, forward: forward),
      "search “\(page.pattern)”".plainIf(ascii), queue: page.queue)
    if !effects.isEmpty { messages?.isSearching = true }
    return effects
  }

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

  // MARK: Marks, copies

  mutating func markMessage() -> [Effect] {
    guard let current = messages?.current, current.damage == nil else { return [] }
    if messages?.marks.remove(current.position) == nil {
      messages?.marks.insert(current.position)
    }
    return moveMessage(1)
  }

  /// What `y` copies: the payload's body, a queue's name, or a line of the log.
  mutating func copy() -> [Effect] {
    let bytes: [UInt8]
    switch screen {
    case .list: bytes = selected?.bytes ?? []
    case .queue(_, .messages):
      guard let message = messages?.opened else { return [] }
      bytes = PayloadText.envelope(message.payload)?.body ?? message.payload
    case .queue(let queue, .bad):
      bytes = (self.queue(queue)?.setAside[safely: badSelected]?.name).map { Array($0.utf8) } ?? []
    case .queue(let queue, .summary), .queue(let queue, .segments): bytes = queue.bytes
    case .events, .queue(_, .events):
      guard let event = shownEvents[safely: eventSelected] else { return [] }
      bytes = Array(event.line.utf8)
    }
    guard !bytes.isEmpty else { return [] }
    // What terminals take in one sequence, after base64.
    guard bytes.count <= 74_994 else {
      say(
        "\(Numbers.bytes(Int64(bytes.count))) is more than a clipboard takes; e exports", .warning)
      return []
    }
    say("\(Numbers.bytes(Int64(bytes.count))) bytes sent to the terminal's clipboard")
    return [.copy(bytes)]
  }
}

extension Array {
  /// The element at an index that may not be there.
  subscript(safely index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
