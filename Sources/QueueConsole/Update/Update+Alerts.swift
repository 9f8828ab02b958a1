import DiskQueue
import QueueInspection

/// What needs looking at, worked out from what was seen last.
extension Model {
  /// Nanoseconds between two looks for what stands still.
  private static let alertInterval: Int64 = 10_000_000_000

  /// Whether so much time has gone that something may stand still by now.
  func alertsAreDue(at time: Timestamp) -> Bool {
    alertsAt.map { time.nanoseconds - $0.nanoseconds >= Model.alertInterval } ?? true
  }

  mutating func lookForAlerts() {
    guard let report else { return }
    alertsAt = report.takenAt
    var found: [Alert] = []
    let limits = preferences.thresholds
    if report.totalBytes > 0, report.freeBytes * 100 / report.totalBytes < limits.diskFree {
      found.append(
        Alert(
          queue: nil, text: "disk: \(Numbers.bytes(report.freeBytes)) free", severity: .error))
    }
    for queue in report.queues {
      if let problem = queue.problem {
        found.append(Alert(queue: queue.name, text: problem, severity: .error))
      } else if let worst = queue.findings.max(by: { $0.severity < $1.severity }),
        worst.severity > .info
      {
        found.append(
          Alert(queue: queue.name, text: Model.text(of: worst, queue), severity: worst.severity))
      }
      if let depth = limits.depth, queue.depth > depth {
        found.append(
          Alert(
            queue: queue.name, text: "depth \(Numbers.grouped(queue.depth))", severity: .warning))
      }
      lookForStall(queue, limits.stall, &found)
    }
    alerts = found.sorted { $0.severity > $1.severity }
  }

  private static func text(of finding: Finding, _ queue: QueueReport) -> String {
    guard finding.code == .badFile else { return finding.code.rawValue }
    let bytes = queue.badFiles.reduce(0) { $0 + $1.bytes }
    return "\(queue.badFiles.count) .bad \(Numbers.bytes(bytes))"
  }

  private mutating func lookForStall(
    _ queue: QueueReport, _ limit: Int64, _ found: inout [Alert]
  ) {
    guard queue.depth > 0, let since = watched[queue.name]?.stillSince, let now else { return }
    let seconds = now.seconds - since.seconds
    guard seconds >= limit else { return }
    found.append(
      Alert(
        queue: queue.name, text: "not read for \(Numbers.age(seconds))", severity: .warning))
    guard watched[queue.name]?.isStalled == false else { return }
    watched[queue.name]?.isStalled = true
    // What stood still before anybody looked is an alert, but it did not happen now.
    if seconds < limit + 30 {
      note(
        .stall, Model.text(queue.name),
        "not read for \(Numbers.age(seconds)), depth \(Numbers.grouped(queue.depth))")
    }
  }
}
