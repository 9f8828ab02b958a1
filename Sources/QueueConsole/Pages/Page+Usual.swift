import DiskQueue
import QueueInspection
import QueueOperations

/// What a page of a queue is unless it says otherwise.
extension Page {
  var isTab: Bool { true }
  var help: String { title.lowercased() }
  var shortcut: Command? { nil }
  var commands: Set<Command> { [] }
  var canExport: Bool { false }

  func place(in model: Model) -> [UInt8] {
    Array("> ".utf8) + (model.screen.queue?.bytes ?? [])
  }

  func remarks(in model: Model) -> [Remark] { [] }

  func hints(in model: Model) -> [Hint] {
    [
      Hint(.check, "Check"), Hint(.messages, "Messages"), Hint(.badFiles, "Bad"), .acts, .write,
      .back,
    ]
  }

  func target(in model: Model) -> QueueName? { model.screen.queue }

  func targets(in model: Model) -> [QueueName] { target(in: model).map { [$0] } ?? [] }

  func amend(_ request: inout PlanRequest, in model: Model) {}

  func copied(in model: Model) -> [UInt8] { target(in: model)?.bytes ?? [] }

  func export(to path: String, _ format: MessageFormat, in model: inout Model) -> [Effect] {
    model.sayWhatExports()
    return []
  }

  func open(in model: inout Model) -> [Effect] {
    model.target.map { model.open($0.name, id) } ?? []
  }

  func absence(in model: Model) -> String? {
    model.target == nil ? "no queue is selected" : nil
  }

  func start(in model: Model) -> Cursor { Cursor() }

  func pane(in model: Model) -> any Pane { self }

  func move(_ by: Int, in model: inout Model) -> [Effect] {
    var rows = rows(in: model)
    rows.move(by)
    model.cursors[id] = rows.cursor
    return []
  }

  func settle(in model: inout Model) { model.cursors[id] = rows(in: model).cursor }

  func press(row: Int, column: Int, isDouble: Bool, in model: inout Model) -> [Effect] {
    guard let queue = model.screen.queue, row == model.layout.tabs,
      let page = TabBar.page(at: column)
    else { return [] }
    return model.open(queue, page.id)
  }

  func read(on occasion: Occasion, in model: inout Model) -> [Effect] { [] }

  func run(_ command: Command, in model: inout Model) -> [Effect]? { nil }
}
