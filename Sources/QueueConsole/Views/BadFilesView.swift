import DiskQueue
import QueueInspection

/// The `.bad` files of a queue and what of it is in quarantine: what each is by the evidence, and what
/// can be saved from the one under the cursor.
enum BadFilesView {
  static func draw(_ queue: QueueReport, _ model: Model, _ rows: Rows, in frame: inout Frame) {
    let cursor = rows.cursor.selected
    let files = queue.setAside
    let layout = BadFilesLayout(model.layout, count: files.count, cursor: cursor)
    heads(layout, in: &frame)
    if files.isEmpty {
      let row = layout.heads + 2
      frame.put(
        "There are no .bad files, and nothing is in quarantine.", row: row, column: 2, role: .dim)
      frame.cursor = (row, 2)
      return
    }
    for index in layout.files {
      let row = layout.row(of: index)
      draw(files[index], judgement(model, index), layout, at: row, in: &frame)
      if index == cursor {
        frame.paint(row: row, role: .selected)
        frame.put(">", row: row, column: 0, role: .selected)
        frame.cursor = (row, 0)
      }
    }
    preview(judgement(model, cursor), layout, in: &frame)
  }

  private static func heads(_ layout: BadFilesLayout, in frame: inout Frame) {
    let row = layout.heads
    frame.paint(row: row, role: .header)
    frame.put("FILE", row: row, column: 2, role: .header)
    if let size = layout.size { frame.put(right: "SIZE", row: row, end: size, role: .header) }
    frame.put("VERDICT", row: row, column: layout.verdict, role: .header)
    frame.put(
      right: layout.size == nil ? "SAVE" : "CAN BE SAVED", row: row, end: frame.columns - 1,
      role: .header)
  }

  private static func judgement(_ model: Model, _ index: Int) -> BadFileJudge.Judgement? {
    guard let all = model.judgements, all.indices.contains(index) else { return nil }
    return all[index]
  }

  private static func draw(
    _ file: BadFileReport, _ judgement: BadFileJudge.Judgement?, _ layout: BadFilesLayout,
    at row: Int, in frame: inout Frame
  ) {
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

  private static func preview(
    _ judgement: BadFileJudge.Judgement?, _ layout: BadFilesLayout, in frame: inout Frame
  ) {
    frame.paint(row: layout.previewHead, role: .header)
    frame.put(
      "what is in it (only looked at)", row: layout.previewHead, column: 1, role: .header)
    guard let judgement else {
      frame.put(
        "reading…".plainIf(frame.ascii), row: layout.previewHead + 1, column: 1, role: .dim)
      return
    }
    let lines = lines(judgement).flatMap { $0.wrapped(to: frame.columns - 2) }
    for (row, line) in zip(layout.preview, lines) { frame.put(line, row: row) }
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
