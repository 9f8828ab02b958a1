/// The tabs of a queue's pages, on the second row.
enum TabBar {
  private static func text(_ tab: Model.Tab, isOpen: Bool) -> String {
    isOpen ? "\(tab.rawValue) [\(tab.title)]" : "\(tab.rawValue) \(tab.title) "
  }

  static func draw(_ model: Model, in frame: inout Frame) {
    var at = 1
    for tab in Model.Tab.allCases {
      let isOpen = tab == model.tab
      at = frame.put(
        text(tab, isOpen: isOpen), row: model.layout.tabs, column: at, role: isOpen ? .accent : .dim
      )
      at += 1
    }
  }

  /// The tab drawn at a column, for the mouse.
  static func tab(at column: Int) -> Model.Tab? {
    var at = 1
    for tab in Model.Tab.allCases {
      let width = text(tab, isOpen: false).count
      if (at..<(at + width)).contains(column) { return tab }
      at += width + 1
    }
    return nil
  }
}
