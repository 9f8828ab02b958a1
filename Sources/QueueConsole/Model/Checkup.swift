import DiskQueue
import QueueInspection

/// What is known of a queue's health: by a look, or by a check while the queue is as it was then.
struct Checkup {
  /// What the check told; nil when the queue has moved on since, or there was none.
  let full: QueueReport?
  /// What was found, the worst first.
  let findings: [Finding]

  init(of queue: QueueReport, in model: Model) {
    // A check knows more than a look, until the queue has moved on.
    full = model.checked[queue.name].flatMap { checked in
      checked.report.segments.map(\.bytes) == queue.segments.map(\.bytes)
        && checked.report.metadata == queue.metadata
        && checked.report.temporaries == queue.temporaries
        && checked.report.badFiles.map(\.name) == queue.badFiles.map(\.name)
        ? checked.report : nil
    }
    findings = (full?.findings ?? queue.findings).sorted { $0.severity > $1.severity }
  }

  /// It in words, a line each: how it is known, then what was found, each in its pieces.
  var texts: [[String]] {
    [head] + (findings.isEmpty ? [wellness] : findings.map { Checkup.text(of: $0) })
  }

  private var head: [String] {
    guard let full else { return [" looked at only; c reads every record"] }
    let messages = full.segments.reduce(0) { $0 + ($1.messages ?? 0) }
    if let damage = DamageText.summary(of: full) { return [" checked: ", damage] }
    return [
      " checked: ", "\(Numbers.messages(messages)) in \(full.segments.count) segments read",
    ]
  }

  private var wellness: [String] {
    [" [ok] ", full == nil ? "nothing is wrong as far as a look can tell" : "nothing is wrong"]
  }

  private static func text(of finding: Finding) -> [String] {
    let mark =
      switch finding.severity {
      case .info: " [--] "
      case .warning: " [! ] "
      case .error: " [!!] "
      }
    return [mark, finding.code.rawValue + place(of: finding) + ": ", finding.text]
  }

  /// Where it is in a segment.
  private static func place(of finding: Finding) -> String {
    guard let offset = finding.offset, let name = finding.file,
      case .segment(let number) = FileName.parse(Array(name.utf8))?.file
    else { return "" }
    return " \(number)@\(offset)"
  }
}
