package import DiskQueue
package import QueueInspection

/// Everything that can happen to the console.
package enum Event: Sendable {
  case key(Key)
  /// Characters that came so fast that they are taken at once.
  case typed([Character])
  /// What the terminal says was pasted: it is text or nothing, never keys.
  case pasted(Paste)
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
  /// A job tells of its course.
  case job(JobID, JobNews)
  case browsed(QueueName, MessageAnchor, Browsed)
  case opened(QueueName, Message?)
  case browseFailed(QueueName, DiskQueueError)
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

/// A paste, or as much of it as is worth keeping.
package struct Paste: Hashable, Sendable {
  /// Its first bytes, as the terminal sent them.
  package var bytes: [UInt8]
  /// How many it had.
  package var size: Int
  /// Whether its end came; one that never ended is left out.
  package var isWhole: Bool

  package init(_ bytes: [UInt8], size: Int? = nil, isWhole: Bool = true) {
    self.bytes = bytes
    self.size = size ?? bytes.count
    self.isWhole = isWhole
  }
}

/// What the mouse did.
package enum Mouse: Hashable, Sendable { case press, doublePress, wheelUp, wheelDown }

/// Everything the console can wish for; the event loop alone performs it.
package enum Effect: Hashable, Sendable {
  case refresh
  case interval(Double)
  case start(JobID, JobRequest)
  /// Asks a job to stop between two steps.
  case cancel(JobID)
  /// Loads a page of messages, from a new snapshot or the one at hand.
  case browse(QueueName, MessageAnchor, isFresh: Bool)
  /// Loads the payload at a place.
  case open(QueueName, Position)
  case readAudit
  /// Puts bytes on the terminal's clipboard.
  case copy([UInt8])
  case unlock
  case lock
  case redraw
  case suspend
  case quit
}
