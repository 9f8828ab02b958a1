package import DiskQueue

/// The messages of an open queue, from its read position on.
package struct QueueSource: ~Copyable, MessageSource {
  private let queue: DiskQueue
  /// Whether each batch that has left is synced, so that a kill, or a power loss, gives the next run no
  /// more than one again.
  private let syncs: Bool
  /// Payload bytes at once.
  private let bytes: Int
  /// Memory for records as they are on disk; nil where they are taken apart.
  private var buffer: [UInt8]?

  package init(_ queue: DiskQueue, syncs: Bool, frames: Bool = false, bytes: Int = 8 << 20) {
    self.queue = queue
    self.syncs = syncs
    self.bytes = bytes
    buffer = frames ? [UInt8](repeating: 0, count: 1 << 18) : nil
  }

  package mutating func next(_ most: Int64) throws(DiskQueueError) -> MessageBatch? {
    guard var frames = buffer.take() else {
      let messages = try queue.peek(Int(min(most, Int64(Int32.max))), bytes: bytes)
      return messages.isEmpty ? nil : .messages(messages)
    }
    defer { buffer = frames }
    while true {
      switch try queue.peekFrames(&frames, most: most) {
      case nil: return nil
      case .stretch(let size, let records, let position)?:
        return .frames(frames[..<size], count: records, at: position)
      // It grows until the record fits.
      case .larger?: frames = [UInt8](repeating: 0, count: frames.count * 4)
      }
    }
  }

  package mutating func commit(_ batch: MessageBatch) throws(DiskQueueError) {
    switch batch {
    case .messages(let messages): try queue.commit(messages)
    case .frames(let bytes, let count, let position):
      try queue.commit(records: Int(count), bytes: Int64(bytes.count), from: position)
    }
    if syncs { try queue.sync() }
  }
}
