import DequeModule
package import DiskQueue
import QueueInspection

/// Something that happened, as the events screen tells it.
package struct ConsoleEvent: Hashable, Sendable {
  package enum Kind: String, Sendable, CaseIterable {
    case action = "ACTION"
    case owner = "OWNER"
    case bad = "BAD"
    case stall = "STALL"
    case peak = "PEAK"
    case new = "NEW"
    case gone = "GONE"
    case error = "ERROR"
  }

  /// When, as `12:04:31` or with the day before it.
  package var time: String
  package var kind: Kind
  /// The queue's name as text, or the directory.
  package var subject: String
  package var text: String
  /// The operation it is about, which undoing needs.
  package var operation: String?

  package init(
    _ kind: Kind, _ subject: String, _ text: String, time: String, operation: String? = nil
  ) {
    self.kind = kind
    self.subject = subject
    self.text = text
    self.time = time
    self.operation = operation
  }

  /// A line of the audit log.
  package init(_ entry: AuditEntry) {
    let count = entry.messages.map { " \(Numbers.messages($0))" } ?? ""
    let target = entry.target.map { " -> \($0)" } ?? ""
    let operation = entry.operation.isEmpty ? "" : " (\(entry.operation))"
    self.init(
      .action, VisibleText.string(entry.queue.utf8),
      "\(entry.kind)\(count)\(target): \(entry.result), by \(entry.user)\(operation)",
      time: entry.time, operation: entry.operation.isEmpty ? nil : entry.operation)
  }

  /// All of it on one line, which no terminal obeys.
  package var line: String {
    VisibleText.string("\(time) \(kind.rawValue) \(subject) \(text)".utf8)
  }

  /// The time of day alone.
  package var clock: String {
    guard let mark = time.firstIndex(of: "T") else { return time }
    return String(time[time.index(after: mark)...].prefix(8))
  }
}

/// What happened while the console ran, and what the audit log tells; the oldest goes first.
package struct EventLog: Sendable {
  private static let most = 1000

  private var seen: Deque<ConsoleEvent> = []
  private var audit: [ConsoleEvent] = []
  /// All of them in the order of their times.
  package private(set) var all: [ConsoleEvent] = []

  package init() {}

  package mutating func add(_ event: ConsoleEvent) {
    seen.append(event)
    if seen.count > EventLog.most { seen.removeFirst() }
    merge()
  }

  package mutating func replaceAudit(_ entries: [AuditEntry]) {
    audit = entries.suffix(EventLog.most).map { ConsoleEvent($0) }
    merge()
  }

  private mutating func merge() {
    // Times are RFC 3339 in UTC, so their text sorts as they do.
    all = (audit + seen).enumerated()
      .sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
  }
}
