/// What happened, the newest last: in the directory, or to one queue on its page.
enum EventsView {
  private static func firstRow(_ model: Model) -> Int { model.screen == .events ? 1 : 2 }

  /// Rows for events.
  static func rows(_ model: Model) -> Int { max(1, model.rows - firstRow(model) - 4) }

  static func draw(_ model: Model, in frame: inout Frame) {
    if model.screen == .events {
      StatusBar.header(model, place: Array("> events and audit log".utf8), in: &frame)
    }
    let first = firstRow(model)
    let subject = subjectWidth(frame.columns)
    frame.paint(row: first, role: .header)
    frame.put("TIME", row: first, column: 2, role: .header)
    frame.put("KIND", row: first, column: 11, role: .header)
    frame.put("QUEUE", row: first, column: 18, width: subject, role: .header)
    frame.put("WHAT", row: first, column: 19 + subject, role: .header)
    let events = model.shownEvents
    if events.isEmpty {
      frame.put("Nothing has happened yet.", row: first + 2, column: 2, role: .dim)
      frame.cursor = (first + 2, 2)
    }
    for (offset, event) in events.dropFirst(model.eventTop).prefix(rows(model)).enumerated() {
      let row = first + 1 + offset
      frame.put(event.clock, row: row, column: 2, role: .dim)
      frame.put(event.kind.rawValue, row: row, column: 11, width: 6, role: role(event.kind))
      frame.put(event.subject, row: row, column: 18, width: subject)
      frame.put(event.text, row: row, column: 19 + subject)
      if model.eventTop + offset == model.eventSelected {
        frame.paint(row: row, role: .selected)
        frame.put(">", row: row, column: 0, role: .selected)
        frame.cursor = (row, 0)
      }
    }
    let kept = model.eventFilter.isEmpty ? "" : "filter: \(model.eventFilter)   "
    frame.put(
      " \(kept)\(events.count) of \(model.events.all.count)   "
        + "follow \(model.eventsFollow ? "on" : "off")   log: .diskq/audit.jsonl",
      row: frame.rows - 3, column: 0, role: .dim)
  }

  private static func subjectWidth(_ columns: Int) -> Int { max(8, min(30, columns / 4)) }

  static func role(_ kind: ConsoleEvent.Kind) -> Role {
    switch kind {
    case .action: .accent
    case .bad: .bad
    case .stall: .warning
    case .error: .error
    case .owner, .peak, .new, .gone: .normal
    }
  }
}
