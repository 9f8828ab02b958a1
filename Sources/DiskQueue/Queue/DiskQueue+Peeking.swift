extension DiskQueue {
  /// The next message without taking it; nil when the queue is empty or damaged there.
  ///
  /// - Throws: as ``take()``.
  public func peek() throws(DiskQueueError) -> Message? { try peek(1).first }

  /// Up to `count` messages from the read position without taking them, in their order.
  ///
  /// - Throws: as ``take()``.
  public func peek(_ count: Int) throws(DiskQueueError) -> [Message] {
    try consumer.withLock { (consumer) throws(DiskQueueError) in
      try look(&consumer, count, bytes: .max).messages
    }
  }

  /// As ``peek(_:)`` with damage before the first message set aside, for handing messages on.
  package func peek(_ count: Int, bytes: Int) throws(DiskQueueError) -> [Message] {
    try consumer.withLock { (consumer) throws(DiskQueueError) in
      try passDamage(&consumer)
      return try look(&consumer, count, bytes: bytes).messages
    }
  }

  /// Takes messages that a peek has returned, from the first one on.
  ///
  /// - Parameter messages: a peek's messages, or the first ones of them.
  /// - Throws: `planVoid` when the first is no longer the next message: another consumer took it, or
  ///   the queue was emptied. Nothing is taken then.
  public func commit(_ messages: some BidirectionalCollection<Message>) throws(DiskQueueError) {
    guard let first = messages.first, let last = messages.last else { return }
    let end = Position(
      file: last.position.file,
      offset: last.position.offset + Record.size(of: last.payload.count))
    let count = messages.count
    try consumer.withLock { (consumer) throws(DiskQueueError) in
      consumer.forget()
      try take(count, from: first.position, to: end)
    }
  }

  /// Messages from the read position on, and the place after them.
  func look(_ consumer: inout Consumer, _ count: Int, bytes limit: Int) throws(DiskQueueError)
    -> (messages: [Message], next: Position)
  {
    let state = try withEngine { (engine) throws(DiskQueueError) in engine.state }
    var messages: [Message] = []
    var at = state.read
    var bytes = 0
    while messages.count < count, bytes < limit {
      let look: SegmentReader.Look
      do { look = try consumer.reader.look(at: at, in: state) } catch {
        if error.code == .notFound { break }
        throw error
      }
      guard case .message(let message, let next) = look else { break }
      bytes += message.payload.count
      messages.append(message)
      at = next
    }
    return (messages, at)
  }

  /// Moves the read position over `count` messages.
  func take(_ count: Int, from position: Position, to next: Position) throws(DiskQueueError) {
    let (done, isOverdue) = try withEngine { (engine) throws(DiskQueueError) in
      (
        engine.commit(records: Int64(count), from: position, to: next), engine.isSyncOverdue
      )
    }
    guard done else {
      throw DiskQueueError(
        .planVoid, "the messages are no longer the next ones; nothing was taken",
        path: place.path(.metadata), offset: position.offset)
    }
    keepPace(isOverdue)
    if place.options.syncsInline { try? syncIfDue() }
  }
}
