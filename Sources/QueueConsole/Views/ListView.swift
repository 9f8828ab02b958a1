package import DiskQueue

/// Every queue on a line of its own.
package enum ListView {
  /// Rows that are not queues: title, totals, alerts, column heads, and two at the bottom.
  static let chrome = 6

  /// A column: its head, its width, and which columns go first when there is no room.
  private struct Column: Sendable {
    var head: String
    var width: Int
    /// Larger goes first.
    var drop: Int
    var order: Model.Order?
    var text: @Sendable (QueueReport, Model) -> (String, Role)
  }

  package static func draw(_ model: Model, in frame: inout Frame) {
    StatusBar.header(model, place: Array(model.directory.utf8), in: &frame)
    totals(model, in: &frame)
    alerts(model, in: &frame)
    let (nameWidth, columns) = layout(frame.columns)
    heads(model, nameWidth, columns, in: &frame)
    let queues = model.visible
    if queues.isEmpty { return empty(model, in: &frame) }
    let space = model.pageRows
    for (index, queue) in queues.dropFirst(model.top).prefix(space).enumerated() {
      row(queue, model, at: 4 + index, nameWidth, columns, in: &frame)
    }
  }

  private static func totals(_ model: Model, in frame: inout Frame) {
    guard let report = model.report else {
      frame.put(" looking at the directory…".asciiIf(frame.ascii), row: 1, column: 0, role: .dim)
      return
    }
    let depth = report.queues.reduce(0) { $0 + $1.depth }
    let bytes = report.queues.reduce(0) { $0 + $1.segments.reduce(0) { $0 + $1.bytes } }
    let bad = report.queues.reduce(0) { $0 + $1.badFiles.count }
    let change = report.queues.reduce(0.0) { $0 + model.perSecond($1.name) }
    var at = frame.put(
      " \(report.queues.count) queues   depth \(Numbers.grouped(depth)) (\(Numbers.change(change))/s)"
        + "   \(Numbers.bytes(bytes))   ", row: 1, column: 0)
    at = frame.put("BAD \(bad)", row: 1, column: at, role: bad > 0 ? .bad : .normal)
    if report.totalBytes > 0 {
      let percent = report.freeBytes * 100 / report.totalBytes
      frame.put(
        "   disk free \(percent)%", row: 1, column: at, role: percent < 5 ? .error : .normal)
    }
  }

  /// What needs looking at, worst first, as much as fits.
  private static func alerts(_ model: Model, in frame: inout Frame) {
    guard let report = model.report else { return }
    var at = 1
    let troubled = report.queues.filter { ($0.severity ?? .info) > .info || $0.problem != nil }
      .sorted { ($0.severity ?? .error, $1.name) > ($1.severity ?? .error, $0.name) }
    for queue in troubled where at < frame.columns - 12 {
      let worst = queue.findings.max { $0.severity < $1.severity }
      let what = queue.problem ?? worst?.code.rawValue ?? ""
      let role: Role = queue.problem != nil || worst?.severity == .error ? .error : .warning
      at = frame.put("! ", row: 2, column: at, role: role)
      at = frame.put(bytes: queue.name.bytes, row: 2, column: at, role: role)
      at = frame.put(" \(what)   ", row: 2, column: at, role: role)
    }
  }

  private static func layout(_ width: Int) -> (Int, [Column]) {
    var columns = all
    func name(_ columns: [Column]) -> Int {
      width - 2 - columns.reduce(0) { $0 + $1.width + 1 }
    }
    while name(columns) < 14, let last = columns.max(by: { $0.drop < $1.drop }) {
      columns.removeAll { $0.drop == last.drop }
    }
    return (max(1, name(columns)), columns)
  }

  private static func heads(
    _ model: Model, _ nameWidth: Int, _ columns: [Column], in frame: inout Frame
  ) {
    let mark = model.reversed ? "^" : "v"
    frame.paint(row: 3, role: .header)
    frame.put(
      "QUEUE" + (model.order == .name ? mark : ""), row: 3, column: 2, role: .header)
    var end = 2 + nameWidth
    for column in columns {
      end += column.width + 1
      let head = column.head + (column.order == model.order ? mark : "")
      frame.put(right: head, row: 3, end: end, role: .header)
    }
  }

  private static func row(
    _ queue: QueueReport, _ model: Model, at row: Int, _ nameWidth: Int, _ columns: [Column],
    in frame: inout Frame
  ) {
    let isSelected = queue.name == model.selected
    let role: Role = queue.problem != nil ? .error : .normal
    frame.put(bytes: queue.name.bytes, row: row, column: 2, width: nameWidth, role: role)
    var end = 2 + nameWidth
    for column in columns {
      end += column.width + 1
      let (text, role) = column.text(queue, model)
      frame.put(right: text, row: row, end: end, role: role)
    }
    if isSelected {
      frame.paint(row: row, role: .selected)
      frame.put(">", row: row, column: 0, role: .selected)
      frame.cursor = (row, 0)
    }
  }

  private static func empty(_ model: Model, in frame: inout Frame) {
    guard let report = model.report else { return }
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

  /// Written as `000058@40112233`.
  package static func place(_ position: Position) -> String {
    "\(FileName.padded(position.file))@\(position.offset)"
  }

  private static let all: [Column] = [
    Column(head: "DEPTH", width: 11, drop: 0, order: .depth) { queue, _ in
      (Numbers.grouped(queue.depth), queue.depth > 0 ? .unread : .dim)
    },
    Column(head: "+/-s", width: 7, drop: 2, order: .change) { queue, model in
      let change = model.perSecond(queue.name)
      return (Numbers.change(change), change > 0 ? .warning : change < 0 ? .good : .dim)
    },
    Column(head: "READ file@pos", width: 16, drop: 3, order: nil) { queue, _ in
      (place(queue.read), .read)
    },
    Column(head: "WRITE file@pos", width: 16, drop: 4, order: nil) { queue, _ in
      (place(queue.write), .normal)
    },
    Column(head: "FILES", width: 6, drop: 7, order: nil) { queue, _ in
      ("\(queue.segments.count)", .normal)
    },
    Column(head: "UNREAD", width: 8, drop: 6, order: .unread) { queue, _ in
      (Numbers.bytes(queue.unreadBytes), .normal)
    },
    Column(head: "BAD", width: 4, drop: 1, order: .bad) { queue, _ in
      (
        queue.badFiles.isEmpty ? "-" : "\(queue.badFiles.count)",
        queue.badFiles.isEmpty ? .dim : .bad
      )
    },
    Column(head: "OWNER", width: 13, drop: 5, order: nil) { queue, _ in
      (queue.owner.map { "\($0.command) \($0.pid)" } ?? "-", queue.owner == nil ? .dim : .normal)
    },
  ]
}

extension String {
  /// This text with the few signs beyond ASCII that diskq's own words use replaced.
  func asciiIf(_ ascii: Bool) -> String { ascii ? replacing("…", with: "...") : self }
}
