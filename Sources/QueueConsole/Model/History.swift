import DequeModule
import DiskQueue
import QueueInspection

/// Earlier looks at the directory, kept as what each changed, in bounded memory.
struct History: Sendable {
  /// Queue reports kept at the most, over all steps.
  private static let mostReports = 20_000
  private static let mostSteps = 3600

  /// What leads from one look back to the one before it.
  private struct Step: Sendable {
    var earlier: Report
    var rates: [QueueName: Rates]
    /// Queues as they were; nil for those that were not there.
    var queues: [QueueName: QueueReport?]
  }

  private var steps: Deque<Step> = []
  private var weight = 0

  /// Looks that can be gone back to.
  var count: Int { steps.count }

  /// Notes that `old` gave way to `new`; `changed` are the queues that may differ.
  ///
  /// Returns whether there was anything to note.
  mutating func note(
    _ old: Report, _ rates: [QueueName: Rates], to new: Report, changed: Set<QueueName>?
  ) -> Bool {
    var before: [QueueName: QueueReport] = [:]
    var after: [QueueName: QueueReport] = [:]
    if let changed {
      for name in changed {
        before[name] = old.queue(name)
        after[name] = new.queue(name)
      }
    } else {
      for queue in old.queues { before[queue.name] = queue }
      for queue in new.queues { after[queue.name] = queue }
    }
    var queues: [QueueName: QueueReport?] = [:]
    for name in Set(before.keys).union(after.keys) where before[name] != after[name] {
      queues[name] = .some(before[name])
    }
    if queues.isEmpty, old.owner == new.owner { return false }
    var head = old
    head.queues = []
    steps.append(Step(earlier: head, rates: rates, queues: queues))
    weight += queues.count + 1
    while steps.count > 1, weight > History.mostReports || steps.count > History.mostSteps {
      weight -= steps.removeFirst().queues.count + 1
    }
    return true
  }

  /// The directory `back` steps before `live`, with the rates it had; nil for none.
  func report(_ back: Int, before live: Report) -> (Report, [QueueName: Rates])? {
    guard back > 0, back <= steps.count else { return nil }
    var queues = Dictionary(live.queues.map { ($0.name, $0) }) { $1 }
    for step in steps.suffix(back).reversed() {
      for (name, queue) in step.queues { queues[name] = queue }
    }
    let oldest = steps[steps.count - back]
    var report = oldest.earlier
    report.queues = queues.values.sorted { $0.name < $1.name }
    return (report, oldest.rates)
  }
}
