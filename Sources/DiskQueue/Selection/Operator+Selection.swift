import SystemPackage

extension Operator {
  /// Hands the chosen messages of a plan to `sink` and then changes the queue so that they are gone.
  ///
  /// Should it stop or fail on the way, those that the sink has kept leave the queue and the others
  /// stay; a crash before that gives them to the sink again, and never loses one.
  ///
  /// - Parameters:
  ///   - plan: what was shown and confirmed.
  ///   - token: the proof that writing is unlocked.
  ///   - selection: what the plan was made from.
  ///   - batch: how many messages at once.
  ///   - goesOn: asked between two batches; false stops there.
  ///   - sink: where the messages go.
  /// - Returns: what was done, with the messages that left.
  /// - Throws: `planVoid`, `inUse`, or what reading or the sink reports.
  package func move(
    by plan: Plan, _ token: WriteToken, of selection: MessageSelection, batch: Int = 1000,
    goesOn: (Int64) -> Bool = { _ in true }, into sink: Sink
  ) throws(DiskQueueError) -> OperationResult {
    var failure: DiskQueueError?
    let result = try apply(plan, token) { () throws(DiskQueueError) in
      var done: Int64 = 0
      do throws(DiskQueueError) {
        try handOver(plan, batch: batch, goesOn: goesOn, done: &done, into: sink)
      } catch {
        guard done > 0 else { throw error }
        failure = error
      }
      if done == plan.messages { return nil }
      guard done > 0 else {
        throw DiskQueueError(.refused, "stopped; the queue is as it was", path: directory)
      }
      var kept = selection
      kept.limit = done
      return try planner.move(plan.queue, kept, to: plan.target ?? "")
    }
    if let failure { throw failure }
    return result
  }

  private func handOver(
    _ plan: Plan, batch: Int, goesOn: (Int64) -> Bool, done: inout Int64, into sink: Sink
  ) throws(DiskQueueError) {
    var reader = SegmentReader(
      queue: plan.queue, directory: directory, disk: disk, limits: options.limits)
    var messages: [Message] = []
    var bytes = 0
    func hand() throws(DiskQueueError) {
      do { try sink(messages) } catch let error as DiskQueueError { throw error } catch {
        throw DiskQueueError(.inputOutput, "the messages could not be handed on: \(error)")
      }
      done += Int64(messages.count)
      messages.removeAll(keepingCapacity: true)
      bytes = 0
    }
    for range in plan.selected {
      var offset = range.start
      while offset < range.end {
        let place = Position(file: range.file, offset: offset)
        guard case .record(let payload) = try reader.record(at: place, end: range.end) else {
          throw DiskQueueError(
            .planVoid, "the segment has changed since the plan was made; nothing was touched",
            path: directory.file(.segment(range.file), of: plan.queue), offset: offset)
        }
        messages.append(Message(payload: payload, position: place))
        bytes += payload.count
        offset += Record.size(of: payload.count)
        if messages.count >= batch || bytes >= 8 << 20 {
          guard goesOn(done) else { return }
          try hand()
        }
      }
    }
    if !messages.isEmpty, goesOn(done) { try hand() }
  }

  /// Frees the folders that a plan names.
  package func purge(_ plan: Plan, _ token: WriteToken) throws(DiskQueueError) -> OperationResult {
    let store = OperationStore(of: directory, root: backupRoot, disk: disk)
    _ = try store.sweep(token)
    for id in plan.operations {
      let record = try store.find(id)
      try store.purge(record, token, processes: processes)
      Audit(directory, disk: disk).append(purged: record, at: now())
    }
    return OperationResult(
      id: plan.operations.last ?? "", kind: .purge, queue: plan.queue, messages: plan.messages,
      bytes: plan.bytes, after: plan.after, remaining: [])
  }
}
