import DiskQueue
import QueueOperations

extension PageID {
  static let events = PageID("events")
}

/// What happened, the newest last: to one queue on its page, or in the whole directory.
struct EventsPage: Page {
  let id = PageID.events
  let title = "Events"
  let help = "events of the queue"
  let shortcut: Command? = .events
  let canExport = true

  func place(in model: Model) -> [UInt8] {
    Array("> ".utf8) + (model.screen.queue?.bytes ?? Array("events and audit log".utf8))
  }

  func draw(_ model: Model, in frame: inout Frame) {
    EventsView.draw(model, rows(in: model), in: &frame)
  }

  func hints(in model: Model) -> [Hint] {
    [
      Hint(.filter, "Filter"), Hint(.follow, "Follow"), Hint(.enter, "Detail"),
      Hint(.undo, "Undo"), Hint(.export, "Export"),
    ] + (model.screen.queue == nil ? [] : [.acts, .write]) + [.back]
  }

  func amend(_ request: inout PlanRequest, in model: Model) {
    if request.kind == .undo { request.operation = chosen(in: model)?.operation }
  }

  func copied(in model: Model) -> [UInt8] { chosen(in: model).map { Array($0.line.utf8) } ?? [] }

  func export(to path: String, _ format: MessageFormat, in model: inout Model) -> [Effect] {
    let lines = model.shownEvents.map { $0.line + "\n" }
    return model.begin(.write(lines.joined(), path: path), "export events", queue: nil)
  }

  // MARK: Going about

  /// Opens those of the whole directory.
  func open(in model: inout Model) -> [Effect] {
    model.turn(to: .events)
    return read(on: .entered, in: &model)
  }

  func absence(in model: Model) -> String? { nil }

  func start(in model: Model) -> Cursor { .last }

  func rows(in model: Model) -> Rows {
    let layout = EventsLayout(model.layout, isTab: model.screen.queue != nil)
    var cursor = model.cursor(id)
    if model.eventsFollow { cursor.selected = .max }
    return Rows(model.shownEvents.count, room: layout.events.count, at: cursor)
  }

  private func chosen(in model: Model) -> ConsoleEvent? {
    model.shownEvents[safely: rows(in: model).cursor.selected]
  }

  func move(_ by: Int, in model: inout Model) -> [Effect] {
    var rows = rows(in: model)
    rows.move(by)
    model.cursors[id] = rows.cursor
    model.eventsFollow = false
    return []
  }

  func enter(in model: inout Model) -> [Effect] {
    if let event = chosen(in: model) { model.overlay = .event(event) }
    return []
  }

  // MARK: What it does

  func read(on occasion: Occasion, in model: inout Model) -> [Effect] {
    if case .entered = occasion { [.readAudit] } else { [] }
  }

  func run(_ command: Command, in model: inout Model) -> [Effect]? {
    switch command {
    case .bottom:
      model.eventsFollow = true
      model.keepInView()
    case .follow:
      model.eventsFollow.toggle()
      model.keepInView()
    case .export:
      model.overlay = .export(
        Form(
          "EXPORT events", hint: "They are written as lines of text.",
          [.text("target", "File", "/var/tmp/diskq-events.\(model.timeForNames).txt")]))
    default: return nil
    }
    return []
  }

  func filter(in model: Model) -> String { model.eventFilter }

  func filter(by text: String, in model: inout Model) { model.eventFilter = text }
}

extension Model {
  /// The events of the screen that pass its filter.
  package var shownEvents: [ConsoleEvent] {
    let words = Filter(eventFilter)
    let subject = screen.queue.map { Model.text($0) }
    return events.all.filter { event in
      if let subject, event.subject != subject { return false }
      return words.passes("\(event.kind.rawValue) \(event.subject) \(event.text)")
    }
  }
}
