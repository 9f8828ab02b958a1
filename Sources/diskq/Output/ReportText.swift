import DiskQueue
import QueueConsole
import QueueInspection
import QueueOperations

/// Reports for people: a table, then what is wrong.
///
/// Names pass through ``VisibleText``, so that no byte of theirs is obeyed by a terminal.
enum ReportText {
  static func table(_ report: Report) -> [String] {
    var rows = [["QUEUE", "DEPTH", "READ", "WRITE", "FILES", "UNREAD", "BAD", "OWNER"]]
    for queue in report.queues {
      rows.append([
        VisibleText.string(queue.name.bytes), Numbers.grouped(queue.depth),
        queue.read.description, queue.write.description, "\(queue.segments.count)",
        Numbers.bytes(queue.unreadBytes), "\(queue.badFiles.count)",
        queue.owner.map { "\(VisibleText.string(Array($0.command.utf8))) \($0.pid)" } ?? "-",
      ])
    }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      row.enumerated().map { column, text in
        let space = String(repeating: " ", count: widths[column] - text.count)
        return column == 0 || column == 7 ? text + space : space + text
      }.joined(separator: "  ").trimmingEnd()
    }
  }

  /// A line for each finding.
  static func findings(_ queue: QueueReport) -> [String] {
    let name = VisibleText.string(queue.name.bytes)
    var lines = queue.findings.map { finding in
      let place = finding.file.map { " " + VisibleText.string(Array($0.utf8)) } ?? ""
      let offset = finding.offset.map { "@\($0)" } ?? ""
      return "\(name): \(finding.severity.rawValue) \(finding.code.rawValue)\(place)\(offset): "
        + finding.text
    }
    if let damage = DamageText.summary(of: queue) { lines.append("\(name): \(damage)") }
    if let problem = queue.problem { lines.append("\(name): \(problem)") }
    return lines
  }

  /// A plan as lines.
  static func plan(_ plan: Plan) -> [String] {
    let name = VisibleText.string(plan.queue.bytes)
    var lines = [
      "\(plan.kind.rawValue) \(name): \(Numbers.grouped(plan.messages)) messages, "
        + "\(Numbers.bytes(plan.bytes))"
    ]
    for step in plan.steps {
      let file = step.file.map { VisibleText.string(Array($0.utf8)) + ": " } ?? ""
      lines.append("  \(step.step)  \(file)\(step.why)")
    }
    if let before = plan.before {
      lines.append("  before  depth \(before.depth)  read \(before.read)  write \(before.write)")
    }
    let after = plan.after
    lines.append("  after   depth \(after.depth)  read \(after.read)  write \(after.write)")
    if plan.lost > 0 || plan.lostBytes > 0 || plan.uncertain > 0 {
      lines.append(
        "  lost    \(plan.lost) messages, \(plan.lostBytes) bytes;  uncertain \(plan.uncertain)")
    }
    for finding in plan.remaining { lines.append("  not mended: \(finding.text)") }
    return lines
  }
}

extension String {
  fileprivate func trimmingEnd() -> String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
