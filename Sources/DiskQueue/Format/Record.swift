/// The facts of a record: a 4-byte big-endian signed length `n`, then `n` bytes.
///
/// No checksum.
package enum Record {
  /// Bytes before the payload.
  package static let headerSize = 4

  /// Reads the length at `offset`; the caller has made sure that four bytes are there.
  @inline(__always)
  package static func length(in bytes: borrowing Span<UInt8>, at offset: Int) -> Int {
    Int(
      Int32(
        bitPattern: UInt32(bytes[offset]) << 24 | UInt32(bytes[offset + 1]) << 16
          | UInt32(bytes[offset + 2]) << 8 | UInt32(bytes[offset + 3])))
  }

  /// Appends the record of `payload` to `buffer`.
  @inline(__always)
  package static func append(_ payload: [UInt8], to buffer: inout [UInt8]) {
    appendHeader(payload.count, to: &buffer)
    buffer.append(contentsOf: payload)
  }

  /// Appends what stands before a payload of `size` bytes.
  @inline(__always)
  package static func appendHeader(_ size: Int, to buffer: inout [UInt8]) {
    let length = UInt32(truncatingIfNeeded: size)
    buffer.append(UInt8(truncatingIfNeeded: length >> 24))
    buffer.append(UInt8(truncatingIfNeeded: length >> 16))
    buffer.append(UInt8(truncatingIfNeeded: length >> 8))
    buffer.append(UInt8(truncatingIfNeeded: length))
  }

  /// Bytes that a payload of `size` takes on disk.
  @inline(__always)
  package static func size(of size: Int) -> Int64 { Int64(headerSize + size) }
}

/// The payload sizes a queue accepts, in bytes; the owner's configuration, not on disk.
package struct RecordLimits: Hashable, Sendable {
  package var minimum: Int
  package var maximum: Int

  package init(minimum: Int = 0, maximum: Int = Int(Int32.max)) {
    self.minimum = minimum
    self.maximum = maximum
  }

  @inline(__always)
  package func accept(_ length: Int) -> Bool { length >= minimum && length <= maximum }
}
