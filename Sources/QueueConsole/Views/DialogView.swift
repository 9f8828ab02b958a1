import DiskQueue

/// What lies over a screen: questions, plans, progress and results.
package enum DialogView {
  /// Lines of a dialog, and where in the last of them text is typed.
  private struct Box {
    var title: String
    var lines: [Line]
    var input: (label: String, editor: LineEditor)?
    var hint: String
  }

  static func draw(_ model: Model, in frame: inout Frame) {
    guard let box = box(model) else { return }
    let width = min(frame.columns - 2, 78)
    let room = frame.rows - 6
    let shown = box.lines.flatMap { $0.wrapped(to: width - 4) }.prefix(max(1, room))
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
    guard let (label, editor) = box.input else { return }
    let start = frame.put(label, row: last - 1, column: left + 2, width: width - 4)
    let space = max(1, left + width - 3 - start)
    // A long line scrolls so that the cursor stays in sight.
    let skipped = max(0, editor.cursor - space + 1)
    let visible = String(editor.characters.dropFirst(skipped))
    frame.paint(row: last - 1, role: .input, from: start, width: space)
    frame.put(visible, row: last - 1, column: start, width: space, role: .input)
    frame.cursor = (last - 1, start + editor.cursor - skipped)
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
    case nil, .help, .filter: return nil
    case .unlock:
      return Box(
        title: "Unlock writing",
        lines: [
          Line("Acts on queues become possible: inject, drain, empty, repair."),
          Line("Each still shows its plan and asks before it touches anything."),
        ], hint: "y unlocks   any other key leaves it locked")
    case .quit:
      return Box(
        title: "Quit", lines: [Line("Leave diskq?")], hint: "y quits   any other key stays")
    case .input(let request, let editor):
      let name = VisibleText.string(request.queue.bytes)
      if request.kind == .drain {
        return Box(
          title: "DRAIN \(name)",
          lines: [Line("All messages are written to this file, one JSON object a line.")],
          input: ("File: ", editor), hint: "Enter makes the plan   Esc cancels")
      }
      return Box(
        title: "INJECT \(name)", lines: [Line("The text becomes one message at the end.")],
        input: ("Text: ", editor), hint: "Enter makes the plan   Esc cancels")
    case .planning(let request):
      return Box(
        title: request.kind.rawValue.uppercased(),
        lines: [Line("making the plan…".asciiIf(model.ascii)), progress(model)],
        hint: "Esc cancels")
    case .checking(let queue):
      return Box(
        title: "CHECK \(VisibleText.string(queue.bytes))",
        lines: [Line("reading every record…".asciiIf(model.ascii)), progress(model)],
        hint: "Esc cancels; nothing is changed")
    case .confirm(let plan, let request, let editor): return confirm(plan, request, editor)
    case .running(let plan, let done):
      return Box(
        title: plan.kind.rawValue.uppercased(),
        lines: [Line("\(Numbers.grouped(done)) of \(Numbers.grouped(plan.messages)) messages")],
        hint: "^C stops between two batches; nothing is lost")
    case .result(let result):
      var lines = [
        Line("\(Numbers.messages(result.messages)); depth is now \(result.after.depth)", .good),
        Line("operation \(result.id)"),
      ]
      for finding in result.remaining {
        lines.append(Line("still there: \(finding.text)", .warning))
      }
      return Box(
        title: "\(result.kind.rawValue.uppercased()) done", lines: lines, hint: "any key goes on")
    }
  }

  private static func progress(_ model: Model) -> Line {
    let total = model.target?.segments.reduce(0) { $0 + $1.bytes } ?? 0
    return Line(Numbers.progress(model.passed, of: total, after: model.passedFor), .dim)
  }

  private static func confirm(_ plan: Plan, _ request: PlanRequest, _ editor: LineEditor) -> Box {
    let name = VisibleText.string(plan.queue.bytes)
    let count = Numbers.messages(plan.messages)
    let size = Numbers.bytes(plan.bytes)
    let what =
      switch plan.kind {
      case .inject: "Will put \(count) of \(size) at the end"
      case .drain: "Will move \(count) (\(size)) to \(plan.target ?? "")"
      case .empty: "Will drop \(count) (\(size)); the segments stay in the backup"
      case .repair: "Afterwards \(count) (\(size)) can be read"
      case .move: "Will move \(count) (\(size)) to \(plan.target ?? "")"
      case .skip: "Will pass over the first \(count) (\(size)); the backup keeps them"
      case .purge: "Frees \(size) of \(plan.messages) operations, which cannot be undone then"
      case .undo: "Undoes operation \(plan.undoes ?? ""): every file as it was before it"
      }
    var lines = [Line(what)]
    if let before = plan.before {
      lines.append(
        Line("read   ", .dim).adding("\(before.read) -> \(plan.after.read)")
          .adding("   write ", .dim).adding("\(before.write) -> \(plan.after.write)"))
      lines.append(Line("depth  ", .dim).adding("\(before.depth) -> \(plan.after.depth)"))
    } else {
      lines.append(
        Line("after  ", .dim).adding(
          "read \(plan.after.read)   write \(plan.after.write)   depth \(plan.after.depth)"))
    }
    for step in plan.steps.prefix(8) {
      lines.append(
        Line("- \(step.step) ", .accent).adding(step.file.map { $0 + ": " } ?? "").adding(step.why))
    }
    if plan.steps.count > 8 { lines.append(Line("- and \(plan.steps.count - 8) more steps", .dim)) }
    if plan.lostBytes > 0 || plan.uncertain > 0 || plan.lost > 0 {
      lines.append(
        Line(
          "lost \(Numbers.messages(plan.lost)), \(Numbers.bytes(plan.lostBytes)) bytes   "
            + "uncertain \(Numbers.messages(plan.uncertain))", .warning))
    }
    for finding in plan.remaining.prefix(3) {
      lines.append(Line("not mended: \(finding.text)", .warning))
    }
    lines.append(
      Line("The locks are taken and the files compared before anything is touched.", .dim))
    if plan.kind == .inject {
      return Box(
        title: "INJECT \(name)", lines: lines, hint: "y puts it in   any other key cancels")
    }
    let matches = Model.isConfirmed(plan, editor.text)
    return Box(
      title: "\(plan.kind.rawValue.uppercased()) \(name)", lines: lines,
      input: ("Type the queue's name to apply: ", editor),
      hint: matches
        ? "Enter applies   Esc cancels" : "Esc cancels   (apply is off: the name differs)")
  }
}
