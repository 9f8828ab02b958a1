package import DiskQueue
package import QueueInspection
package import QueueOperations

/// Which job an event is about: each event of a job's course carries it, so that nothing else can be
/// taken for its end.
package struct JobID: Hashable, Sendable {
  package let number: Int

  package init(_ number: Int) { self.number = number }
}

/// What a job does.
package enum JobRequest: Hashable, Sendable {
  case plan(PlanRequest)
  case apply([ConfirmedPlan], PlanRequest)
  /// Reads every record of a queue.
  case check(QueueName)
  /// Reads the `.bad` files of a queue.
  case judge(QueueName)
  case find(QueueName, String, from: Position, forward: Bool)
  /// Copies messages to a file; no queue is touched.
  case export(QueueName, [Position], path: String, MessageFormat)
  /// Writes text to a file.
  case write(String, path: String)
}

/// What a job tells of its course; all but its progress end it.
package enum JobNews: Sendable {
  /// So much is done by now, after so many seconds.
  case progress(Int64, seconds: Double)
  case planned([Plan], PlanRequest)
  case applied([OperationResult], PlanRequest, failure: DiskQueueError?)
  case checked(QueueReport)
  case judged(QueueName, [BadFileJudge.Judgement])
  case found(QueueName, Position?)
  case exported(String, Int64)
  /// Text was written to a file.
  case written(String)
  case failed(DiskQueueError)

  package var isEnd: Bool { if case .progress = self { false } else { true } }

  /// What is worth saying when the screen is gone: what was done to queues, and what failed.
  package var farewell: [String] {
    switch self {
    case .applied(let results, _, let failure):
      results.map { Model.sentence($0) } + (failure.map { [$0.detail] } ?? [])
    case .exported(let path, let count): ["\(Numbers.messages(count)) copied to \(path)"]
    case .failed(let error): [error.detail]
    case .progress, .planned, .checked, .judged, .found, .written: []
    }
  }
}

/// Work that runs beside the screen, one at a time: a second one is refused in words while the first
/// goes on.
package struct Job: Hashable, Sendable {
  package let id: JobID
  package let request: JobRequest
  /// In words: `check orders:billing`.
  package var title: String
  /// The queue it is about, when there is one.
  package var queue: QueueName?
  package var done: Int64 = 0
  /// What there is to do; 0 when nobody knows.
  package var total: Int64 = 0
  package var seconds = 0.0
  /// Whether it was asked to stop and has not yet.
  package var isStopping = false

  package init(_ id: JobID, _ request: JobRequest, _ title: String, queue: QueueName? = nil) {
    self.id = id
    self.request = request
    self.title = title
    self.queue = queue
  }

  /// Whether messages are counted, or bytes that are read.
  package var countsMessages: Bool { if case .apply = request { true } else { false } }
}
