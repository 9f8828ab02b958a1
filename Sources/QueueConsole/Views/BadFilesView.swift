import DiskQueue
import QueueInspection

/// The `.bad` files of a queue and what of it is in quarantine: what each is by the evidence, and what
/// can be saved from the one under the cursor.
enum BadFilesView {
  static func draw(_ queue: QueueReport, _ model: Model, in frame: inout Frame) {
    let files = queue.setAside
    let layout = Layout(columns: frame.columns)
    let first = QueuePage.firstRow
    frame.paint(row: first, role: .header)
    frame.put("FILE", row: first, column: 2, role: .header)
    if let size = layout.size { frame.put(right: "SIZE", row: first, end: size, role: .header) }
    frame.put("VERDICT", row: first, column: layout.verdict, role: .header)
    frame.put(
      right: layout.size == nil ? "SAVE" : "CAN BE SAVED", row: first, end: frame.columns - 1,
      role: .header)
    if files.isEmpty {
      frame.put(
        "There are no .bad files, and nothing is in quarantine.", row: first + 2, column: 2,
        role: .dim)
      frame.cursor = (first + 2, 2)
      return
    }
    // Half the screen for the files at the most, the rest for the one under the cursor.
    let room = max(1, (frame.rows - 7) / 2)
    let top = max(0, min(model.badSelected - room + 1, files.count - room))
    let shown = files.dropFirst(top).prefix(room)
    for (offset, file) in shown.enumerated() {
      row(file, judgement(model, top + offset), at: first + 1 + offset, in: &frame)
      if top + offset == model.badSelected {
        frame.paint(row: first + 1 + offset, role: .selected)
        frame.put(">", row: first + 1 + offset, column: 0, role: .selected)
        frame.cursor = (first + 1 + offset, 0)
      }
    }
    preview(model, from: first + 2 + shown.count, in: &frame)
  }

  /// Where the columns are; there is no size where there is no room.
  private struct Layout {
    let name: Int
    let size: Int?
    let verdict: Int

    init(columns: Int) {
      let isWide = columns >= 60
      verdict = columns - (isWide ? 30 : 22)
      size = isWide ? columns - 32 : nil
      name = max(4, verdict - (isWide ? 12 : 1) - 2)
    }
  }

  private static func judgement(_ model: Model, _ index: Int) -> BadFileJudge.Judgement? {
    guard let all = model.judgements, all.indices.contains(index) else { return nil }
    return all[index]
  }

  private static func row(
    _ file: BadFileReport, _ judgement: BadFileJudge.Judgement?, at row: Int,
    in frame: inout Frame
  ) {
    let layout = Layout(columns: frame.columns)
    // The number at the end tells files apart.
    let short = file.name.count > layout.name ? "…" + file.name.suffix(layout.name - 1) : file.name
    frame.put(short.plainIf(frame.ascii), row: row, column: 2, width: layout.name, role: .bad)
    if let size = layout.size { frame.put(right: Numbers.bytes(file.bytes), row: row, end: size) }
    guard let judgement else {
      frame.put("reading", row: row, column: layout.verdict, role: .dim)
      return
    }
    let role: Role =
      switch judgement.verdict {
      case .wholeDelivered: .good
      case .whole, .salvageable: .warning
      case .hopeless: .dim
      }
    frame.put(judgement.verdict.rawValue, row: row, column: layout.verdict, role: role)
    frame.put(right: Numbers.grouped(judgement.messages), row: row, end: frame.columns - 1)
  }

  // MARK: Preview

  private static func preview(_ model: Model, from row: Int, in frame: inout Frame) {
    let width = frame.columns
    frame.paint(row: row, role: .header)
    frame.put("what is in it (only looked at)", row: row, column: 1, role: .header)
    guard let judgement = judgement(model, model.badSelected) else {
      frame.put(
        "reading…".plainIf(frame.ascii), row: row + 1, column: 1,
        role: .dim)
      return
    }
    let lines = lines(judgement).flatMap { $0.wrapped(to: width - 2) }
    for (index, line) in lines.prefix(max(0, frame.rows - row - 3)).enumerated() {
      frame.put(line, row: row + 1 + index)
    }
  }

  static func lines(_ judgement: BadFileJudge.Judgement) -> [Line] {
    let regions = judgement.salvage.regions
    let isCut = judgement.file.quarantined != nil
    var lines = regions.prefix(12).map { region in
      let place = " \(Numbers.grouped(region.start)) .. \(Numbers.grouped(region.end))  "
      let isDelivered = region.end <= judgement.from
      let line = Line(place, .dim)
      switch region.kind {
      case .records(let count, let confidence):
        return line.adding(
          "\(Numbers.messages(count)), \(confidence)", confidence == .guess ? .warning : .normal
        ).adding(isDelivered ? "   delivered already" : "", .dim)
      case .message(let confidence):
        return line.adding("one message behind an overwritten length, \(confidence)", .warning)
      case .damage(let code): return line.adding("no record: \(code.rawValue)", .error)
      }
    }
    if regions.count > 12 { lines.append(Line(" and \(regions.count - 12) more", .dim)) }
    lines.append(Line())
    let verdict =
      switch judgement.verdict {
      case .wholeDelivered: "Every record is whole, and all were delivered."
      case .whole: "Every record is whole; nothing tells whether they were delivered."
      case .salvageable where isCut:
        "This was cut from a segment; there are messages in it that were never delivered."
      case .hopeless where isCut: "This was cut from a segment; no message can be read in it."
      case .salvageable: "There are messages behind the damage that were never delivered."
      case .hopeless: "Nothing that was not delivered can be read from it."
      }
    lines.append(Line(" " + verdict))
    if judgement.messages > 0 {
      lines.append(
        Line(" P plans to put ", .normal)
          .adding(Numbers.messages(judgement.messages), .unread)
          .adding(" back at the tail; the original moves to the backup, unchanged."))
    } else {
      lines.append(Line(" P plans to set it aside in the backup, unchanged."))
    }
    return lines
  }
}
