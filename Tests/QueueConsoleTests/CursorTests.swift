import Testing

@testable import DiskQueue
@testable import QueueConsole
@testable import QueueInspection

/// The cursor where one expects it.
@Suite struct CursorTests {
  @Test func `a cursor that stays on its row still goes where the keys lead`() throws {
    var model = try Sample.model()
    model.press(.character("F"))
    let first = model.selected
    model.press(.down)
    #expect(model.rowOfSelected == 1)
    model.press(.up)
    #expect(model.selected == first)
    model.press(.character("I"))
    #expect(model.rowOfSelected == 0 && model.selected != first)
  }

  @Test func `the last row follows what happens on the events, and nowhere else`() throws {
    var model = try Sample.model()
    model.press(.character("G"))
    #expect(model.eventsFollow)
    _ = model.update(.audited(try Sample.audit()))
    model.press(.character("L"), .up)
    #expect(!model.eventsFollow)
    model.press(.character("G"))
    #expect(model.eventsFollow)
    let rows = model.page.rows(in: model)
    #expect(rows.cursor.selected == rows.count - 1)
  }

  @Test func `segments begin at the one that is read, for each queue anew`() throws {
    var model = try Sample.model()
    model.selected = try QueueName("orders:billing")
    model.press(.character("2"), .down, .down)
    #expect(model.page.rows(in: model).cursor.selected == 2)
    // The same queue's other pages come between.
    model.press(.character("1"), .character("2"))
    #expect(model.page.rows(in: model).cursor.selected == 2)
    model.press(.home, .escape)
    model.selected = try QueueName("audit")
    model.press(.character("2"))
    let file = try #require(model.target?.mapped[model.page.rows(in: model).cursor.selected])
    #expect(file == model.target?.read.file)
  }

  @Test func `a page key goes as far as there are rows in sight`() throws {
    var model = try Sample.model()
    var report = try #require(model.report)
    let index = try #require(report.queues.firstIndex { $0.name == model.selected })
    report.queues[index].segments = (3...60).map { SegmentReport(file: $0, bytes: 10) }
    _ = model.update(.surveyed(report, changed: nil))
    model.press(.character("2"), .pageDown)
    let target = try #require(model.target)
    let cursor = model.page.rows(in: model).cursor.selected
    let layout = SegmentsLayout(model.layout, of: target, cursor: cursor)
    #expect(cursor == layout.map.files.count)
    report.queues[index].badFiles = (0..<60).map {
      BadFileReport(name: "x.\($0).bad", file: Int64($0), bytes: 10, modifiedAt: Sample.start)
    }
    _ = model.update(.surveyed(report, changed: nil))
    model.press(.character("b"), .pageDown)
    #expect(model.page.rows(in: model).cursor.selected == BadFilesLayout.room(model.layout))
  }

  @Test func `a screen that becomes smaller keeps the message under the cursor in sight`() throws {
    var model = try PagesTests.model(on: .messages, columns: 120, rows: 40)
    for _ in 0..<4 { model.press(.down) }
    _ = model.update(.resized(columns: 80, rows: 12))
    let layout = MessagesLayout(model.layout)
    #expect(model.page.rows(in: model).shown.contains(4) && layout.list.count < 4)
    let cursor = try #require(Screen.draw(model).cursor)
    #expect(layout.list.contains(cursor.row))
  }

  @Test func `the mouse chooses what is in sight, and nothing behind the panes`() throws {
    var model = try Sample.model(columns: 120, rows: 36)
    let layout = ListLayout(model.layout)
    var report = try #require(model.report)
    let queue = try #require(report.queues.first)
    report.queues = try (0..<60).map {
      var queue = queue
      queue.name = try QueueName("queue\(10 + $0)")
      return queue
    }
    _ = model.update(.surveyed(report, changed: nil))
    _ = model.update(.mouse(.press, row: layout.queues.lowerBound + 2, column: 5))
    #expect(model.rowOfSelected == 2)
    let panes = try #require(layout.panes)
    _ = model.update(.mouse(.press, row: panes.lowerBound + 2, column: 5))
    #expect(model.rowOfSelected == 2)
    _ = model.update(.mouse(.doublePress, row: layout.queues.lowerBound, column: 5))
    #expect(model.screen.page == .summary && model.screen.queue == model.visible(0)?.name)
    _ = model.update(.mouse(.press, row: model.layout.tabs, column: 12))
    #expect(model.screen.page == .segments)
  }

  @Test func `F3 begins with what was looked for on the same page`() throws {
    var model = try PagesTests.model(on: .messages)
    model.press(.function(3))
    model.type("inv")
    model.press(.enter)
    model.tell(.failed(DiskQueueError(.refused, "cancelled")))
    model.press(.character("1"), .function(3))
    #expect(model.overlay == .search(LineEditor()))
    model.press(.escape, .character("3"), .function(3))
    #expect(model.overlay == .search(LineEditor("inv")))
  }
}
