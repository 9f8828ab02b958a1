import DiskQueue
import QueueInspection

/// A queue's files as a map: what is read, unread, bad, and where the positions are.
enum SegmentsView {
  static func draw(_ queue: QueueReport, _ model: Model, _ rows: Rows, in frame: inout Frame) {
    let cursor = rows.cursor.selected
    let layout = SegmentsLayout(model.layout, of: queue, cursor: cursor)
    for (row, line) in zip(model.layout.page, SummaryView.numbers(queue, model).prefix(2)) {
      frame.put(line, row: row)
    }
    let lines = map(queue, layout.map, model, cursor: cursor)
    for (row, line) in zip(layout.mapRows, lines) {
      frame.put(line, row: row)
      if line.parts.first?.text.hasPrefix(">") == true {
        frame.paint(row: row, role: .selected)
        frame.cursor = (row, 0)
      }
    }
    if frame.cursor == nil { frame.cursor = (layout.mapRows.lowerBound, 0) }
    if let rows = layout.graph {
      let graph = SummaryView.graph(queue, model, rows: rows.count - 1)
      for (row, line) in zip(rows, graph) { frame.put(line, row: row) }
    }
    frame.put(chosen(cursor, queue, model), row: model.layout.foot)
  }

  /// What is to be said of the segment under the cursor.
  private static func chosen(_ cursor: Int, _ queue: QueueReport, _ model: Model) -> Line {
    guard let file = queue.mapped[safely: cursor] else { return Line() }
    let name = " \(FileName.padded(file)): "
    guard let segment = queue.segments.first(where: { $0.file == file }) else {
      return Line(name, .accent).adding("given up as .bad; b looks what can be saved")
    }
    let unread = unread(segment, queue)
    var line = Line(name, .accent)
      .adding("\(Numbers.grouped(segment.bytes)) bytes, \(Numbers.grouped(unread)) unread")
    let checked = model.checked[queue.name]?.report.segments.first { $0.file == file }
    if let messages = checked?.messages {
      line = line.adding(", \(Numbers.messages(messages)) when checked")
    }
    return line.adding("   Enter shows its messages", .dim)
  }

  static func unread(_ segment: SegmentReport, _ queue: QueueReport) -> Int64 {
    guard segment.file >= queue.read.file else { return 0 }
    let end = segment.file == queue.write.file ? queue.write.offset : segment.bytes
    return max(0, end - (segment.file == queue.read.file ? queue.read.offset : 0))
  }

  // MARK: Map

  /// The map with its ruler and legend; of many files, those in sight.
  static func map(_ queue: QueueReport, _ layout: MapLayout, _ model: Model, cursor: Int?) -> [Line]
  {
    let bar = max(8, model.columns - 40)
    let scale = max(1, (queue.segments.map(\.bytes) + queue.badFiles.map(\.bytes)).max() ?? 1)
    var lines = [
      Line("  FILE       ", .header).adding(ruler(bar), .header).adding(
        "       SIZE  UNREAD", .header)
    ]
    var rows: [(Int64, Line)] = queue.badFiles.map { bad in
      let filled = columns(bad.bytes, of: scale, in: bar)
      return (
        bad.file,
        Line("  " + FileName.padded(bad.file).padded(9) + "[")
          .adding(String(repeating: "x", count: filled), .bad)
          .adding(String(repeating: " ", count: bar - filled) + "]")
          .adding(Numbers.bytes(bad.bytes).padded(left: 11)).adding("  .bad", .bad)
      )
    }
    for segment in queue.segments {
      rows.append((segment.file, row(segment, queue, bar: bar, scale: scale)))
    }
    rows.sort { $0.0 < $1.0 }
    var files = rows.map(\.1)
    if let cursor, files.indices.contains(cursor) {
      files[cursor].parts[0].text = ">" + files[cursor].parts[0].text.dropFirst()
    }
    lines += files[layout.files]
    if layout.awaitsNext {
      let name = FileName.padded(queue.write.file).padded(9)
      lines.append(Line("  \(name)(next file, not there yet)", .dim))
    }
    lines.append(
      Line("  . read  = unread  x bad  ! past the end  R read position  W write position", .dim))
    return lines
  }

  private static func row(_ segment: SegmentReport, _ queue: QueueReport, bar: Int, scale: Int64)
    -> Line
  {
    let filled = max(segment.bytes > 0 ? 1 : 0, columns(segment.bytes, of: scale, in: bar))
    let isRead = segment.file == queue.read.file
    let isWrite = segment.file == queue.write.file
    let read =
      segment.file < queue.read.file
      ? filled : isRead ? columns(queue.read.offset, of: scale, in: bar) : 0
    let end = isWrite ? columns(queue.write.offset, of: scale, in: bar) : filled
    var cells: [(String, Role)] = (0..<bar).map { at in
      if at < min(read, filled) { return (".", .dim) }
      if at < min(end, filled) { return ("=", .unread) }
      return at < filled ? ("!", .error) : (" ", .normal)
    }
    if isWrite { cells[min(end, bar - 1)] = ("W", .accent) }
    if isRead { cells[min(read, bar - 1)] = ("R", .read) }
    var line = Line("  " + FileName.padded(segment.file).padded(9) + "[")
    for (text, role) in cells {
      if line.parts.last?.role == role, line.parts.count > 1 {
        line.parts[line.parts.count - 1].text += text
      } else {
        line = line.adding(text, role)
      }
    }
    let unread = unread(segment, queue)
    return line.adding("]" + Numbers.bytes(segment.bytes).padded(left: 11))
      .adding(Numbers.bytes(unread).padded(left: 8), unread > 0 ? .unread : .dim)
  }

  private static func columns(_ bytes: Int64, of scale: Int64, in bar: Int) -> Int {
    min(bar, Int((Double(bytes) / Double(scale) * Double(bar)).rounded()))
  }

  private static func ruler(_ bar: Int) -> String {
    var cells = [Character](repeating: " ", count: bar)
    for (percent, label) in [(0, "0%"), (50, "50%"), (100, "100%")] {
      let at = max(0, min(bar - label.count, bar * percent / 100 - label.count / 2))
      for (offset, character) in label.enumerated() { cells[at + offset] = character }
    }
    return String(cells)
  }
}
