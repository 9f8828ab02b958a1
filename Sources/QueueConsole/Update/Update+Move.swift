import DiskQueue

/// Moving about: the cursor follows a queue by name, and the view follows the cursor.
extension Model {
  /// Rows of the list, or lines of a page, that fit.
  package var pageRows: Int { max(1, rows - ListView.chrome) }

  mutating func move(_ by: Int) {
    switch screen {
    case .list:
      let queues = visible
      guard !queues.isEmpty else { return }
      let at = queues.firstIndex { $0.name == selected } ?? 0
      selected = queues[min(queues.count - 1, max(0, at + by))].name
    case .detail:
      detailTop = max(0, detailTop + by)
    case .bad:
      let last = max(0, (target?.badFiles.count ?? 1) - 1)
      badSelected = min(last, max(0, badSelected + by))
    }
    keepInView()
  }

  mutating func open() {
    guard screen == .list, let selected else { return }
    screen = .detail(selected)
    detailTop = 0
  }

  mutating func close() {
    if case .bad(let queue) = screen { screen = .detail(queue) } else { screen = .list }
    keepInView()
  }

  /// Brings the cursor onto a row that is there, and the view to the cursor.
  mutating func keepInView() {
    if case .detail(let name) = screen {
      let lines = target.map { DetailView.lines(of: $0, in: self).count } ?? 0
      detailTop = max(0, min(detailTop, lines - max(1, rows - DetailView.chrome)))
      if report != nil, target == nil {
        screen = .list
        say("\(name) is gone", .warning)
      }
    }
    if case .bad = screen, let target {
      if target.badFiles.isEmpty { screen = .detail(target.name) }
      badSelected = min(badSelected, max(0, target.badFiles.count - 1))
    }
    let queues = visible
    if !queues.contains(where: { $0.name == selected }) {
      selected = queues.isEmpty ? nil : queues[min(top, queues.count - 1)].name
    }
    let at = queues.firstIndex { $0.name == selected } ?? 0
    top = min(max(0, top), max(0, queues.count - pageRows))
    if at < top { top = at }
    if at >= top + pageRows { top = at - pageRows + 1 }
  }
}
