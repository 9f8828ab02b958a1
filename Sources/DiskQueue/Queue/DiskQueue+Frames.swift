/// Whole records from the read position on.
package enum Frames: Hashable, Sendable {
  /// So many bytes of so many records, the first of them at a position.
  case stretch(bytes: Int, records: Int64, at: Position)
  /// The next record does not fit into the buffer.
  case larger
}

extension DiskQueue {
  /// Reads whole records as they are on disk, without taking them: for moving large amounts, where taking
  /// each message apart would cost more than reading it.
  ///
  /// Damage before the first of them is set aside.
  ///
  /// - Parameters:
  ///   - buffer: memory that is used again from call to call.
  ///   - most: how many records at the most.
  /// - Returns: what lies at the buffer's start; nil when the queue is empty.
  /// - Throws: as ``take()``.
  package func peekFrames(_ buffer: inout [UInt8], most: Int64) throws(DiskQueueError) -> Frames? {
    try consumer.withLock { (consumer) throws(DiskQueueError) -> Frames? in
      consumer.forget()
      guard try prepare(&consumer) else { return nil }
      var position = consumer.position
      var stretch = try consumer.reader.stretch(
        at: position, end: consumer.end, most: most, into: &buffer)
      if stretch.records == 0 {
        // Damage, or a record that is larger than the buffer.
        try passDamage(&consumer)
        if consumer.isAtEnd { return nil }
        position = consumer.position
        stretch = try consumer.reader.stretch(
          at: position, end: consumer.end, most: most, into: &buffer)
      }
      guard stretch.records > 0 else { return .larger }
      return .stretch(bytes: stretch.bytes, records: stretch.records, at: position)
    }
  }

  /// Takes records that ``peekFrames(_:most:)`` has read.
  ///
  /// - Throws: `planVoid` when the first is no longer the next one; nothing is taken then.
  package func commit(records: Int, bytes: Int64, from position: Position) throws(DiskQueueError) {
    let next = Position(file: position.file, offset: position.offset + bytes)
    try consumer.withLock { (consumer) throws(DiskQueueError) in
      consumer.forget()
      try take(records, from: position, to: next)
      consumer.forget()
    }
  }
}
