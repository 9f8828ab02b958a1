import Foundation
import QueueInspection
import QueueOperations
import SystemPackage
import Testing

@testable import DiskQueue
@testable import QueueConsole

/// Pages as values: all of them in the registry, and what each answers.
@Suite struct PagesTests {
  /// A model with a page open, and something to see on it.
  static func model(on id: PageID, columns: Int = 80, rows: Int = 24) throws -> Model {
    var model = try Sample.model(columns: columns, rows: rows)
    let queue = try QueueName(id == .badFiles ? "audit" : "orders:billing")
    model.selected = queue
    _ = model.update(.audited(try Sample.audit()))
    if id != .list { _ = model.open(queue, id) }
    if id == .messages {
      _ = model.update(.browsed(queue, .first, Sample.page()))
      _ = model.update(.opened(queue, Sample.messages()[0]))
    }
    if id == .badFiles { model.tell(.judged(queue, [try Sample.judgement()])) }
    return model
  }

  static let ids = Pages.all.map(\.id)

  // MARK: The registry

  @Test func `every page that has a file is in the registry, once`() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Sources/QueueConsole/Pages")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix("Page.swift") && $0 != "Page.swift" }
    let types = Pages.all.map { "\(type(of: $0)).swift" }
    #expect(types.sorted() == files.sorted())
    #expect(Set(Self.ids).count == Pages.all.count)
    #expect(Set(Pages.all.map(\.title)).count == Pages.all.count)
    for page in Pages.all { #expect(Pages[page.id].id == page.id) }
  }

  @Test func `each tab has its command, its digit and its words in the help`() throws {
    #expect(Pages.tabs.count >= Command.tabs.count)
    for (index, (command, tab)) in zip(Command.tabs, Pages.tabs).enumerated() {
      #expect(Pages.tab(of: command)?.id == tab.id)
      let binding = try #require(KeyMap.standard.first { $0.command == command })
      #expect(binding.keys == [.character(Character("\(index + 1)"))])
      #expect(binding.text == tab.help)
    }
    for digit in "0123456789" {
      let number = try #require(digit.wholeNumberValue)
      let isNew = number > Command.tabs.count && number <= Pages.tabs.count
      #expect((Pages.tab(on: .character(digit)) != nil) == isNew)
    }
    for key in [Key.enter, .character("٦"), .control("6")] { #expect(Pages.tab(on: key) == nil) }
  }

  @Test func `the tabs go round`() {
    var id = PageID.summary
    for tab in Pages.tabs.dropFirst() + Pages.tabs.prefix(1) {
      id = Pages.next(after: id)?.id ?? .list
      #expect(id == tab.id)
    }
    #expect(id == .summary && Pages.next(after: .list) == nil)
  }

  // MARK: What every page answers

  @Test(arguments: ids, LayoutTests.sizes)
  func `every page has rows and draws itself on any screen`(id: PageID, size: (Int, Int)) throws {
    var model = try Self.model(on: id, columns: size.0, rows: size.1)
    let page = Pages[id]
    #expect(model.page.id == id)
    for by in [0, 1, -1, model.pageRows, .max, .min, 3] {
      _ = model.move(by)
      let rows = page.pane(in: model).rows(in: model)
      #expect(rows.room >= 1 && rows.shown.count <= rows.room)
      #expect(!rows.isChosen || rows.count == 0 || rows.shown.contains(rows.cursor.selected))
      var frame = Frame(columns: size.0, rows: size.1)
      page.draw(model, in: &frame)
      #expect(frame.cells.count == size.0 * size.1)
    }
  }

  @Test(arguments: ids)
  func `every page says where one is and which keys lead on`(id: PageID) throws {
    let model = try Self.model(on: id)
    let page = Pages[id]
    #expect(!page.place(in: model).isEmpty && !page.help.isEmpty)
    let hints = page.hints(in: model)
    #expect(hints.last?.command == (id == .list ? .quit : .back))
    #expect(Set(hints.map(\.command)).count == hints.count)
    for hint in hints { #expect(!model.keys.label(hint.command).isEmpty && !hint.text.isEmpty) }
    #expect(page.target(in: model) == page.targets(in: model).first)
    #expect(!page.copied(in: model).isEmpty || id == .events)
  }

  @Test(arguments: ids)
  func `commands of some pages are taken there, and off elsewhere with a reason`(id: PageID) throws
  {
    let model = try Self.model(on: id)
    let page = Pages[id]
    for command in Set(Pages.all.flatMap(\.commands)).subtracting([.unmarkAll]) {
      var copy = model
      #expect((page.run(command, in: &copy) != nil) == page.commands.contains(command))
      #expect((model.obstacle(to: command) == nil) == page.commands.contains(command))
    }
  }

  @Test(arguments: ids)
  func `what a page shows is exported, or it is said what can be`(id: PageID) throws {
    var model = try Self.model(on: id)
    let effects = Pages[id].export(to: "/tmp/x", .ndjson, in: &model)
    #expect((effects.jobs?.count == 1) == Pages[id].canExport)
    #expect((model.messageRole == .warning) == !Pages[id].canExport)
  }

  @Test func `a page says what it is, its rows and its drawing, and the rest is given`() throws {
    struct Blank: Page {
      let id = PageID("blank")
      let title = "Blank"
      func rows(in model: Model) -> Rows { Rows(50, room: 10, at: model.cursor(id)) }
      func draw(_ model: Model, in frame: inout Frame) {}
    }
    var model = try Sample.model()
    model.screen = .queue(try QueueName("audit"), PageID("blank"))
    let page = Blank()
    #expect(page.move(11, in: &model).isEmpty)
    #expect(model.cursor(page.id) == Cursor(selected: 11, top: 2))
    #expect(page.target(in: model) == (try QueueName("audit")))
    #expect(page.isTab && page.help == "blank" && page.run(.view, in: &model) == nil)
  }
}

/// What Enter, Escape and occasions lead to, page by page.
@Suite struct PageStepsTests {
  private func queue() throws -> QueueName { try QueueName("orders:billing") }

  @Test func `Enter leads from the list to the summary, the segments, the messages, the payload`()
    throws
  {
    var model = try Sample.model()
    #expect(model.press(.enter).isEmpty)
    #expect(model.screen == .queue(try queue(), .summary))
    #expect(model.press(.enter).isEmpty)
    #expect(model.screen == .queue(try queue(), .segments))
    model.press(.down)
    let place = Position(file: 4, offset: 0)
    #expect(model.press(.enter) == [.browse(try queue(), .at(place), isFresh: true)])
    #expect(model.screen == .queue(try queue(), .messages))
    #expect(model.page.pane(in: model) is MessagesPage)
    #expect(model.press(.enter).isEmpty)
    #expect(model.page.pane(in: model) is PayloadPane)
    model.press(.escape)
    #expect(model.page.pane(in: model) is MessagesPage)
    model.press(.escape)
    #expect(model.screen == .list)
  }

  @Test func `Enter shows an event in full, and does nothing on a .bad file`() throws {
    var events = try PagesTests.model(on: .events)
    #expect(events.press(.enter).isEmpty)
    #expect(events.overlay == .event(try #require(events.shownEvents.last)))
    var bad = try PagesTests.model(on: .badFiles)
    #expect(bad.press(.enter).isEmpty && bad.overlay == nil)
  }

  @Test func `a payload that is not wrapped goes sideways before it is left`() throws {
    var model = try PagesTests.model(on: .messages)
    model.press(.character("w"), .tab, .right, .right)
    #expect(model.messages?.paneLeft == 16)
    model.press(.left, .left)
    #expect(model.messages?.paneLeft == 0 && model.messages?.isInPane == true)
    model.press(.left)
    #expect(model.messages?.isInPane == false)
  }

  @Test func `pages are read when they are entered, refreshed, changed or acted on`() throws {
    let (orders, audit) = (try queue(), try QueueName("audit"))
    var changed = try Sample.report(later: true)
    for index in changed.queues.indices { changed.queues[index].badFiles = [] }
    let fresh = Effect.browse(orders, .first, isFresh: true)
    let judge = JobRequest.judge(audit)
    let request = PlanRequest(.empty, orders)
    func effects(_ id: PageID, _ occasion: Occasion) throws -> [Effect] {
      var model = try PagesTests.model(on: id)
      return Pages[id].read(on: occasion, in: &model)
    }
    for id in [PageID.list, .summary, .segments] {
      for occasion in [Occasion.entered, .refreshed, .applied(request), .jobEnded] {
        #expect(try effects(id, occasion).isEmpty)
      }
    }
    #expect(try effects(.events, .entered) == [.readAudit])
    #expect(try effects(.events, .refreshed).isEmpty)
    // What is loaded stays loaded.
    #expect(try effects(.messages, .entered).isEmpty)
    #expect(try effects(.messages, .refreshed) == [fresh])
    #expect(try effects(.messages, .applied(request)) == [fresh])
    #expect(try effects(.messages, .applied(PlanRequest(.empty, audit))).isEmpty)
    #expect(try effects(.messages, .looked(before: nil, changed: nil)).isEmpty)
    #expect(try effects(.badFiles, .entered).jobs == [judge])
    #expect(try effects(.badFiles, .refreshed).jobs == [judge])
    #expect(try effects(.badFiles, .looked(before: changed, changed: nil)).jobs == [judge])
    #expect(try effects(.badFiles, .jobEnded).isEmpty)
    // Those of an act are read when its job has made room.
    #expect(try effects(.badFiles, .applied(request)).isEmpty)
  }

  @Test func `an act is completed by what is chosen on its page`() throws {
    func request(_ kind: Plan.Kind, on id: PageID, after keys: Key...) throws -> PlanRequest {
      var model = try PagesTests.model(on: id)
      for key in keys { model.press(key) }
      return model.request(kind, [try queue()])
    }
    #expect(try request(.skip, on: .messages, after: .down).count == 2)
    #expect(try request(.skip, on: .summary).count == 1)
    #expect(try request(.move, on: .messages).positions == [Sample.messages()[0].position])
    #expect(try request(.move, on: .list).positions.isEmpty)
    #expect(try request(.repair, on: .badFiles).repair == .init(bad: true, requeuesBad: true))
    #expect(try request(.repair, on: .list).repair == .init())
    #expect(try request(.undo, on: .events).operation == "20261122T095900Z")
    #expect(try request(.undo, on: .list).operation == nil)
  }
}
