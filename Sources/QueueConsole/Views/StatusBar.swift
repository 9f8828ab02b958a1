import DiskQueue
import QueueInspection

/// The first line of every screen and the last two.
enum StatusBar {
  /// Where one is, whether writing is locked, who owns the directory, and how live it is.
  static func header(_ model: Model, place: [UInt8], in frame: inout Frame) {
    let right = clock(model)
    frame.paint(row: 0, role: .title)
    let end = frame.columns - right.utf8.count - 1
    let lock = model.unlocked ? "[WRITE]  " : "[READ-ONLY]  "
    var at = frame.put(" diskq  ", row: 0, column: 0, width: end, role: .title)
    at = frame.put(
      lock, row: 0, column: at, width: max(0, end - at), role: model.unlocked ? .warning : .title)
    // Who owns the directory matters more than the end of a long path.
    let owner: (String, Role) =
      if let owner = model.shown?.owner {
        ("  owner \(owner.words)", .title)
      } else {
        (model.shown?.ownersKnown == false ? "  owner unknown" : "", .warning)
      }
    let room = max(min(12, end - at), end - at - VisibleText.width(owner.0, ascii: frame.ascii))
    at = frame.put(bytes: place, row: 0, column: at, width: max(0, room), role: .title)
    frame.put(owner.0, row: 0, column: at, width: max(0, end - at), role: owner.1)
    frame.put(
      right: right, row: 0, end: frame.columns,
      role: model.pastSteps > 0 || model.staleSeconds != nil ? .warning : .title)
  }

  private static func clock(_ model: Model) -> String {
    if model.pastSteps > 0, let past = model.past {
      return "HISTORY \(past.report.takenAt.clock) "
    }
    if let age = model.staleSeconds {
      // The time is the present one, and the figures' age stands apart from it.
      return "STALE \(Numbers.age(age))  \(model.now.map { "\($0.clock) " } ?? "")"
    }
    let time = model.changedAt.map { " \($0.clock)" } ?? ""
    if model.paused { return "PAUSED\(time) " }
    let interval = Model.seconds(model.interval * Double(model.slowdown))
    return "\(interval)\(model.slowdown > 1 ? " slow line" : "") LIVE\(time) "
  }

  /// How far a job is: `1.2G of 4.0G (30%), 512.0M/s, 6s left`.
  static func progress(_ job: Job) -> String {
    job.countsMessages
      ? Numbers.progress(messages: job.done, of: job.total, after: job.seconds)
      : Numbers.progress(job.done, of: job.total, after: job.seconds)
  }

  /// What happened last or is running, and the keys that lead on; a line being typed takes the last
  /// row.
  static func draw(_ model: Model, in frame: inout Frame) {
    let row = model.layout.message
    var at = 1
    if let job = model.job {
      running(job, row: row, in: &frame)
    } else {
      for remark in model.page.remarks(in: model) {
        at = frame.put(
          remark.text, row: row, column: at, width: remark.width, role: remark.role)
        at += remark.gap
      }
      if let failure = model.failure {
        frame.put(failure, row: row, column: at, role: .error)
      } else {
        frame.put(model.message, row: row, column: at, role: model.messageRole)
      }
    }
    typed(model, in: &frame)
  }

  /// Written as `check audit [=====     ] 1.2G of 4.0G (30%), 6s left   ^C stops`.
  private static func running(_ job: Job, row: Int, in frame: inout Frame) {
    var at = frame.put(
      " \(job.title) ", row: row, column: 0, width: frame.columns / 3, role: .accent)
    if job.total > 0 {
      let width = max(4, frame.columns / 6)
      let filled = Int(min(Int64(width), job.done * Int64(width) / job.total))
      at = frame.put(
        "[" + String(repeating: "=", count: filled)
          + String(repeating: " ", count: width - filled) + "] ", row: row, column: at)
    }
    at = frame.put(progress(job), row: row, column: at, role: .dim)
    frame.put(
      job.isStopping ? "   stopping" : "   ^C stops", row: row, column: at,
      role: job.isStopping ? .warning : .dim)
  }

  private static func typed(_ model: Model, in frame: inout Frame) {
    let row = model.layout.hints
    let (sign, editor): (String, LineEditor) =
      switch model.overlay {
      case .filter(let editor): ("/", editor)
      case .search(let editor): ("search: ", editor)
      case .command(let input): (":", input.editor)
      default: ("", LineEditor())
      }
    guard !sign.isEmpty else {
      // A job has the line of messages, so what is said while it runs takes the place of the hints.
      if model.job != nil, !model.message.isEmpty {
        frame.put(" " + model.message, row: row, column: 0, role: model.messageRole)
      } else {
        frame.put(hints(model), row: row, column: 0, role: .dim)
      }
      return
    }
    // What could not be typed is said where the completions are else.
    if case .command(let input) = model.overlay, !input.editor.isFull {
      completions(input, model, in: &frame)
    }
    let start = frame.put(sign, row: row, column: 0, role: .accent)
    let space = max(1, frame.columns - start - 1)
    let (visible, cursor) = editor.window(space, ascii: frame.ascii)
    frame.put(visible, row: row, column: start, role: .input)
    frame.cursor = (row, min(frame.columns - 1, start + cursor))
  }

  /// What Tab may make of the command, and what the word does, on the line above.
  private static func completions(_ input: CommandInput, _ model: Model, in frame: inout Frame) {
    let row = model.layout.message
    frame.clear(row: row, column: 0, rows: 1, columns: frame.columns)
    let word = input.editor.text.split(separator: " ").first.map(String.init) ?? ""
    if input.choice == nil, let command = TypedCommand.all.first(where: { $0.word == word }) {
      frame.put(" \(command.word): \(command.help)", row: row, column: 0, role: .dim)
      return
    }
    var at = 1
    let choices =
      input.choices.isEmpty ? model.completions(of: input.editor.text) : input.choices
    for (index, choice) in choices.enumerated() {
      guard at < frame.columns else { break }
      // Past the first word only what differs is told.
      let blank = choice.firstIndex(of: " ")
      let isWhole = blank.map { choice.index(after: $0) == choice.endIndex } ?? true
      let text =
        isWhole ? choice : String(choice[choice.index(after: blank ?? choice.startIndex)...])
      at = frame.put(
        text, row: row, column: at, role: index == input.choice ? .selected : .dim)
      at = frame.put("  ", row: row, column: at)
    }
  }

  private static func hints(_ model: Model) -> String {
    ([Hint(.help, "Help")] + model.page.hints(in: model)).map { hint in
      let label = model.keys.label(hint.command)
      // A sign stands before its word, a name apart from it.
      return label.isEmpty
        ? "" : label.count == 1 ? "\(label)\(hint.text) " : "\(label) \(hint.text) "
    }.joined()
  }
}
