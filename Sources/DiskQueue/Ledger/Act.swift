/// What the ledger writes down of one act on a queue: in its folder before it begins, in the log when it
/// has ended.
package struct Act: Sendable, Hashable {
  /// The acts an operator has; the raw values stand in folders and in the log.
  package enum Kind: String, Sendable, CaseIterable {
    case inject
    case drain
    case empty
    case repair
    case undo
    /// Chosen messages leave the queue, the others stay.
    case move
    /// The first messages are passed over.
    case skip
    /// The folders of operations are freed.
    case purge
  }

  package var kind: Kind
  package var queue: QueueName
  /// Messages put in, taken off or dropped.
  package var messages: Int64
  /// The metadata as it was; nil when there was none that could be read.
  package var before: Metadata?
  /// The metadata as it is to be.
  package var after: Metadata
  /// Where the messages go, in words.
  package var target: String?
  /// The operation that is undone.
  package var undoes: String?
  /// The files that it starts from.
  package var files: QueueFiles

  package init(
    kind: Kind, queue: QueueName, messages: Int64, before: Metadata?, after: Metadata,
    target: String? = nil, undoes: String? = nil, files: QueueFiles
  ) {
    self.kind = kind
    self.queue = queue
    self.messages = messages
    self.before = before
    self.after = after
    self.target = target
    self.undoes = undoes
    self.files = files
  }
}
