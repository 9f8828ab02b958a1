import DiskQueue
import QueueInspection
import SystemPackage

extension Model {
  /// Takes one event and says what to do about it: the whole of the console's behaviour.
  package mutating func update(_ event: Event) -> [Effect] {
    switch event {
    case .key(let key): return take(key)
    case .typed(let text): return insert(text)
    case .pasted(let paste): return take(paste)
    case .mouse(let mouse, let row, let column): return take(mouse, row: row, column: column)
    case .resized(let columns, let rows):
      self.columns = columns
      self.rows = rows
      keepInView()
    case .tick(let time): return tick(time)
    case .surveyed(let report, let changed): return take(report, changed: changed)
    case .surveyFailed(let error):
      refreshing = false
      askedAt = nil
      if failure == nil { note(.error, directory, error.description) }
      failure = error.description
    case .line(let isSlow): slowdown = isSlow ? min(16, slowdown * 2) : max(1, slowdown / 2)
    case .writing(let unlocked): self.unlocked = unlocked
    case .job(let id, let news): return take(news, of: id)
    case .browsed(let queue, let anchor, let page): return take(page, anchor, of: queue)
    case .opened(let queue, let message): take(message, of: queue)
    case .browseFailed(let queue, let error): fail(error, browsing: queue)
    case .audited(let entries):
      events.replaceAudit(entries)
      keepInView()
    case .refused(let why): say(why, .warning)
    case .terminate: return [.quit]
    }
    return []
  }

  /// Notes an event at the time of the last look.
  mutating func note(
    _ kind: ConsoleEvent.Kind, _ subject: String, _ text: String, operation: String? = nil
  ) {
    let time = now?.rfc3339 ?? ""
    events.add(ConsoleEvent(kind, subject, text, time: time, operation: operation))
    keepInView()
  }
}
