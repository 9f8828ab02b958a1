package import DiskQueue

/// Messages that are handed on together, apart or as they are on disk.
package enum MessageBatch {
  case messages([Message])
  /// Whole records, one behind the other, the first of them at a position of the queue.
  case frames(ArraySlice<UInt8>, count: Int64, at: Position)

  /// How many there are.
  package var count: Int64 {
    switch self {
    case .messages(let messages): Int64(messages.count)
    case .frames(_, let count, _): count
    }
  }

  /// Each of them with its place.
  package var messages: [Message] {
    switch self {
    case .messages(let messages): return messages
    case .frames(let bytes, let count, let position):
      var messages: [Message] = []
      messages.reserveCapacity(Int(count))
      var start = bytes.startIndex
      while start < bytes.endIndex {
        let body = start + Record.headerSize
        let end = body + Record.length(in: bytes.span, at: start - bytes.startIndex)
        let offset = position.offset + Int64(start - bytes.startIndex)
        messages.append(
          Message(
            payload: Array(bytes[body..<end]),
            position: Position(file: position.file, offset: offset)))
        start = end
      }
      return messages
    }
  }

  /// The bytes of their payloads; of records with their lengths.
  package var bytes: Int64 {
    switch self {
    case .messages(let messages): messages.reduce(0) { $0 + Int64($1.payload.count) }
    case .frames(let bytes, _, _): Int64(bytes.count)
    }
  }
}

/// Where messages come from that leave a queue.
package protocol MessageSource: ~Copyable {
  /// The next messages, as many as `most`; nil when there are no more.
  mutating func next(_ most: Int64) throws(DiskQueueError) -> MessageBatch?
  /// The last batch is kept elsewhere: its messages leave.
  mutating func commit(_ batch: MessageBatch) throws(DiskQueueError)
}

/// Where messages go.
package protocol MessageSink {
  /// Whether batches may come as they are on disk.
  var takesFrames: Bool { get }
  /// Whether what was kept stays kept whatever happens: then the queue is synced after each batch.
  var isDurable: Bool { get }
  /// Returns once the batch is safe; when it throws, nothing of it counts as kept.
  func keep(_ batch: MessageBatch) throws
  /// Says that nothing more comes.
  func close() throws(DiskQueueError)
}

extension MessageSink {
  package var takesFrames: Bool { false }
  package var isDurable: Bool { true }
  package func close() throws(DiskQueueError) {}

  /// Keeps messages that were taken apart.
  package func keep(_ messages: [Message]) throws { try keep(.messages(messages)) }
}
