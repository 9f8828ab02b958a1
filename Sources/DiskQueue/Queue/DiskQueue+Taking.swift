extension DiskQueue {
  /// Takes the next message; nil when the queue is empty.
  ///
  /// - Throws: `inputOutput` and the like when a segment cannot be read for now; `damaged` with
  ///   ``DamagePolicy/stop``; `closed`.
  public func take() throws(DiskQueueError) -> Message? {
    try consumer.withLock { (consumer) throws(DiskQueueError) in
      try next(&consumer)
    }
  }

  /// Takes up to `count` messages in their order; fewer when there are not as many.
  ///
  /// - Throws: as ``take()``, unless some were taken already: then those are returned.
  public func take(_ count: Int) throws(DiskQueueError) -> [Message] {
    try consumer.withLock { (consumer) throws(DiskQueueError) in
      var messages: [Message] = []
      while messages.count < count {
        do throws(DiskQueueError) {
          guard let message = try next(&consumer) else { break }
          messages.append(message)
        } catch {
          if messages.isEmpty { throw error }
          break
        }
      }
      return messages
    }
  }

  /// Hands the next message's bytes to `body`, without a copy, and takes it when `body` returns.
  ///
  /// A `body` that throws leaves the message where it is, and so does a process that dies in it.
  /// Other takers wait meanwhile; puts go on. `body` must not take from the same queue.
  ///
  /// - Parameter body: what is done with the bytes.
  /// - Returns: what `body` returns; nil when the queue is empty.
  /// - Throws: what `body` throws, or as ``take()``.
  @inlinable
  public func withNext<Result>(_ body: (Span<UInt8>) throws -> Result) throws -> Result? {
    var result: Result?
    try handNext { bytes in result = try body(bytes) }
    return result
  }

  /// As ``withNext(_:)`` without a type of its own, so that every caller shares one body.
  @usableFromInline
  func handNext(_ body: (Span<UInt8>) throws -> Void) throws {
    try consumer.withLock { consumer in
      while try prepare(&consumer) {
        let position = consumer.position
        let size: Int64
        switch try locate(&consumer) {
        case .window(let range):
          try body(consumer.reader.window.span.extracting(range))
          size = Record.size(of: range.count)
        case .copied(let bytes):
          try body(bytes.span)
          size = Record.size(of: bytes.count)
        case .damaged(let stop):
          try tend(&consumer, stop)
          continue
        case nil:
          try tend(&consumer, nil)
          continue
        }
        // Dropped or emptied meanwhile, it was handed on all the same.
        _ = try settle(&consumer, size, position)
        return
      }
    }
  }

  /// Hands up to `count` messages to `body` and takes all of them when it returns.
  ///
  /// As ``withNext(_:)``, for batches: a `body` that throws takes nothing.
  ///
  /// - Parameters:
  ///   - count: how many at the most.
  ///   - body: what is done with them; not called for an empty queue.
  /// - Returns: what `body` returns; nil when the queue is empty.
  /// - Throws: what `body` throws, or as ``take()``.
  public func withNext<Result: Sendable>(_ count: Int, _ body: ([Message]) throws -> Result) throws
    -> Result?
  {
    try consumer.withLock { consumer in
      guard try prepare(&consumer) else { return nil }
      try passDamage(&consumer)
      let (messages, next) = try look(&consumer, count, bytes: .max)
      guard let first = messages.first else { return nil }
      let value = try body(messages)
      try take(messages.count, from: first.position, to: next)
      consumer.forget()
      return value
    }
  }

  // MARK: Parts

  /// Takes one message.
  private func next(_ consumer: inout Consumer) throws(DiskQueueError) -> Message? {
    while try prepare(&consumer) {
      let position = consumer.position
      let payload: [UInt8]
      switch try locate(&consumer) {
      case .window(let range): payload = consumer.reader.copy(range)
      case .copied(let bytes): payload = bytes
      case .damaged(let stop):
        try tend(&consumer, stop)
        continue
      case nil:
        try tend(&consumer, nil)
        continue
      }
      // Dropped or emptied meanwhile: then it is not the next message any more.
      if try settle(&consumer, Record.size(of: payload.count), position) {
        return Message(payload: payload, position: position)
      }
    }
    return nil
  }

  /// Finds the next payload; nil when its segment has vanished.
  private func locate(_ consumer: inout Consumer) throws(DiskQueueError) -> SegmentReader.Located? {
    do { return try consumer.reader.locate(at: consumer.position, end: consumer.end) } catch {
      if error.code == .notFound { return nil }
      throw error
    }
  }

  /// Whether there is something to read, looking at the state again where that is needed.
  func prepare(_ consumer: inout Consumer) throws(DiskQueueError) -> Bool {
    if !consumer.isAtEnd { return true }
    let read = try withEngine { (engine) throws(DiskQueueError) -> Bool in
      try engine.count()
      consumer.refresh(engine.state)
      return engine.state.read < engine.state.write
    }
    return read && !consumer.isAtEnd
  }

  /// Commits one record; false when the read position was moved by somebody else.
  private func settle(_ consumer: inout Consumer, _ size: Int64, _ position: Position)
    throws(DiskQueueError) -> Bool
  {
    let next = Position(file: position.file, offset: position.offset + size)
    let (done, isOverdue) = try withEngine { (engine) throws(DiskQueueError) in
      let done = engine.commit(records: 1, from: position, to: next)
      if done, engine.state.read == next {
        consumer.advance(to: next)
      } else {
        consumer.refresh(engine.state)
      }
      return (done, engine.isSyncOverdue)
    }
    keepPace(isOverdue)
    if place.options.syncsInline { try? syncIfDue() }
    return done
  }

  /// Sets damage at the read position aside, or a segment that has vanished when `stop` is nil.
  private func tend(_ consumer: inout Consumer, _ stop: RecordScanner.Stop?)
    throws(DiskQueueError)
  {
    let position = consumer.position
    consumer.reader.close()
    try exclusively { (engine, commit) throws(DiskQueueError) in
      if engine.state.read == position {
        if let stop { try engine.giveUp(stop, &commit) } else { try engine.skipMissing(&commit) }
      }
      consumer.refresh(engine.state)
    }
  }

  /// Sets damage aside until a record, or nothing, is at the read position.
  func passDamage(_ consumer: inout Consumer) throws(DiskQueueError) {
    consumer.forget()
    while try prepare(&consumer) {
      switch try locate(&consumer) {
      case .window, .copied: return
      case .damaged(let stop): try tend(&consumer, stop)
      case nil: try tend(&consumer, nil)
      }
    }
  }
}
