extension DiskQueue {
  /// Hands whole records as they are on disk to `body`, and takes them when it returns: for moving
  /// large amounts, where taking each message apart would cost more than reading it.
  ///
  /// - Parameters:
  ///   - buffer: memory that is used again from call to call; a record must fit into it.
  ///   - most: how many records at the most.
  ///   - body: told the records, one behind the other, and how many they are.
  /// - Returns: how many were taken; 0 when the queue is empty, nil when the next record does not fit
  ///   into the buffer.
  /// - Throws: what `body` throws, or as ``take()``.
  package func handFrames(
    _ buffer: inout [UInt8], most: Int64, _ body: (ArraySlice<UInt8>, Int64) throws -> Void
  ) throws -> Int64? {
    try consumer.withLock { consumer in
      consumer.forget()
      guard try prepare(&consumer) else { return 0 }
      var position = consumer.position
      var stretch = try consumer.reader.stretch(
        at: position, end: consumer.end, most: most, into: &buffer)
      if stretch.records == 0 {
        // Damage, or a record that is larger than the buffer.
        try passDamage(&consumer)
        if consumer.isAtEnd { return 0 }
        position = consumer.position
        stretch = try consumer.reader.stretch(
          at: position, end: consumer.end, most: most, into: &buffer)
      }
      guard stretch.records > 0 else { return nil }
      try body(buffer[..<stretch.bytes], stretch.records)
      let next = Position(file: position.file, offset: position.offset + Int64(stretch.bytes))
      try take(Int(stretch.records), from: position, to: next)
      consumer.forget()
      return stretch.records
    }
  }
}
