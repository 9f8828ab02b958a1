import DiskQueue
import QueueOperations

/// A plan before it is applied: what will happen, from what to what, what was checked, how to undo.
enum PlanView {
  static func box(
    _ plans: [Plan], _ request: PlanRequest, _ editor: LineEditor, _ model: Model
  ) -> DialogView.Box {
    var lines = plans.count == 1 ? one(plans[0]) : many(plans)
    if request.kind != .purge {
      lines.append(
        Line("Checks   ", .dim).adding(
          "files compared and locks taken before anything is touched"))
      lines.append(
        Line("Undo     ", .dim).adding(
          "\(model.keys.label(.undo)), or diskq undo, until the queue is written again"))
    }
    let act = plans.first?.kind.rawValue.uppercased() ?? ""
    let name = plans.count == 1 ? Model.text(plans[0].queue) : "\(plans.count) queues"
    let title = "\(act) \(name)  [DRY RUN]"
    if Model.wantsYes(plans) {
      return .init(title: title, lines: lines, hint: "< Cancel >   y puts it in")
    }
    let phrase = request.phrase(plans)
    let matches = Plan.passwords(plans).contains(Array(editor.text.utf8))
    return .init(
      title: title, lines: lines,
      input: (
        plans.count == 1
          ? "Type the queue's name to apply: "
          : "Type “\(phrase)” to apply: "
            .plainIf(model.ascii), editor
      ),
      hint: matches
        ? "Enter applies   Esc cancels" : "< Cancel >   Apply (off: the name differs)")
  }

  private static func what(_ plan: Plan) -> String {
    let count = Numbers.messages(plan.messages)
    let size = Numbers.bytes(plan.bytes)
    return switch plan.kind {
    case .inject: "Will put \(count) of \(size) at the end"
    case .drain, .move: "Will move \(count) (\(size)) to \(plan.target ?? "")"
    case .empty: "Will drop \(count) (\(size)); the segments stay in the backup"
    case .repair: "Afterwards \(count) (\(size)) can be read"
    case .skip: "Will pass over the first \(count) (\(size)); the backup keeps them"
    case .purge: "Frees \(size) of \(plan.messages) operations, which cannot be undone then"
    case .undo: "Undoes operation \(plan.undoes ?? ""): every file as it was before it"
    }
  }

  private static func one(_ plan: Plan) -> [Line] {
    var lines = [Line(what(plan))]
    if plan.kind != .purge {
      if let before = plan.before {
        lines.append(
          Line("read   ", .dim).adding("\(before.read.place) -> \(plan.after.read.place)")
            .adding("   write ", .dim).adding(
              "\(before.write.place) -> \(plan.after.write.place)"))
        lines.append(Line("depth  ", .dim).adding("\(before.depth) -> \(plan.after.depth)"))
      } else {
        lines.append(
          Line("after  ", .dim).adding(
            "read \(plan.after.read.place)   write \(plan.after.write.place)   depth \(plan.after.depth)"
          ))
      }
    }
    for step in plan.steps.prefix(8) {
      lines.append(
        Line("- \(step.step) ", .accent).adding(step.file.map { $0 + ": " } ?? "").adding(step.why))
    }
    if plan.steps.count > 8 { lines.append(Line("- and \(plan.steps.count - 8) more steps", .dim)) }
    return lines + doubts(plan)
  }

  private static func doubts(_ plan: Plan) -> [Line] {
    var lines: [Line] = []
    if plan.lostBytes > 0 || plan.uncertain > 0 || plan.lost > 0 {
      lines.append(
        Line(
          "lost \(Numbers.messages(plan.lost)), \(Numbers.bytes(plan.lostBytes)) bytes   "
            + "uncertain \(Numbers.messages(plan.uncertain))", .warning))
    }
    for finding in plan.remaining.prefix(3) {
      lines.append(Line("not mended: \(finding.text)", .warning))
    }
    return lines
  }

  private static func many(_ plans: [Plan]) -> [Line] {
    let messages = plans.reduce(0) { $0 + $1.messages }
    let bytes = plans.reduce(0) { $0 + $1.bytes }
    var lines = [
      Line("In all \(Numbers.messages(messages)) (\(Numbers.bytes(bytes))), queue after queue:")
    ]
    for plan in plans.prefix(8) {
      lines.append(Line("- \(Model.text(plan.queue)): ", .accent).adding(what(plan)))
    }
    if plans.count > 8 { lines.append(Line("- and \(plans.count - 8) more queues", .dim)) }
    return lines + plans.flatMap { doubts($0) }.prefix(3)
  }
}
