import DiskQueue
import QueueInspection

/// Going about: what is the same on every page, and to whom the rest is left.
extension Model {
  /// Rows that fit, of what the keys move in.
  package var pageRows: Int { page.pane(in: self).rows(in: self).room }

  mutating func move(_ by: Int) -> [Effect] {
    let effects = page.pane(in: self).move(by, in: &self)
    keepInView()
    return effects
  }

  mutating func goIn() -> [Effect] { page.pane(in: self).enter(in: &self) }

  mutating func goBack(_ key: Key? = nil) {
    if !page.pane(in: self).back(key, in: &self) { leavePage() }
  }

  /// Goes back to the list, and from a list of the past to the present.
  mutating func leavePage() {
    if screen != .list {
      messages = nil
      screen = .list
    } else if pastSteps > 0 {
      lookBack(0)
    }
    keepInView()
  }

  // MARK: Opening

  /// Opens a page of a queue.
  mutating func open(_ queue: QueueName, _ page: PageID) -> [Effect] {
    turn(to: .queue(queue, page))
    return self.page.read(on: .entered, in: &self)
  }

  /// Shows a screen, whose page has yet to ask for what it needs.
  mutating func turn(to next: Screen) {
    if let queue = next.queue, screen.queue != queue {
      messages = nil
      cursors = [:]
    }
    screen = next
    cursors[next.page] = page.start(in: self)
    keepInView()
  }

  mutating func openTab(_ tab: (any Page)?) -> [Effect] {
    guard let tab, let queue = target?.name else { return [] }
    return open(queue, tab.id)
  }

  // MARK: Keeping in view

  /// Brings the cursor onto a row that is there, and the view to the cursor.
  mutating func keepInView() {
    if let name = screen.queue, report != nil, queue(name) == nil {
      screen = .list
      messages = nil
      say("\(Model.text(name)) is gone", .warning)
    }
    page.settle(in: &self)
    keepSelection()
  }

  // MARK: Mouse

  mutating func take(_ mouse: Mouse, row: Int, column: Int) -> [Effect] {
    guard overlay == nil else { return [] }
    switch mouse {
    case .wheelUp: return move(-3)
    case .wheelDown: return move(3)
    case .press, .doublePress:
      return page.press(row: row, column: column, isDouble: mouse == .doublePress, in: &self)
    }
  }
}
