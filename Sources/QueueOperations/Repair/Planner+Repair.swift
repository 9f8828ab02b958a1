package import DiskQueue

extension Planner {
  /// Mends what can be mended; see ``RepairPlanner``.
  package func repair(
    _ queue: QueueName, _ request: RepairPlanner.Request = .init(),
    watch: SegmentScanner.Watch? = nil
  ) throws(DiskQueueError) -> Plan {
    if let id = try interrupted(queue) { return try finish(id, queue) }
    return try steadily(queue) { (planner) throws(DiskQueueError) in
      try RepairPlanner.plan(planner, queue, request, watch: watch)
    }
  }

  /// Finishes, or takes back, an operation that was interrupted; a repair comes after that.
  private func finish(_ id: String, _ queue: QueueName) throws(DiskQueueError) -> Plan {
    let files = try QueueFiles(queue, in: directory, disk: disk)
    let outcome = try Recovery.recover(
      queue, files, in: directory, limits: options.limits, disk: disk, countUpTo: 0)
    var plan = plan(.repair, queue, files, outcome)
    plan.finishes = id
    plan.steps = [
      .init(
        step: "finish", file: nil,
        why: "operation \(id) was interrupted: it is finished, or taken back where another program "
          + "has written the queue since")
    ]
    return plan
  }
}
