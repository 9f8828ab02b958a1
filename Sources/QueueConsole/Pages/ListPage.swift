import DiskQueue
import QueueInspection

extension PageID {
  static let list = PageID("list")
}

/// Every queue on a line of its own: where the console begins, and where one goes back to.
struct ListPage: Page {
  let id = PageID.list
  let title = "Queue list"
  let isTab = false
  let commands: Set<Command> = [
    .mark, .unmarkAll, .invertMarks, .nextSort, .previousSort, .reverseSort, .wide,
  ]

  func place(in model: Model) -> [UInt8] { Array(model.directory.utf8) }

  func draw(_ model: Model, in frame: inout Frame) { ListView.draw(model, in: &frame) }

  func remarks(in model: Model) -> [Remark] {
    var remarks: [Remark] = []
    if !model.filter.isEmpty {
      remarks.append(
        Remark(
          text: "filter: \(model.filter)", role: .accent, width: model.columns / 3, gap: 3))
    }
    if !model.marks.isEmpty {
      remarks.append(Remark(text: "\(model.marks.count) marked   ", role: .accent))
    }
    return remarks
  }

  func hints(in model: Model) -> [Hint] {
    [
      Hint(.filter, "Filter"), Hint(.command, "Cmd"), Hint(.mark, "Mark"),
      Hint(.nextSort, "Sort"), Hint(.enter, "Open"), Hint(.messages, "Messages"), .acts, .write,
      Hint(.quit, "Quit"),
    ]
  }

  func target(in model: Model) -> QueueName? { model.selected }

  func targets(in model: Model) -> [QueueName] {
    model.marks.isEmpty ? model.selected.map { [$0] } ?? [] : model.marks.sorted()
  }

  // MARK: Going about

  func rows(in model: Model) -> Rows {
    Rows(
      model.visibleCount, room: ListLayout(model.layout).queues.count,
      at: Cursor(selected: model.rowOfSelected ?? 0, top: model.top))
  }

  func move(_ by: Int, in model: inout Model) -> [Effect] {
    var rows = rows(in: model)
    guard rows.count > 0 else { return [] }
    rows.move(by)
    model.choose(rows.cursor.selected)
    return []
  }

  func enter(in model: inout Model) -> [Effect] {
    model.selected.map { model.open($0, .summary) } ?? []
  }

  /// The list lies under every page, so that it is kept whichever is shown.
  func settle(in model: inout Model) {}

  func press(row: Int, column: Int, isDouble: Bool, in model: inout Model) -> [Effect] {
    let queues = ListLayout(model.layout).queues
    let at = model.top + row - queues.lowerBound
    guard queues.contains(row), model.visible(at) != nil else { return [] }
    model.choose(at)
    model.keepInView()
    return isDouble ? enter(in: &model) : []
  }

  // MARK: Marks and order

  func run(_ command: Command, in model: inout Model) -> [Effect]? {
    switch command {
    case .mark:
      guard let selected = model.selected else { return [] }
      if model.marks.remove(selected) == nil { model.marks.insert(selected) }
      return model.move(1)
    case .invertMarks:
      let all = Set(model.visible.map(\.name))
      model.marks = model.marks.subtracting(all).union(all.subtracting(model.marks))
    case .nextSort: model.changeOrder(by: 1)
    case .previousSort: model.changeOrder(by: -1)
    case .reverseSort:
      model.reversed.toggle()
      model.arrange()
      model.keepInView()
    case .wide: model.wide.toggle()
    default: return nil
    }
    return []
  }
}

extension Model {
  /// The row the cursor is on.
  var rowOfSelected: Int? {
    guard let selected, let shown else { return nil }
    return arranged.firstIndex { $0 < shown.queues.count && shown.queues[$0].name == selected }
  }

  /// Puts the cursor on the queue of a row.
  mutating func choose(_ row: Int) {
    selected = visible(row)?.name
    lastRow = row
  }

  /// Keeps the cursor on its queue, or on its row, and brings the view to it.
  mutating func keepSelection() {
    let row = rowOfSelected
    if row == nil || !follows && screen == .list && row != lastRow {
      // Not following, the cursor stays where it is on the screen.
      let wanted = follows ? top : lastRow
      choose(min(max(0, wanted), visibleCount - 1))
    }
    let rows = ListPage().rows(in: self)
    top = rows.cursor.top
    lastRow = rows.cursor.selected
  }
}
