import DiskQueue
import QueueInspection
import QueueOperations

/// What lies over a screen: questions, plans, progress and results.
package enum DialogView {
  /// Lines of a dialog, and where text is typed: on a line of its own, or in one of the lines.
  struct Box {
    var title: String
    var lines: [Line]
    var input: (label: String, editor: LineEditor)?
    var field: (line: Int, column: Int, editor: LineEditor)?
    var hint: String
    var wraps = true
  }

  static func draw(_ model: Model, in frame: inout Frame) {
    guard let box = box(model) else { return }
    let width = min(frame.columns - 2, 78)
    let room = frame.rows - 6
    let lines = box.wraps ? box.lines.flatMap { $0.wrapped(to: width - 4) } : box.lines
    // Of a form that is too long, what surrounds the field that is typed into.
    let skipped = max(0, min((box.field?.line ?? 0) - room + 2, lines.count - room))
    let shown = lines.dropFirst(skipped).prefix(max(1, room))
    let height = shown.count + (box.input == nil ? 3 : 4)
    let top = max(0, (frame.rows - height) / 2)
    let left = (frame.columns - width) / 2
    frame.clear(row: top, column: left, rows: height, columns: width)
    border(box.title, top, left, height, width, in: &frame)
    for (index, line) in shown.enumerated() {
      var at = left + 2
      for (text, role) in line.parts {
        at = frame.put(
          text, row: top + 1 + index, column: at, width: max(0, left + width - 2 - at), role: role)
      }
    }
    let last = top + height - 2
    frame.put(box.hint, row: last, column: left + 2, width: width - 4, role: .dim)
    frame.cursor = (last, left + 2)
    if let (label, editor) = box.input {
      let start = frame.put(label, row: last - 1, column: left + 2, width: width - 4)
      edit(editor, row: last - 1, from: start, to: left + width - 2, in: &frame)
    } else if let (line, column, editor) = box.field {
      edit(
        editor, row: top + 1 + line - skipped, from: left + 2 + column, to: left + width - 2,
        in: &frame)
    }
  }

  /// Draws text that is typed, and puts the cursor into it.
  private static func edit(
    _ editor: LineEditor, row: Int, from start: Int, to end: Int, in frame: inout Frame
  ) {
    let space = max(1, end - 1 - start)
    // A long line scrolls so that the cursor stays in sight.
    let (visible, cursor) = editor.window(space, ascii: frame.ascii)
    frame.paint(row: row, role: .input, from: start, width: space)
    frame.put(visible, row: row, column: start, width: space, role: .input)
    frame.cursor = (row, min(frame.columns - 1, start + cursor))
  }

  private static func border(
    _ title: String, _ top: Int, _ left: Int, _ height: Int, _ width: Int, in frame: inout Frame
  ) {
    let (corners, across, down) =
      frame.ascii ? (["+", "+", "+", "+"], "-", "|") : (["┌", "┐", "└", "┘"], "─", "│")
    let line = String(repeating: across, count: max(0, width - 2))
    frame.put(corners[0] + line + corners[1], row: top, column: left, role: .accent)
    frame.put(corners[2] + line + corners[3], row: top + height - 1, column: left, role: .accent)
    for row in (top + 1)..<(top + height - 1) {
      frame.put(down, row: row, column: left, role: .accent)
      frame.put(down, row: row, column: left + width - 1, role: .accent)
    }
    frame.put(" \(title) ", row: top, column: left + 2, width: width - 4, role: .accent)
  }

  private static func box(_ model: Model) -> Box? {
    switch model.overlay {
    case nil, .help, .filter, .search, .command: return nil
    case .menu(let row): return menu(row, model)
    case .unlock:
      return Box(
        title: "Unlock writing",
        lines: [
          Line("Acts on queues become possible: inject, drain, empty, repair."),
          Line("Each still shows its plan and asks before it touches anything."),
        ], hint: "y unlocks   any other key leaves it locked")
    case .quit:
      let job = model.job.map {
        [Line("\($0.title) is running; it stops between two messages, and is waited for.")]
      }
      return Box(
        title: "Quit", lines: [Line("Leave diskq?")] + (job ?? []),
        hint: "y quits   any other key stays")
    case .form(let form, _): return box(form, hint: "Enter makes the plan   Esc cancels", model)
    case .export(let form): return box(form, hint: "Enter writes the file   Esc cancels", model)
    case .planning(let request):
      return Box(
        title: request.kind.rawValue.uppercased(),
        lines: [Line("making the plan…".plainIf(model.ascii)), progress(model)],
        hint: "Esc cancels")
    case .confirm(let plans, let request, let editor):
      return PlanView.box(plans, request, editor, model)
    case .result(let results, let failure): return result(results, failure)
    case .event(let event):
      var lines = [
        Line(event.time, .dim).adding("  \(event.kind.rawValue)", EventsView.role(event.kind)),
        Line(event.subject), Line(event.text),
      ]
      if let operation = event.operation {
        lines.append(Line("u plans to undo operation \(operation)", .dim))
      }
      return Box(title: "Event", lines: lines, hint: "any key goes on")
    }
  }

  private static func progress(_ model: Model) -> Line {
    guard let job = model.job else { return Line() }
    return Line(StatusBar.progress(job), .dim)
  }

  private static func menu(_ row: Int, _ model: Model) -> Box {
    let lines = Model.menu.enumerated().map { index, command in
      let binding = model.keys.bindings.first { $0.command == command }
      let label = QueuePage.pad(model.keys.label(command), 4)
      let text = QueuePage.pad(binding?.text ?? command.rawValue, 32)
      let obstacle = model.obstacle(to: command)
      let mark = index == row ? "> " : "  "
      let line = Line(mark, .accent).adding(label, obstacle == nil ? .accent : .dim)
        .adding(text, index == row ? .selected : obstacle == nil ? .normal : .dim)
      return obstacle.map { line.adding(" \($0)", .warning) } ?? line
    }
    let names = model.targets.prefix(3).map { Model.text($0.name) }.joined(separator: ", ")
    let more = model.targets.count > 3 ? " and \(model.targets.count - 3) more" : ""
    return Box(
      title: "Acts on \(names.isEmpty ? "nothing" : names + more)", lines: lines,
      hint: "Enter or the key runs it   Esc closes", wraps: false)
  }

  /// More characters than any line shows.
  private static let frameful = 500

  /// A form's fields, a line each; the text under the cursor is edited in place.
  private static func box(_ form: Form, hint: String, _ model: Model) -> Box {
    var lines = [Line(form.hint, .dim), Line()]
    var input: (line: Int, column: Int, editor: LineEditor)?
    let width = (form.fields.map(\.label.count).max() ?? 0) + 2
    for (index, field) in form.fields.enumerated() {
      let label = Line(
        QueuePage.pad((index == form.focus ? "> " : "  ") + field.label + ":", width + 2),
        index == form.focus ? .accent : .normal)
      switch field.value {
      case .text(let editor):
        if index == form.focus {
          input = (lines.count, width + 2, editor)
          lines.append(label)
        } else {
          lines.append(label.adding(String(editor.characters.prefix(frameful)), .input))
        }
      case .choice(let words, let chosen):
        var line = label
        for (at, word) in words.enumerated() {
          line = line.adding(
            at == chosen ? "[\(word)] " : " \(word)  ", at == chosen ? .accent : .dim)
        }
        lines.append(line)
      }
    }
    if !model.message.isEmpty, model.messageRole == .error {
      lines += [Line(), Line(model.message, .error)]
    }
    return Box(title: form.title, lines: lines, field: input, hint: hint, wraps: false)
  }

  private static func result(_ results: [OperationResult], _ failure: String?) -> Box {
    var lines: [Line] = []
    for result in results.prefix(6) {
      let name = results.count > 1 ? Model.text(result.queue) + ": " : ""
      let depth = result.kind == .purge ? "" : "; depth is now \(result.after.depth)"
      let what =
        result.kind == .purge
        ? "\(Numbers.bytes(result.bytes)) freed" : Numbers.messages(result.messages)
      lines.append(Line("\(name)\(what)\(depth)", .good))
      lines.append(Line("operation \(result.id)", .dim))
      for finding in result.remaining {
        lines.append(Line("still there: \(finding.text)", .warning))
      }
    }
    if results.count > 6 { lines.append(Line("and \(results.count - 6) more", .dim)) }
    if let failure { lines.append(Line("then it stopped: \(failure)", .error)) }
    let kind = results.first?.kind.rawValue.uppercased() ?? ""
    return Box(title: "\(kind) done", lines: lines, hint: "any key goes on")
  }
}
