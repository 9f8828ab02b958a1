package import DiskQueue
package import QueueInspection

/// The messages of a queue as far as they are loaded, and the one that is looked at.
package struct LoadedMessages: Sendable {
  /// How a payload is shown.
  package enum View: String, Sendable, CaseIterable { case json = "JSON", text, hex }

  /// Entries held at the most.
  static let most = 600

  package let queue: QueueName
  package var entries: [MessageEntry] = []
  /// The entry under the cursor.
  package var selected = 0
  package var top = 0
  package var isLoading = true
  package var reachesStart = false
  package var reachesEnd = false
  /// When the snapshot was taken, and how many messages it has.
  package var takenAt: Timestamp?
  package var depth: Int64 = 0
  /// The payload under the cursor, in full or up to a limit.
  package var opened: Message?
  package var view = View.json
  package var wraps = true
  package var paneTop = 0
  package var paneLeft = 0
  /// Whether the keys move the payload instead of the list.
  package var isInPane = false
  package var pattern = ""
  package var isSearching = false
  package var marks: Set<Position> = []
  package var follows = false

  package init(_ queue: QueueName) { self.queue = queue }

  package var current: MessageEntry? {
    entries.indices.contains(selected) ? entries[selected] : nil
  }

  /// The marked messages, or the one under the cursor.
  package var chosen: [Position] {
    marks.isEmpty
      ? current.flatMap { $0.damage == nil ? [$0.position] : nil } ?? [] : marks.sorted()
  }

  /// Takes entries that were asked for.
  mutating func take(_ more: [MessageEntry], _ anchor: MessageAnchor) {
    isLoading = false
    let whole = more.count >= MessagesPage.pageSize
    switch anchor {
    case .first, .at, .last:
      entries = more
      selected = anchor == .last ? max(0, more.count - 1) : 0
      top = 0
      reachesStart = anchor == .first || anchor == .last && !whole
      reachesEnd = anchor == .last || !whole
    case .after(let position):
      guard entries.last?.position == position else { return }
      entries += more
      reachesEnd = !whole
      let surplus = entries.count - LoadedMessages.most
      if surplus > 0 {
        entries.removeFirst(surplus)
        selected = max(0, selected - surplus)
        top = max(0, top - surplus)
        reachesStart = false
      }
    case .before(let position):
      guard entries.first?.position == position else { return }
      entries = more + entries
      selected += more.count
      top += more.count
      reachesStart = !whole
      if entries.count > LoadedMessages.most {
        entries.removeLast(entries.count - LoadedMessages.most)
        reachesEnd = false
      }
    }
  }
}
