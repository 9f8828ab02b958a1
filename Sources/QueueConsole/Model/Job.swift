package import DiskQueue

/// Work that runs beside the screen.
package struct Job: Hashable, Sendable {
  /// In words: `check orders:billing`.
  package var title: String
  /// The queue it is about, when there is one.
  package var queue: QueueName?
  /// What is counted: bytes that are read, or messages.
  package var countsMessages = false
  package var done: Int64 = 0
  /// What there is to do; 0 when nobody knows.
  package var total: Int64 = 0
  package var seconds = 0.0

  package init(_ title: String, queue: QueueName? = nil, countsMessages: Bool = false) {
    self.title = title
    self.queue = queue
    self.countsMessages = countsMessages
  }
}
