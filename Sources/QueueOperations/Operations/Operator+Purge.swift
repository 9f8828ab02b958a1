package import DiskQueue

/// Freeing what operations have kept.
extension Operator {
  /// Frees the folders that a queue's plan names.
  package func purge(_ plan: ConfirmedPlan) throws(DiskQueueError) -> OperationResult {
    let store = OperationStore(of: directory, root: backupRoot, disk: disk)
    var records: [OperationRecord] = []
    let plan = plan.plan
    for id in plan.operations { records.append(try store.find(id)) }
    try free(records, in: store)
    return OperationResult(
      id: plan.operations.last ?? "", kind: .purge, queue: plan.queue, messages: plan.messages,
      bytes: plan.bytes, after: plan.after, remaining: [])
  }

  /// Frees the folders of operations of any queues.
  package func purge(_ purge: Confirmed<Purge>) throws(DiskQueueError) {
    try free(
      purge.plan.operations, in: OperationStore(of: directory, root: backupRoot, disk: disk))
  }

  private func free(_ records: [OperationRecord], in store: OperationStore) throws(DiskQueueError) {
    _ = try store.sweep()
    for record in records {
      try store.purge(record, processes: processes)
      Audit(directory, disk: disk).append(purged: record, at: now())
    }
  }
}
