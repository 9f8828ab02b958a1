import DiskQueue
import FoundationEssentials

/// Reads messages in a format from chunks that end anywhere.
struct MessageDecoder {
  /// One line of `ndjson`; what else it tells is not a message's own.
  private struct Item: Decodable {
    var text: String?
    var base64: String?
  }

  private let format: MessageFormat
  private let limit: Int
  private var pending: [UInt8] = []
  private var line = 0

  /// A decoder that refuses a message longer than `limit` bytes before it is held in full.
  init(_ format: MessageFormat, limit: Int) {
    self.format = format
    self.limit = limit
  }

  /// The messages that `chunk` completes.
  ///
  /// - Throws: `refused` for input that is not of the format, `messageSize` beyond the limit.
  mutating func decode(_ chunk: ArraySlice<UInt8>) throws -> [[UInt8]] {
    pending.append(contentsOf: chunk)
    switch format {
    case .raw:
      try checkSize(pending.count)
      return []
    case .frames: return try frames()
    default: return try lines()
    }
  }

  /// What is left at the end of the input.
  mutating func finish() throws -> [[UInt8]] {
    defer { pending = [] }
    switch format {
    case .raw: return [pending]
    case .frames:
      guard pending.isEmpty else { throw refused("the input ends inside a frame") }
      return []
    default: return pending.isEmpty ? [] : [try message(pending[...])]
    }
  }

  private mutating func lines() throws -> [[UInt8]] {
    var messages: [[UInt8]] = []
    var start = 0
    while let end = pending[start...].firstIndex(of: UInt8(ascii: "\n")) {
      messages.append(try message(pending[start..<end]))
      start = end + 1
    }
    pending.removeFirst(start)
    // A line of text is its message; the other formats take more than their payload.
    try checkSize(format == .lines ? pending.count : pending.count / 12)
    return messages
  }

  private mutating func message(_ text: ArraySlice<UInt8>) throws -> [UInt8] {
    line += 1
    switch format {
    case .lines: return Array(text)
    case .hex:
      guard let bytes = Hex.decode(text) else { throw refused("line \(line) is not hexadecimal") }
      return bytes
    case .base64:
      guard let bytes = Base64.decode(text) else { throw refused("line \(line) is not base64") }
      return bytes
    default:
      guard let item = try? JSONDecoder().decode(Item.self, from: Data(text)) else {
        throw refused("line \(line) is not a JSON object with “text” or “base64”")
      }
      if let text = item.text { return Array(text.utf8) }
      guard let digits = item.base64, let bytes = Base64.decode(Array(digits.utf8)) else {
        throw refused("line \(line) has neither “text” nor “base64”")
      }
      return bytes
    }
  }

  private mutating func frames() throws -> [[UInt8]] {
    var messages: [[UInt8]] = []
    var start = 0
    while pending.count - start >= Record.headerSize {
      let length = Record.length(in: pending.span, at: start)
      guard length >= 0 else { throw refused("a frame has the length \(length)") }
      try checkSize(length)
      let end = start + Record.headerSize + length
      guard end <= pending.count else { break }
      messages.append(Array(pending[(start + Record.headerSize)..<end]))
      start = end
    }
    pending.removeFirst(start)
    return messages
  }

  private func checkSize(_ size: Int) throws {
    guard size <= limit else {
      throw DiskQueueError(
        .messageSize, "a message is longer than \(limit) bytes; --max-message-size is the limit")
    }
  }

  private func refused(_ what: String) -> DiskQueueError { DiskQueueError(.refused, what) }
}
