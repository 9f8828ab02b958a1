import DiskQueue

/// One queue: its numbers, its segments as a map, and what is wrong with it.
package enum DetailView {
  /// Rows that are not the page: the title and two at the bottom.
  static let chrome = 3

  package static func draw(_ model: Model, in frame: inout Frame) {
    guard let queue = model.target else { return }
    StatusBar.header(model, place: Array("> ".utf8) + queue.name.bytes, in: &frame)
    let lines = lines(of: queue, in: model)
    for (index, line) in lines.dropFirst(model.detailTop).prefix(frame.rows - chrome).enumerated() {
      frame.put(line, row: 1 + index)
    }
    frame.cursor = (1, 0)
  }

  /// The whole page, of which the screen shows as much as fits.
  static func lines(of queue: QueueReport, in model: Model) -> [Line] {
    numbers(queue, model) + [Line()] + map(queue, width: model.columns) + [Line()]
      + checks(queue, model).flatMap { $0.wrapped(to: model.columns - 1) }
  }

  private static func numbers(_ queue: QueueReport, _ model: Model) -> [Line] {
    let change = model.perSecond(queue.name)
    var lines = [
      Line(" depth     ", .dim).adding(Numbers.grouped(queue.depth), .unread)
        .adding(" (\(queue.depthSource))   \(Numbers.change(change))/s")
        .adding("   unread ", .dim).adding(Numbers.bytes(queue.unreadBytes))
        .adding(" of ", .dim)
        .adding(Numbers.bytes(queue.segments.reduce(0) { $0 + $1.bytes })),
      Line(" read      ", .dim).adding(pad(ListView.place(queue.read), 24), .read)
        .adding("write ", .dim).adding(ListView.place(queue.write)),
    ]
    if let metadata = queue.metadata {
      let depth = metadata.numbers.map { "depth \(Numbers.grouped($0.depth))" } ?? "not readable"
      lines.append(
        Line(" metadata  ", .dim).adding(depth, metadata.numbers == nil ? .error : .normal)
          .adding("   written \(metadata.modifiedAt.rfc3339)")
          .adding("   mode 0\(String(metadata.mode, radix: 8))"))
    } else {
      lines.append(Line(" metadata  ", .dim).adding("none", .warning))
    }
    let owner = queue.owner.map(StatusBar.describe)
    lines.append(
      Line(" owner     ", .dim)
        .adding(owner ?? (model.report?.ownersKnown == true ? "nobody" : "unknown")))
    if let problem = queue.problem { lines.append(Line(" " + problem, .error)) }
    return lines
  }

  // MARK: Segment map

  private static func map(_ queue: QueueReport, width: Int) -> [Line] {
    let bar = max(8, width - 40)
    let scale = max(1, (queue.segments.map(\.bytes) + queue.badFiles.map(\.bytes)).max() ?? 1)
    var lines = [
      Line("  FILE       ", .header).adding(ruler(bar), .header).adding(
        "       SIZE  UNREAD", .header)
    ]
    var rows: [(Int64, Line)] = queue.badFiles.map { bad in
      let filled = columns(bad.bytes, of: scale, in: bar)
      return (
        bad.file,
        Line("  " + pad(FileName.padded(bad.file), 9) + "[")
          .adding(String(repeating: "x", count: filled), .bad)
          .adding(String(repeating: " ", count: bar - filled) + "]")
          .adding(left(Numbers.bytes(bad.bytes), 11)).adding("  .bad", .bad)
      )
    }
    for segment in queue.segments {
      rows.append((segment.file, row(segment, queue, bar: bar, scale: scale)))
    }
    rows.sort { $0.0 < $1.0 }
    lines += rows.map(\.1)
    if !queue.segments.contains(where: { $0.file == queue.write.file }) {
      lines.append(
        Line("  \(pad(FileName.padded(queue.write.file), 9))(next file, not there yet)", .dim))
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
    var line = Line("  " + pad(FileName.padded(segment.file), 9) + "[")
    for (text, role) in cells {
      if line.parts.last?.role == role, line.parts.count > 1 {
        line.parts[line.parts.count - 1].text += text
      } else {
        line = line.adding(text, role)
      }
    }
    let unread =
      segment.file < queue.read.file
      ? 0
      : (isWrite ? queue.write.offset : segment.bytes) - (isRead ? queue.read.offset : 0)
    return line.adding("]" + left(Numbers.bytes(segment.bytes), 11))
      .adding(left(Numbers.bytes(max(0, unread)), 8), unread > 0 ? .unread : .dim)
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

  // MARK: Checks

  private static func checks(_ queue: QueueReport, _ model: Model) -> [Line] {
    // A check knows more than a look, until the queue has moved on.
    let full = model.checked[queue.name].flatMap { checked in
      checked.report.segments.map(\.bytes) == queue.segments.map(\.bytes)
        && checked.report.metadata == queue.metadata
        && checked.report.temporaries == queue.temporaries
        && checked.report.badFiles.map(\.name) == queue.badFiles.map(\.name)
        ? checked.report : nil
    }
    let head =
      full.map { report -> Line in
        let messages = report.segments.reduce(0) { $0 + ($1.messages ?? 0) }
        return Line(" checked: ", .dim).adding(
          "\(Numbers.messages(messages)) in \(report.segments.count) segments read")
      } ?? Line(" looked at only; c reads every record", .dim)
    let findings = full?.findings ?? queue.findings
    guard !findings.isEmpty else {
      return [
        head,
        Line(" [ok] ", .good).adding(
          full == nil ? "nothing is wrong as far as a look can tell" : "nothing is wrong"),
      ]
    }
    return [head]
      + findings.sorted { $0.severity > $1.severity }.map { finding in
        let (mark, role): (String, Role) =
          switch finding.severity {
          case .info: (" [--] ", .dim)
          case .warning: (" [! ] ", .warning)
          case .error: (" [!!] ", .error)
          }
        return Line(mark, role).adding(finding.code.rawValue + ": ", role).adding(finding.text)
      }
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private static func left(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
