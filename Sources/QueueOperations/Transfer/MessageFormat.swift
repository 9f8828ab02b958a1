/// How messages look outside a queue; the raw values are part of the command-line contract.
package enum MessageFormat: String, Sendable, CaseIterable {
  /// Each message and a newline.
  case lines
  /// The bytes and nothing between them.
  case raw
  /// A 4-byte big-endian length and the bytes, as on disk.
  case frames
  /// Lower-case hexadecimal digits, a line each.
  case hex
  /// RFC 4648 with padding, a line each.
  case base64
  /// A JSON object, a line each: queue, file, offset, size, and text or base64.
  case ndjson
  /// What nsqd's `/mpub?binary=true` takes: a 4-byte big-endian count, then so many `frames`.
  case mpub

  /// Those that messages are written in and read from; ``mpub`` only hands batches on.
  package static let allCases: [MessageFormat] = [.lines, .raw, .frames, .hex, .base64, .ndjson]
}
