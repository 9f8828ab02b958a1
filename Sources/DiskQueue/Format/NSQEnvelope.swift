/// nsqd's wrapping of a message: timestamp, attempts and id before the body.
///
/// 8 bytes big-endian nanoseconds since 1970, 2 bytes big-endian attempts, 16 bytes of ASCII
/// hexadecimal id, then the body: 26 bytes at least.
public struct NSQEnvelope: Hashable, Sendable {
  /// Bytes before the body.
  public static let headerSize = 26

  /// When nsqd accepted the message, in nanoseconds since 1970.
  public var timestamp: Int64
  /// How often it was handed to a consumer.
  public var attempts: UInt16
  /// Sixteen hexadecimal digits.
  public var id: String
  /// What the producer sent.
  public var body: [UInt8]

  /// An envelope around `body`.
  public init(timestamp: Int64, attempts: UInt16, id: String, body: [UInt8]) {
    self.timestamp = timestamp
    self.attempts = attempts
    self.id = id
    self.body = body
  }

  /// Reads an envelope; nil when the payload is too short or its id is not hexadecimal.
  public init?(_ payload: [UInt8]) {
    guard NSQEnvelope.isAround(payload) else { return nil }
    let id = payload[10..<26]
    self.timestamp = Int64(
      bitPattern: payload[..<8].reduce(0) { $0 << 8 | UInt64($1) })
    self.attempts = UInt16(payload[8]) << 8 | UInt16(payload[9])
    self.id = String(decoding: id, as: UTF8.self)
    self.body = Array(payload[26...])
  }

  /// Whether a payload begins with what an envelope does: ``init(_:)`` without a copy.
  package static func isAround(_ payload: [UInt8]) -> Bool {
    guard payload.count >= headerSize else { return false }
    return payload[10..<26].allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }

  /// Whether the first bytes of a payload of `length` bytes are an envelope: a time of this century
  /// and a hexadecimal id.
  package static func looksRight(_ bytes: ArraySlice<UInt8>, of length: Int) -> Bool {
    guard length >= headerSize, bytes.count >= headerSize else { return false }
    let start = bytes.startIndex
    // 2000 to 2100 in nanoseconds is 0x0d… to 0x38…
    guard (0x0d...0x38).contains(bytes[start]) else { return false }
    return bytes[(start + 10)..<(start + headerSize)].allSatisfy {
      (48...57).contains($0) || (97...102).contains($0)
    }
  }

  /// The payload that nsqd would store.
  public var payload: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(NSQEnvelope.headerSize + body.count)
    let stamp = UInt64(bitPattern: timestamp)
    for shift in stride(from: 56, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: stamp >> UInt64(shift)))
    }
    bytes.append(UInt8(truncatingIfNeeded: attempts >> 8))
    bytes.append(UInt8(truncatingIfNeeded: attempts))
    bytes.append(contentsOf: Array(id.utf8).prefix(16))
    bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: max(0, 26 - bytes.count)))
    bytes.append(contentsOf: body)
    return bytes
  }
}
