package import DiskQueue
import QueueInspection
package import SystemPackage

extension Planner {
  /// Moves chosen messages out of a queue, into `target`.
  ///
  /// - Throws: `damaged` when the queue must be repaired first.
  package func move(
    _ queue: QueueName, _ selection: MessageSelection, to target: String,
    watch: SegmentScanner.Watch? = nil
  ) throws(DiskQueueError) -> Plan {
    var planner = try SelectionPlanner(self, queue, selection, kind: .move, watch: watch)
    return try planner.run(to: target)
  }

  /// Passes over the first `count` messages, as when the first one makes every consumer fail.
  ///
  /// The messages are kept in the operation's folder, as frames; undoing brings them back.
  package func skip(
    _ queue: QueueName, _ count: Int64, watch: SegmentScanner.Watch? = nil
  ) throws(DiskQueueError) -> Plan {
    var planner = try SelectionPlanner(
      self, queue, MessageSelection(limit: max(0, count)), kind: .skip, watch: watch)
    var plan = try planner.run(to: "the backup")
    guard !plan.isEmpty else { return plan }
    plan.steps[0] = .init(
      step: "skip", file: nil,
      why: "the read position moves behind them; the operation's folder keeps them")
    return plan
  }

  /// Frees the folders of operations: what they kept is gone for good.
  package func purge(
    _ records: [OperationRecord], of queue: QueueName, root: FilePath
  ) throws(DiskQueueError) -> Plan {
    let (files, outcome) = try recover(queue, mayBeNew: true)
    var plan = plan(.purge, queue, files, outcome)
    let store = OperationStore(of: directory, root: root, disk: disk)
    plan.messages = Int64(records.count)
    plan.bytes = 0
    for record in records {
      let bytes = try store.bytes(record)
      plan.bytes += bytes
      plan.operations.append(record.id)
      plan.steps.append(
        .init(
          step: "purge", file: record.id,
          why: "\(record.kind.rawValue) of \(record.messages) messages; frees \(bytes) bytes"))
    }
    return plan
  }
}
