import DiskQueue
import QueueInspection

/// Every queue on a line of its own.
enum ListView {
  static func draw(_ model: Model, in frame: inout Frame) {
    totals(model, in: &frame)
    alerts(model, in: &frame)
    let (nameWidth, columns) = ListColumn.layout(model)
    heads(model, nameWidth, columns, in: &frame)
    if model.visibleCount == 0 { return empty(model, in: &frame) }
    let layout = ListLayout(model.layout)
    for (offset, row) in layout.queues.enumerated() {
      guard let queue = model.visible(model.top + offset) else { break }
      draw(queue, model, at: row, nameWidth, columns, in: &frame)
    }
    if let rows = layout.panes { panes(model, in: rows, of: &frame) }
  }

  private static func totals(_ model: Model, in frame: inout Frame) {
    guard let report = model.shown else {
      frame.put(" looking at the directory…".plainIf(frame.ascii), row: 1, column: 0, role: .dim)
      return
    }
    var depth: Int64 = 0
    var bytes: Int64 = 0
    var bad = 0
    for queue in report.queues {
      depth += queue.depth
      bytes += queue.segments.reduce(0) { $0 + $1.bytes }
      bad += queue.badFiles.count
    }
    var rates = Rates()
    for name in model.moving {
      let one = model.rates(name)
      rates.in += one.in
      rates.out += one.out
      rates.growth += one.growth
    }
    var at = frame.put(
      " \(report.queues.count) queues  depth \(Numbers.grouped(depth))  \(Numbers.bytes(bytes))"
        + "  in \(Numbers.rate(rates.in))/s out \(Numbers.rate(rates.out))/s  ", row: 1, column: 0)
    at = frame.put("BAD \(bad)", row: 1, column: at, role: bad > 0 ? .bad : .normal)
    guard report.totalBytes > 0 else { return }
    let percent = report.freeBytes * 100 / report.totalBytes
    let isLow = percent < model.preferences.thresholds.diskFree
    at = frame.put(
      "  disk free \(percent)%", row: 1, column: at, role: isLow ? .error : .normal)
    let left = rates.growth > 1 ? Double(report.freeBytes) / rates.growth : .infinity
    if left < 86400 {
      frame.put(
        "  full in \(Numbers.age(Int64(left)))", row: 1, column: at,
        role: left < 3600 ? .error : .warning)
    }
  }

  /// What needs looking at, worst first, as much as fits.
  private static func alerts(_ model: Model, in frame: inout Frame) {
    var at = 1
    for alert in model.alerts {
      guard at < frame.columns - 12 else {
        frame.put(right: "+", row: 2, end: frame.columns, role: .dim)
        break
      }
      let role: Role = alert.severity == .error ? .error : .warning
      at = frame.put("! ", row: 2, column: at, role: role)
      if let queue = alert.queue {
        at = frame.put(bytes: queue.bytes, row: 2, column: at, role: role)
        at = frame.put(" ", row: 2, column: at, role: role)
      }
      at = frame.put("\(alert.text)   ", row: 2, column: at, role: role)
    }
  }

  private static func heads(
    _ model: Model, _ nameWidth: Int, _ columns: [ListColumn], in frame: inout Frame
  ) {
    let mark = model.reversed ? "^" : "v"
    let row = ListLayout.heads
    frame.paint(row: row, role: .header)
    frame.put(
      "QUEUE" + (model.order == .name ? mark : ""), row: row, column: 2, role: .header)
    var end = 2 + nameWidth
    for column in columns {
      end += column.width + 1
      let head = column.head + (column.order == model.order ? mark : "")
      frame.put(right: head, row: row, end: end, role: .header)
    }
  }

  private static func draw(
    _ queue: QueueReport, _ model: Model, at row: Int, _ nameWidth: Int,
    _ columns: [ListColumn], in frame: inout Frame
  ) {
    let isSelected = queue.name == model.selected
    let name: Role = queue.severity == .error || queue.problem != nil ? .error : .normal
    if model.marks.contains(queue.name) { frame.put("*", row: row, column: 1, role: .accent) }
    frame.put(bytes: queue.name.bytes, row: row, column: 2, width: nameWidth, role: name)
    var end = 2 + nameWidth
    for column in columns {
      end += column.width + 1
      let (text, role) = column.text(queue, model)
      frame.put(right: text, row: row, end: end, role: role)
    }
    if isSelected {
      // The name and the first number: a whole row would be sent twice for every key.
      let width = 2 + nameWidth + (columns.first.map { $0.width + 1 } ?? 0)
      frame.paint(row: row, role: .selected, width: width)
      frame.put(">", row: row, column: 0, role: .selected)
      frame.cursor = (row, 0)
    }
  }

  private static func empty(_ model: Model, in frame: inout Frame) {
    guard let report = model.shown else { return }
    let lines =
      report.queues.isEmpty
      ? [
        "There is no queue in this directory yet.",
        "A queue's files are named NAME.diskqueue.meta.dat and",
        "NAME.diskqueue.000000.dat.",
        "This screen shows them as soon as they are there.",
      ] : ["No queue matches the filter.", "Press / and Esc to take it away."]
    for (index, line) in lines.enumerated() { frame.put(line, row: 5 + index, column: 2) }
    frame.cursor = (5, 2)
  }

  // MARK: Panes of a large screen

  private static func panes(_ model: Model, in rows: Range<Int>, of frame: inout Frame) {
    guard let queue = model.target else { return }
    let row = rows.lowerBound
    frame.paint(row: row, role: .header)
    let end = frame.put(" selected: ", row: row, column: 0, role: .header)
    let next = frame.put(bytes: queue.name.bytes, row: row, column: end, role: .header)
    let owner = queue.owner.map { "   owner \($0.words)" } ?? ""
    frame.put(owner, row: row, column: next, role: .header)
    var lines = Array(SummaryView.numbers(queue, model).prefix(2))
    let map = MapLayout(of: queue, cursor: nil, most: 6)
    lines += SegmentsView.map(queue, map, model, cursor: nil).dropLast()
    let graph = SummaryView.graph(queue, model, rows: 3)
    lines = Array(lines.prefix(7)) + graph
    let heads = rows.upperBound - 4
    for (at, line) in zip((row + 1)..<heads, lines) { frame.put(line, row: at) }
    frame.paint(row: heads, role: .header)
    frame.put(" events", row: heads, column: 0, role: .header)
    for (at, event) in zip((heads + 1)..<rows.upperBound, model.events.all.reversed()) {
      frame.put(event.clock, row: at, column: 1, role: .dim)
      frame.put(event.kind.rawValue, row: at, column: 10, role: EventsView.role(event.kind))
      frame.put(event.subject, row: at, column: 17, width: 24)
      frame.put(event.text, row: at, column: 42)
    }
  }
}
