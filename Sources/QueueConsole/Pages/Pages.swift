/// The registry: every page of the console, and the only place that names them all.
enum Pages {
  /// The list, then a queue's pages in the order of their tabs; a page is added by its line here.
  static let all: [any Page] = [
    ListPage(),
    SummaryPage(),
    SegmentsPage(),
    MessagesPage(),
    BadFilesPage(),
    EventsPage(),
  ]

  /// The pages of a queue.
  static let tabs = all.filter(\.isTab)

  private static let home = ListPage()

  /// A page by its name.
  static subscript(id: PageID) -> any Page { all.first { $0.id == id } ?? home }

  /// The page a command opens by itself.
  static func page(of shortcut: Command) -> (any Page)? {
    all.first { $0.shortcut == shortcut }
  }

  /// The tab a command opens.
  static func tab(of command: Command) -> (any Page)? {
    Command.tabs.firstIndex(of: command).flatMap { tabs[safely: $0] }
  }

  /// The tab a digit opens that no command has: one key more for each page that is added.
  static func tab(on key: Key) -> (any Page)? {
    guard case .character(let digit) = key, digit.isASCII, let number = digit.wholeNumberValue,
      number > Command.tabs.count
    else { return nil }
    return tabs[safely: number - 1]
  }

  /// The tab behind another, the first behind the last.
  static func next(after id: PageID) -> (any Page)? {
    guard let index = tabs.firstIndex(where: { $0.id == id }) else { return nil }
    return tabs[(index + 1) % tabs.count]
  }

  /// Where a command works that only some pages take, in words; nil when all do.
  static func places(of command: Command) -> String? {
    let takers = all.filter { $0.commands.contains(command) }
    if takers.isEmpty { return nil }
    let names = takers.map { $0.isTab ? $0.title.lowercased() : "the list" }
    return takers.count == 1 && takers[0].isTab
      ? "a queue's \(names[0])" : names.joined(separator: " and on ")
  }
}

extension Model {
  /// The page that is shown.
  var page: any Page { Pages[screen.page] }

  /// Where one is on a page, which is kept while the same queue is looked at.
  func cursor(_ page: PageID) -> Cursor { cursors[page] ?? Cursor() }
}
