import DiskQueue
import QueueInspection
import QueueOperations

/// What lies over a screen: questions, plans, progress and results.
enum DialogView {
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
    let width = DialogLayout.textWidth(model.layout)
    let lines = box.wraps ? box.lines.flatMap { $0.wrapped(to: width) } : box.lines
    let layout = DialogLayout(
      model.layout, count: lines.count, hasInput: box.input != nil, field: box.field?.line)
    frame.clear(
      row: layout.rows.lowerBound, column: layout.left, rows: layout.rows.count,
      columns: layout.width)
    border(box.title, layout, in: &frame)
    let text = layout.text
    for index in layout.lines {
      var at = text.lowerBound
      for (words, role) in lines[index].parts {
        at = frame.put(
          words, row: layout.row(of: index), column: at, width: max(0, text.upperBound - at),
          role: role)
      }
    }
    frame.put(box.hint, row: layout.hint, column: text.lowerBound, width: width, role: .dim)
    frame.cursor = (layout.hint, text.lowerBound)
    if let (label, editor) = box.input, let row = layout.input {
      let start = frame.put(label, row: row, column: text.lowerBound, width: width)
      edit(editor, row: row, from: start, to: text.upperBound, in: &frame)
    } else if let (line, column, editor) = box.field {
      let start = text.lowerBound + column
      edit(editor, row: layout.row(of: line), from: start, to: text.upperBound, in: &frame)
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

  private static func border(_ title: String, _ layout: DialogLayout, in frame: inout Frame) {
    let (left, width) = (layout.left, layout.width)
    let (first, last) = (layout.rows.lowerBound, layout.rows.upperBound - 1)
    let (corners, across, down) =
      frame.ascii ? (["+", "+", "+", "+"], "-", "|") : (["┌", "┐", "└", "┘"], "─", "│")
    let line = String(repeating: across, count: max(0, width - 2))
    frame.put(corners[0] + line + corners[1], row: first, column: left, role: .accent)
    frame.put(corners[2] + line + corners[3], row: last, column: left, role: .accent)
    for row in (first + 1)..<last {
      frame.put(down, row: row, column: left, role: .accent)
      frame.put(down, row: row, column: left + width - 1, role: .accent)
    }
    frame.put(" \(title) ", row: first, column: left + 2, width: width - 4, role: .accent)
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
      let label = model.keys.label(command).padded(4)
      let text = (binding?.text ?? command.rawValue).padded(32)
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
        ((index == form.focus ? "> " : "  ") + field.label + ":").padded(width + 2),
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
