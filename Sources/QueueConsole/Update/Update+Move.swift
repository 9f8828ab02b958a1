import DiskQueue
import QueueInspection

/// Moving about: the cursor follows a queue by name, and the view follows the cursor.
extension Model {
  /// Rows of the list, or lines of a page, that fit.
  package var pageRows: Int {
    switch screen {
    case .list: ListLayout(layout).queues.count
    case .events, .queue(_, .events): EventsLayout(layout, isTab: tab != nil).events.count
    case .queue(_, .messages):
      messages?.isInPane == true
        ? MessagesLayout(layout).pane.count : MessagesLayout(layout).list.count
    case .queue: layout.page.count
    }
  }

  mutating func move(_ by: Int) -> [Effect] {
    switch screen {
    case .list: moveRow(by)
    case .queue(_, .summary): pageTop = max(0, pageTop.clampedAdding(by))
    case .queue(_, .segments):
      segmentSelected = segmentSelected.clampedAdding(by)
    case .queue(_, .bad): badSelected = badSelected.clampedAdding(by)
    case .events, .queue(_, .events):
      eventSelected = eventSelected.clampedAdding(by)
      eventsFollow = false
    case .queue(_, .messages): return moveMessage(by)
    }
    keepInView()
    return []
  }

  private mutating func moveRow(_ by: Int) {
    guard visibleCount > 0 else { return }
    let at = rowOfSelected ?? 0
    selected = visible(min(visibleCount - 1, max(0, at.clampedAdding(by))))?.name
  }

  /// The row the cursor is on.
  var rowOfSelected: Int? {
    guard let selected, let shown else { return nil }
    return arranged.firstIndex { $0 < shown.queues.count && shown.queues[$0].name == selected }
  }

  // MARK: In and out

  mutating func goIn() -> [Effect] {
    switch screen {
    case .list:
      guard let selected else { return [] }
      return open(selected, .summary)
    case .queue(let queue, .summary): return open(queue, .segments)
    case .queue(let queue, .segments):
      guard let report = self.queue(queue) else { return [] }
      let files = report.mapped
      let file = files.indices.contains(segmentSelected) ? files[segmentSelected] : 0
      return open(queue, .messages, at: .at(Position(file: file, offset: 0)))
    case .queue(_, .messages):
      if messages?.isInPane == true, messages?.wraps == false {
        messages?.paneLeft += 8
      } else {
        messages?.isInPane = true
      }
    case .queue(_, .bad): break
    case .events, .queue(_, .events):
      let shown = shownEvents
      if shown.indices.contains(eventSelected) { overlay = .event(shown[eventSelected]) }
    }
    return []
  }

  mutating func goBack(_ key: Key? = nil) {
    if tab == .messages, messages?.isInPane == true {
      if key == .left, let left = messages?.paneLeft, left > 0 {
        messages?.paneLeft = max(0, left - 8)
      } else {
        messages?.isInPane = false
      }
      return
    }
    if screen != .list {
      messages = nil
      screen = .list
    } else if pastSteps > 0 {
      lookBack(0)
    }
    keepInView()
  }

  /// Opens a page of a queue.
  mutating func open(_ queue: QueueName, _ tab: Tab, at anchor: MessageAnchor = .first) -> [Effect]
  {
    let isOther = target?.name != queue
    screen = .queue(queue, tab)
    pageTop = 0
    if isOther || segmentSelected < 0 { segmentSelected = firstSegment(of: queue) }
    if isOther { messages = nil }
    eventSelected = Int(Int32.max)
    keepInView()
    switch tab {
    case .messages:
      if messages?.queue == queue, anchor == .first { return [] }
      messages = LoadedMessages(queue)
      return browse(queue, anchor, isFresh: true)
    case .bad: return openBadFiles(queue)
    case .events: return [.readAudit]
    case .summary, .segments: return []
    }
  }

  private func firstSegment(of queue: QueueName) -> Int {
    guard let report = self.queue(queue) else { return 0 }
    return report.mapped.firstIndex(of: report.read.file) ?? 0
  }

  private mutating func openBadFiles(_ queue: QueueName) -> [Effect] {
    judgements = nil
    badSelected = 0
    guard let report = self.queue(queue), !report.setAside.isEmpty else {
      say("\(Model.text(queue)) has no .bad files")
      return []
    }
    let effects = readBadFilesIfWanted()
    if effects.isEmpty, let busy { say(busy, .warning) }
    return effects
  }

  // MARK: Keeping in view

  /// Brings the cursor onto a row that is there, and the view to the cursor.
  mutating func keepInView() {
    if case .queue(let name, let tab) = screen, report != nil {
      if let queue = queue(name) {
        keepPageInView(queue, tab)
      } else {
        screen = .list
        messages = nil
        say("\(Model.text(name)) is gone", .warning)
      }
    }
    if screen == .events || tab == .events {
      let count = shownEvents.count
      if eventsFollow { eventSelected = count - 1 }
      eventSelected = max(0, min(eventSelected, count - 1))
      eventTop = Model.scrolled(eventTop, to: eventSelected, of: count, pageRows)
    }
    let row = rowOfSelected
    if row == nil || !follows && screen == .list && row != lastRow {
      // Not following, the cursor stays where it is on the screen.
      let wanted = follows ? top : lastRow
      selected = visible(min(max(0, wanted), visibleCount - 1))?.name
    }
    let at = rowOfSelected ?? 0
    top = Model.scrolled(top, to: at, of: visibleCount, ListLayout(layout).queues.count)
    lastRow = at
  }

  private mutating func keepPageInView(_ queue: QueueReport, _ tab: Tab) {
    switch tab {
    case .summary:
      let summary = SummaryLayout(queue, in: self)
      pageTop = max(0, min(pageTop, summary.height - summary.room))
    case .segments:
      segmentSelected = max(0, min(segmentSelected, queue.mapped.count - 1))
    case .bad: badSelected = max(0, min(badSelected, queue.setAside.count - 1))
    case .messages, .events: break
    }
  }

  /// The first row to show so that `row` is among `room` rows of `count`.
  static func scrolled(_ top: Int, to row: Int, of count: Int, _ room: Int) -> Int {
    var top = min(max(0, top), max(0, count - room))
    if row < top { top = row }
    if row >= top + room { top = row - room + 1 }
    return max(0, top)
  }

  // MARK: Mouse

  mutating func take(_ mouse: Mouse, row: Int, column: Int) -> [Effect] {
    guard overlay == nil else { return [] }
    switch mouse {
    case .wheelUp: return move(-3)
    case .wheelDown: return move(3)
    case .press, .doublePress: break
    }
    switch screen {
    case .list:
      let first = ListLayout(layout).queues.lowerBound
      let at = top + row - first
      guard row >= first, let queue = visible(at), row < rows - 2 else { return [] }
      selected = queue.name
      keepInView()
      return mouse == .doublePress ? goIn() : []
    case .queue(let queue, _):
      guard row == layout.tabs, let tab = TabBar.tab(at: column) else { return [] }
      return open(queue, tab)
    case .events: return []
    }
  }
}
