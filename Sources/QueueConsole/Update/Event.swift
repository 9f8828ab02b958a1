package import DiskQueue

/// Everything that can happen to the console.
package enum Event: Sendable {
  case key(Key)
  /// The mouse, at a cell.
  case mouse(Mouse, row: Int, column: Int)
  case resized(columns: Int, rows: Int)
  /// The interval is over.
  case tick(Timestamp)
  /// The directory was looked at; only these queues may differ from the look before, nil for all.
  case surveyed(Report, changed: Set<QueueName>?)
  case surveyFailed(DiskQueueError)
  /// Whether the line to the terminal keeps up.
  case line(isSlow: Bool)
  case writing(unlocked: Bool)
  case planned([Plan], PlanRequest)
  case planFailed(DiskQueueError)
  /// A job has done so much by now, and takes so many seconds.
  case progress(Int64, seconds: Double)
  case checked(QueueReport)
  case judged(QueueName, [BadFileJudge.Judgement])
  case passFailed(DiskQueueError)
  case applied([OperationResult], PlanRequest, failure: DiskQueueError?)
  case browsed(QueueName, MessageAnchor, Browsed)
  case opened(QueueName, Message?)
  case found(QueueName, Position?)
  case browseFailed(QueueName, DiskQueueError)
  case exported(String, Int64)
  /// Text was written to a file.
  case written(String)
  case audited([AuditEntry])
  /// Something that was wished for cannot be had, in words.
  case refused(String)
  /// A signal asks the program to end.
  case terminate
}

/// A page of messages and the snapshot it is from.
package struct Browsed: Sendable {
  package var entries: [MessageEntry]
  package var takenAt: Timestamp
  package var depth: Int64

  package init(entries: [MessageEntry], takenAt: Timestamp, depth: Int64) {
    self.entries = entries
    self.takenAt = takenAt
    self.depth = depth
  }
}

/// What the mouse did.
package enum Mouse: Hashable, Sendable { case press, doublePress, wheelUp, wheelDown }

/// Everything the console can wish for; the event loop alone performs it.
package enum Effect: Hashable, Sendable {
  case refresh
  case interval(Double)
  case plan(PlanRequest)
  case apply([Plan], PlanRequest)
  /// Reads every record of a queue.
  case check(QueueName)
  /// Reads the `.bad` files of a queue.
  case judge(QueueName)
  /// Loads a page of messages, from a new snapshot or the one at hand.
  case browse(QueueName, MessageAnchor, isFresh: Bool)
  /// Loads the payload at a place.
  case open(QueueName, Position)
  case find(QueueName, String, from: Position, forward: Bool)
  /// Copies messages to a file; no queue is touched.
  case export(QueueName, [Position], path: String, MessageFormat)
  /// Writes text to a file.
  case write(String, path: String)
  case readAudit
  /// Puts bytes on the terminal's clipboard.
  case copy([UInt8])
  case cancelJob
  case unlock
  case lock
  case redraw
  case suspend
  case quit
}
