/// What happened, the newest last: in the directory, or to one queue on its page.
enum EventsView {
  static func draw(_ model: Model, _ rows: Rows, in frame: inout Frame) {
    let layout = EventsLayout(model.layout, isTab: model.screen.queue != nil)
    let (first, subject) = (layout.heads, layout.subject)
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
    for (row, index) in zip(layout.events, rows.shown) {
      let event = events[index]
      frame.put(event.clock, row: row, column: 2, role: .dim)
      frame.put(event.kind.rawValue, row: row, column: 11, width: 6, role: role(event.kind))
      frame.put(event.subject, row: row, column: 18, width: subject)
      frame.put(event.text, row: row, column: 19 + subject)
      if index == rows.cursor.selected {
        frame.paint(row: row, role: .selected)
        frame.put(">", row: row, column: 0, role: .selected)
        frame.cursor = (row, 0)
      }
    }
    let kept = model.eventFilter.isEmpty ? "" : "filter: \(model.eventFilter)   "
    frame.put(
      " \(kept)\(events.count) of \(model.events.all.count)   "
        + "follow \(model.eventsFollow ? "on" : "off")   log: .diskq/audit.jsonl",
      row: model.layout.foot, column: 0, role: .dim)
  }

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
