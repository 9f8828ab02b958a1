import DiskQueue
import QueueConsole
import QueueOperations
import SystemPackage

/// Applying plans, one queue after another, through the one operator.
extension Work {
  func apply(_ plans: [ConfirmedPlan], _ request: PlanRequest) -> JobNews {
    var results: [OperationResult] = []
    for plan in plans {
      do throws(DiskQueueError) {
        results.append(try apply(plan, request))
      } catch { return .applied(results, request, failure: error) }
      if cancellation.isCancelled, results.count < plans.count {
        let stopped = DiskQueueError(.refused, "stopped; the queues left are as they were")
        return .applied(results, request, failure: stopped)
      }
    }
    return .applied(results, request, failure: nil)
  }

  private func apply(_ confirmed: ConfirmedPlan, _ request: PlanRequest) throws(DiskQueueError)
    -> OperationResult
  {
    let plan = confirmed.plan
    let worker = Operator(directory, options: told(by: plan.files))
    switch plan.kind {
    case .inject:
      return try worker.inject(by: confirmed) { (put) throws(DiskQueueError) in
        try messages(of: request, put)
      }
    case .empty, .repair, .undo, .skip: return try worker.apply(confirmed)
    case .purge: return try worker.purge(confirmed)
    case .drain, .move:
      let sink = try target(request, plan.queue).open(from: plan.queue, at: directory)
      let handover = Handover(goesOn: counting())
      let result =
        plan.kind == .drain
        ? try worker.drain(by: confirmed, handover, into: sink)
        : try worker.move(
          by: confirmed, of: MessageSelection(positions: request.positions), handover, into: sink)
      try sink.close()
      return result
    }
  }

  /// Tells how many messages are through, and stops when the job was cancelled.
  private func counting() -> (Handover.Done) -> Bool {
    var last: Int64 = 0
    return { [progress, cancellation] done in
      progress.add(done.kept - last)
      last = done.kept
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
      try self.messages(in: path, format) { (batch) throws(DiskQueueError) in
        try check(stopped)
        try put(request.injection.payloads(batch))
        progress.add(Int64(batch.count * request.injection.repeats))
      }
    }
  }

  private func target(_ request: PlanRequest, _ queue: QueueName) throws(DiskQueueError)
    -> MessageTarget
  {
    func target(_ place: MessageTarget.Place, _ format: MessageFormat) -> MessageTarget {
      MessageTarget(place, encoder: MessageEncoder(format, nsq: false, queue: queue))
    }
    var made =
      switch try place(request, queue) {
      case .file(let path, let format): target(.file(FilePath(path)), format)
      case .queue(let name): target(.queue(name, in: directory), .frames)
      case .command(let words, let format): target(.command(Array(words.utf8)), format)
      }
    made.options = told
    made.command.retries = 3
    made.command.isStopped = { [cancellation] in cancellation.isCancelled }
    return made
  }
}
