import DiskQueue
import QueueInspection

/// The messages of a queue: a list of them, and the one under the cursor in full.
enum MessagesView {
  static func draw(_ page: LoadedMessages, _ model: Model, _ rows: Rows, in frame: inout Frame) {
    let layout = MessagesLayout(model.layout)
    list(page, model, rows, layout, in: &frame)
    pane(page, model, layout, in: &frame)
  }

  // MARK: List

  private static func list(
    _ page: LoadedMessages, _ model: Model, _ rows: Rows, _ layout: MessagesLayout,
    in frame: inout Frame
  ) {
    let row = layout.heads
    let hasEnvelope = page.entries.contains { isEnvelope($0) }
    frame.paint(row: row, role: .header, width: layout.listWidth)
    frame.put(right: "#", row: row, end: 10, role: .header)
    frame.put("FILE@POS", row: row, column: 12, role: .header)
    frame.put(right: "SIZE", row: row, end: 37, role: .header)
    let preview = hasEnvelope && layout.listWidth >= 70 ? 58 : 39
    if preview == 58 {
      frame.put(right: "ATT", row: row, end: 42, role: .header)
      frame.put("TIME", row: row, column: 44, role: .header)
    }
    frame.put(
      "PREVIEW", row: row, column: preview, width: max(0, layout.listWidth - preview),
      role: .header)
    if page.entries.isEmpty {
      let text = page.isLoading ? "reading…".plainIf(model.ascii) : "There is no unread message."
      frame.put(text, row: row + 2, column: 2, role: .dim)
      frame.cursor = (row + 2, 2)
    }
    for (at, index) in zip(layout.list, rows.shown) {
      draw(page.entries[index], page, at: at, preview: preview, layout, in: &frame)
      if index == rows.cursor.selected {
        frame.paint(
          row: at, role: page.isInPane ? .header : .selected, width: layout.listWidth)
        frame.put(">", row: at, column: 0, role: page.isInPane ? .header : .selected)
        frame.cursor = (at, 0)
      }
    }
  }

  private static func draw(
    _ entry: MessageEntry, _ page: LoadedMessages, at row: Int, preview: Int,
    _ layout: MessagesLayout, in frame: inout Frame
  ) {
    let width = layout.listWidth
    if page.marks.contains(entry.position) {
      frame.put("*", row: row, column: 1, role: .accent)
    }
    frame.put(right: entry.number.map { Numbers.grouped($0) } ?? "-", row: row, end: 10)
    frame.put(entry.position.place, row: row, column: 12, width: 18, role: .dim)
    if entry.damage != nil {
      frame.put(
        "no record here: the rest of the segment cannot be read on; P repairs", row: row,
        column: 33, width: max(0, width - 33), role: .error)
      return
    }
    var body = entry.start[...]
    var size = entry.size
    if isEnvelope(entry) {
      body = body.dropFirst(NSQEnvelope.headerSize)
      size -= NSQEnvelope.headerSize
      if preview == 58, let envelope = NSQEnvelope(entry.start) {
        frame.put(right: "\(envelope.attempts)", row: row, end: 42)
        let time = Timestamp(nanoseconds: envelope.timestamp)
        let milliseconds = (envelope.timestamp % 1_000_000_000 + 1_000_000_000) % 1_000_000_000
        let fraction = String(String(1000 + milliseconds / 1_000_000).dropFirst())
        frame.put("\(time.clock).\(fraction)", row: row, column: 44, width: 13, role: .dim)
      }
    }
    frame.put(right: Numbers.grouped(Int64(size)), row: row, end: 37)
    if body.starts(with: [0x1F, 0x8B]) {
      frame.put("(gzip)", row: row, column: preview, width: max(0, width - preview), role: .dim)
    } else {
      frame.put(bytes: Array(body), row: row, column: preview, width: max(0, width - preview))
    }
  }

  private static func isEnvelope(_ entry: MessageEntry) -> Bool {
    NSQEnvelope.looksRight(entry.start.prefix(NSQEnvelope.headerSize), of: entry.size)
  }

  // MARK: Payload

  private static func pane(
    _ page: LoadedMessages, _ model: Model, _ layout: MessagesLayout, in frame: inout Frame
  ) {
    let column = layout.isBeside ? layout.paneColumn : 0
    frame.paint(row: layout.paneHead, role: .header, from: column)
    if layout.isBeside {
      for row in layout.paneHead..<layout.pane.upperBound {
        frame.put("|", row: row, column: column - 2, role: .dim)
      }
    }
    let text = PayloadText(page, width: layout.paneWidth, ascii: model.ascii)
    let count = text.rows.count
    let views = LoadedMessages.View.allCases.map {
      $0 == page.view ? "[\($0.rawValue)]" : $0.rawValue
    }.joined(separator: " ")
    let head = page.current.map { $0.position.place + "  " } ?? ""
    frame.put(
      " \(head)\(views)", row: layout.paneHead, column: column,
      role: page.isInPane ? .selected : .header)
    let shown = PayloadPane.rows(count, of: page, layout).shown
    if count > shown.count {
      frame.put(
        right: "lines \(shown.lowerBound + 1) to \(shown.upperBound) of \(count) ",
        row: layout.paneHead, end: frame.columns, role: .header)
    }
    for (at, row) in zip(layout.pane, text.rows[shown]) {
      let line = PayloadView.line(row, of: text).dropping(page.paneLeft)
      frame.put(line, row: at, column: layout.paneColumn)
    }
    if page.isInPane {
      frame.cursor = (min(frame.rows - 1, layout.pane.lowerBound), layout.paneColumn)
    }
  }
}

extension Line {
  /// This line without its first `count` characters.
  fileprivate func dropping(_ count: Int) -> Line {
    guard count > 0 else { return self }
    var line = Line()
    var left = count
    for (text, role) in parts {
      line = line.adding(String(text.dropFirst(left)), role)
      left = max(0, left - text.count)
    }
    return line
  }
}
