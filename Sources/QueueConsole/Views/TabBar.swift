/// The tabs of a queue's pages, below the title.
enum TabBar {
  private static func text(_ number: Int, _ page: any Page, isOpen: Bool) -> String {
    isOpen ? "\(number) [\(page.title)]" : "\(number) \(page.title) "
  }

  static func draw(_ model: Model, in frame: inout Frame) {
    var at = 1
    for (index, page) in Pages.tabs.enumerated() {
      let isOpen = page.id == model.screen.page
      at = frame.put(
        text(index + 1, page, isOpen: isOpen), row: model.layout.tabs, column: at,
        role: isOpen ? .accent : .dim)
      at += 1
    }
  }

  /// The page whose tab is drawn at a column, for the mouse.
  static func page(at column: Int) -> (any Page)? {
    var at = 1
    for (index, page) in Pages.tabs.enumerated() {
      let width = text(index + 1, page, isOpen: false).count
      if (at..<(at + width)).contains(column) { return page }
      at += width + 1
    }
    return nil
  }
}
