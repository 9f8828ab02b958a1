import DiskQueue
import QueueConsole
import SystemPackage

/// Applying plans, one queue after another, through the one operator.
extension Work {
  func apply(_ plans: [Plan], _ request: PlanRequest, _ token: WriteToken) -> JobNews {
    var results: [OperationResult] = []
    for plan in plans {
      do throws(DiskQueueError) {
        results.append(try apply(plan, request, token))
      } catch { return .applied(results, request, failure: error) }
      if cancellation.isCancelled, results.count < plans.count {
        let stopped = DiskQueueError(.refused, "stopped; the queues left are as they were")
        return .applied(results, request, failure: stopped)
      }
    }
    return .applied(results, request, failure: nil)
  }

  private func apply(_ plan: Plan, _ request: PlanRequest, _ token: WriteToken)
    throws(DiskQueueError) -> OperationResult
  {
    let worker = Operator(directory, options: told(by: plan.files))
    switch plan.kind {
    case .inject:
      return try worker.inject(by: plan, token) { (put) throws(DiskQueueError) in
        try messages(of: request, put)
      }
    case .empty, .repair, .undo, .skip: return try worker.apply(plan, token)
    case .purge: return try worker.purge(plan, token)
    case .drain, .move:
      let sink = try sink(request, plan)
      let goesOn = counting()
      let result =
        plan.kind == .drain
        ? try worker.drain(by: plan, token, goesOn: goesOn, into: sink.write)
        : try worker.move(
          by: plan, token, of: MessageSelection(positions: request.positions), goesOn: goesOn,
          into: sink.write)
      try sink.close()
      return result
    }
  }

  /// Tells how many messages are through, and stops when the job was cancelled.
  private func counting() -> (Int64) -> Bool {
    var last: Int64 = 0
    return { [progress, cancellation] done in
      progress.add(done - last)
      last = done
      return !cancellation.isCancelled
    }
  }

  /// Hands over what is injected, in batches.
  private func messages(
    of request: PlanRequest, _ put: ([[UInt8]]) throws(DiskQueueError) -> Void
  ) throws(DiskQueueError) {
    let stopped = "stopped; what was put so far is in the queue"
    switch request.source {
    case .payload(let payload):
      var left = request.injection.repeats
      while left > 0 {
        try check(stopped)
        let count = min(left, max(1, (1 << 20) / (payload.count + 32)))
        var injection = request.injection
        injection.repeats = count
        try put(injection.payloads([payload]))
        progress.add(Int64(count))
        left -= count
      }
    case .file(let path, let format):
      try decode(path, format) { (batch) throws(DiskQueueError) in
        try check(stopped)
        try put(request.injection.payloads(batch))
        progress.add(Int64(batch.count * request.injection.repeats))
      }
    }
  }

  /// Where messages are kept before they leave their queue.
  private struct Sink {
    var write: ([Message]) throws -> Void
    var close: () throws(DiskQueueError) -> Void = {}
  }

  private func sink(_ request: PlanRequest, _ plan: Plan) throws(DiskQueueError) -> Sink {
    func encoder(_ format: MessageFormat) -> MessageEncoder {
      MessageEncoder(format, nsq: false, queue: plan.queue)
    }
    switch try target(request, plan.queue) {
    case .file(let path, let format):
      let store = OperationStore(of: directory)
      let file = try FileSink(
        FilePath(path), encoder: encoder(format), resumes: try store.hasInterruptedDrain(plan.queue)
      )
      return Sink(write: file.write)
    case .queue(let name):
      let files = try QueueFiles(name, in: directory, disk: RealDisk(below: directory))
      let queue = try QueueSink(
        name, in: directory, from: plan.queue, at: directory, options: told(by: files))
      return Sink(write: queue.write) { () throws(DiskQueueError) in try queue.close() }
    case .command(let command, let format):
      let sink = CommandSink(
        command, encoder: encoder(format), retries: 3,
        isStopped: { [cancellation] in cancellation.isCancelled })
      return Sink(write: sink.write)
    }
  }
}
