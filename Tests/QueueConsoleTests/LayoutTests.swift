import Testing

@testable import DiskQueue
@testable import QueueConsole
@testable import QueueInspection

/// Layout as a value: tables of sizes, and that what is counted is what is drawn.
@Suite struct LayoutTests {
  /// Sizes from nothing to more than there is to show.
  static let sizes = [
    (0, 0), (1, 1), (8, 3), (20, 5), (40, 10), (40, 12), (80, 24), (100, 36), (120, 40), (200, 60),
  ]

  @Test(arguments: [
    (40, 12, false, 2..<10, 9, 1..<11), (80, 24, false, 2..<22, 21, 1..<23),
    (120, 40, false, 2..<38, 37, 1..<39), (200, 60, false, 2..<58, 57, 1..<59),
    (39, 24, true, 2..<22, 21, 1..<23), (80, 9, true, 2..<7, 6, 1..<8),
    (0, 0, true, 2..<3, -3, 1..<2),
  ])
  func `a screen has its rows`(
    columns: Int, rows: Int, isTooSmall: Bool, page: Range<Int>, foot: Int, help: Range<Int>
  ) {
    let layout = Layout(columns: columns, rows: rows)
    #expect(layout.isTooSmall == isTooSmall)
    #expect(layout.page == page && layout.foot == foot && layout.help == help)
    #expect(layout.message == rows - 2 && layout.hints == rows - 1)
  }

  @Test(
    arguments: [
      (40, 12, 4..<10, nil), (80, 24, 4..<22, nil), (100, 35, 4..<33, nil),
      (100, 36, 4..<18, 18..<34),
      (120, 40, 4..<22, 22..<38), (200, 60, 4..<42, 42..<58), (1, 1, 4..<5, nil),
    ] as [(Int, Int, Range<Int>, Range<Int>?)])
  func `the list has panes where there is room`(
    columns: Int, rows: Int, queues: Range<Int>, panes: Range<Int>?
  ) {
    let layout = ListLayout(Layout(columns: columns, rows: rows))
    #expect(layout.queues == queues && layout.panes == panes)
  }

  @Test(arguments: [
    (40, 12, 3..<5, 40, 6..<10, 38), (80, 24, 3..<10, 80, 11..<22, 78),
    (120, 40, 3..<38, 55, 3..<38, 62), (200, 60, 3..<58, 91, 3..<58, 106),
    (1, 1, 3..<4, 1, 5..<6, -1),
  ])
  func `messages have their payload below, or beside`(
    columns: Int, rows: Int, list: Range<Int>, listWidth: Int, pane: Range<Int>, paneWidth: Int
  ) {
    let layout = MessagesLayout(Layout(columns: columns, rows: rows))
    #expect(layout.list == list && layout.listWidth == listWidth)
    #expect(layout.pane == pane && layout.paneWidth == paneWidth)
    #expect(layout.isBeside == (columns >= 110))
  }

  @Test(arguments: [
    (40, 12, 3..<9, 10), (80, 24, 3..<21, 20), (120, 40, 3..<37, 30), (200, 60, 3..<57, 30),
    (1, 1, 3..<4, 8),
  ])
  func `events on a queue's page leave a row for its tabs`(
    columns: Int, rows: Int, events: Range<Int>, subject: Int
  ) {
    let layout = Layout(columns: columns, rows: rows)
    let tab = EventsLayout(layout, isTab: true)
    let whole = EventsLayout(layout, isTab: false)
    #expect(tab.events == events && tab.subject == subject)
    #expect(whole.heads == tab.heads - 1 && whole.events.count >= tab.events.count)
  }

  @Test(arguments: [
    (40, 12, 3, 0, 0..<2, 6, 7..<10), (80, 24, 3, 0, 0..<3, 7, 8..<22),
    (80, 24, 30, 29, 22..<30, 12, 13..<22), (120, 40, 30, 0, 0..<16, 20, 21..<38),
    (1, 1, 5, 4, 4..<5, 5, 6..<6), (80, 24, 0, 0, 0..<0, 4, 5..<22),
  ])
  func `.bad files take half of their page at the most`(
    columns: Int, rows: Int, count: Int, cursor: Int, files: Range<Int>, head: Int,
    preview: Range<Int>
  ) {
    let layout = BadFilesLayout(
      Layout(columns: columns, rows: rows), count: count, cursor: cursor)
    #expect(layout.files == files && layout.previewHead == head && layout.preview == preview)
    #expect(files.isEmpty || files.contains(cursor))
  }

  @Test(
    arguments: [
      (80, 24, 3, false, nil, 9..<15, 0..<3, 13), (80, 24, 3, true, nil, 8..<15, 0..<3, 13),
      (80, 24, 40, false, nil, 1..<22, 0..<18, 20), (40, 12, 20, false, 15, 1..<10, 11..<17, 8),
      (200, 60, 2, false, nil, 27..<32, 0..<2, 30), (1, 1, 5, true, nil, 0..<5, 0..<1, 3),
    ] as [(Int, Int, Int, Bool, Int?, Range<Int>, Range<Int>, Int)])
  func `a dialog is in the middle, and its field in sight`(
    columns: Int, rows: Int, count: Int, hasInput: Bool, field: Int?, box: Range<Int>,
    lines: Range<Int>, hint: Int
  ) {
    let layout = DialogLayout(
      Layout(columns: columns, rows: rows), count: count, hasInput: hasInput, field: field)
    #expect(layout.rows == box && layout.lines == lines && layout.hint == hint)
    if let field { #expect(lines.contains(field)) }
    #expect((layout.input == hint - 1) == hasInput)
  }

  // MARK: What is counted is what is drawn

  @Test(arguments: sizes)
  func `a summary is as high as its lines`(columns: Int, rows: Int) throws {
    var model = try Sample.model(columns: columns, rows: rows)
    for queue in try #require(model.report).queues {
      for isChecked in [false, true] {
        model.checked[queue.name] = isChecked ? (queue, Sample.start) : nil
        let layout = SummaryLayout(queue, in: model)
        #expect(SummaryView.lines(of: queue, model, layout).count == layout.height)
      }
    }
  }

  @Test(arguments: sizes)
  func `a map is as high as its lines, and has the cursor in sight`(columns: Int, rows: Int) throws
  {
    let model = try Sample.model(columns: columns, rows: rows)
    var queue = try #require(model.report?.queues.last { $0.segments.count > 1 })
    queue.segments = (3...40).map { SegmentReport(file: $0, bytes: 10) }
    for write in [40, 41] as [Int64] {
      queue.write.file = write
      for cursor in [0, 20, 37] {
        let layout = SegmentsLayout(model.layout, of: queue, cursor: cursor)
        let lines = SegmentsView.map(queue, layout.map, model, cursor: cursor)
        #expect(lines.count == layout.map.height && layout.map.awaitsNext == (write == 41))
        #expect(layout.map.files.contains(cursor))
        #expect(layout.graph.map { $0.upperBound <= layout.mapRows.upperBound } ?? true)
      }
    }
  }

  @Test(arguments: [
    (["one two three"], 8, 2), (["one two three"], 40, 1), (["a", " b", "c"], 8, 1), ([""], 8, 1),
    (["aaaaaaaaaaaaaaaaaaaaaa"], 8, 4), (["[!!] ", "code: ", "far too long a word"], 12, 4),
    (["世界世界世界"], 8, 2),
  ])
  func `what only counts rows agrees with what wraps`(pieces: [String], width: Int, rows: Int) {
    let line = pieces.reduce(Line()) { $0.adding($1) }
    #expect(WordFlow.rows(of: pieces, width: width) == rows)
    #expect(line.wrapped(to: width).count == rows)
  }

  @Test func `the help counts what it lists`() {
    let all = HelpIndex(KeyMap(), pattern: "")
    #expect(all.bindings.count == KeyMap.standard.count)
    #expect(all.rows.count == KeyMap.standard.count + KeyMap.Group.allCases.count)
    #expect(HelpIndex(KeyMap(), pattern: "drain").rows.count == 2)
    #expect(HelpIndex(KeyMap(), pattern: "no such thing").rows.isEmpty)
    var state = HelpState()
    state.selected = .max
    let settled = all.settled(state, Layout(columns: 80, rows: 24))
    #expect(settled.selected == KeyMap.standard.count - 1)
    #expect(settled.top == all.rows.count - 22)
  }
}

/// Rows to move about in.
@Suite struct RowsTests {
  @Test(arguments: [
    // Down and up by one, by a page, past the ends; from a view that ends before the cursor.
    (10, 4, Cursor(), 1, Cursor(selected: 1, top: 0)),
    (10, 4, Cursor(selected: 3), 1, Cursor(selected: 4, top: 1)),
    (10, 4, Cursor(selected: 4, top: 1), -1, Cursor(selected: 3, top: 1)),
    (10, 4, Cursor(selected: 3, top: 3), -1, Cursor(selected: 2, top: 2)),
    (10, 4, Cursor(), .max, Cursor(selected: 9, top: 6)),
    (10, 4, .last, .min, Cursor()), (0, 4, .last, 1, Cursor()),
    (3, 0, Cursor(), 1, Cursor(selected: 1, top: 1)),
    (10, 40, Cursor(selected: 9, top: 6), 0, Cursor(selected: 9, top: 0)),
  ])
  func `the cursor stays on a row, and in sight`(
    count: Int, room: Int, cursor: Cursor, by: Int, expected: Cursor
  ) {
    var rows = Rows(count, room: room, at: cursor)
    rows.move(by)
    #expect(rows.cursor == expected)
    #expect(count == 0 || rows.shown.contains(rows.cursor.selected))
  }

  @Test(arguments: [(1, 1), (5, 5), (.max, 6), (-1, 0), (.min, 0)])
  func `what is only scrolled stops at its ends`(by: Int, top: Int) {
    var rows = Rows(10, room: 4, at: Cursor(), isChosen: false)
    rows.move(by)
    #expect(rows.cursor == Cursor(selected: 0, top: top))
    #expect(rows.shown == top..<(top + 4))
  }
}
