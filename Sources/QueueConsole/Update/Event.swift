package import DiskQueue

/// Everything that can happen to the console.
package enum Event: Sendable {
  case key(Key)
  case resized(columns: Int, rows: Int)
  /// The interval is over.
  case tick(Timestamp)
  case surveyed(Report)
  case surveyFailed(DiskQueueError)
  case writing(unlocked: Bool)
  case planned(Plan, PlanRequest)
  case planFailed(DiskQueueError)
  /// A pass has read so many more bytes, and takes so many seconds by now.
  case passed(Int64, seconds: Double)
  case checked(QueueReport)
  case judged(QueueName, [BadFileJudge.Judgement])
  case passFailed(DiskQueueError)
  case progress(Int64)
  case applied(OperationResult)
  case applyFailed(DiskQueueError)
  /// A signal asks the program to end.
  case terminate
}

/// Everything the console can wish for; the event loop alone performs it.
package enum Effect: Hashable, Sendable {
  case refresh
  case interval(Double)
  case plan(PlanRequest)
  case apply(Plan, PlanRequest)
  /// Reads every record of a queue.
  case check(QueueName)
  /// Reads the `.bad` files of a queue.
  case judge(QueueName)
  case cancelJob
  case unlock
  case lock
  case redraw
  case suspend
  case quit
}

/// What an operator asks a plan for.
package struct PlanRequest: Hashable, Sendable {
  package var kind: Plan.Kind
  package var queue: QueueName
  /// The message to inject.
  package var text = ""
  /// The file to drain to.
  package var path = ""
  /// What a repair looks into.
  package var repair = RepairPlanner.Request()

  package init(_ kind: Plan.Kind, _ queue: QueueName, text: String = "", path: String = "") {
    self.kind = kind
    self.queue = queue
    self.text = text
    self.path = path
  }
}
