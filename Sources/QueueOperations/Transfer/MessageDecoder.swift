package import DiskQueue

/// Reads messages in a format from chunks that end anywhere.
///
/// Each byte is looked at and copied a fixed number of times, however long a message is and however
/// small the chunks are.
package struct MessageDecoder {
  private let format: MessageFormat
  private let limit: Int
  /// What ends a message of `lines`.
  private let terminator: UInt8
  /// The beginning of a message whose end has not come.
  private var pending: [UInt8] = []
  private var line = 0

  /// A decoder that refuses a message longer than `limit` bytes before it is held in full.
  package init(_ format: MessageFormat, limit: Int, terminator: UInt8 = UInt8(ascii: "\n")) {
    self.format = format
    self.limit = limit
    self.terminator = format == .lines ? terminator : UInt8(ascii: "\n")
  }

  /// The messages that `chunk` completes.
  ///
  /// - Throws: `refused` for input that is not of the format, `messageSize` beyond the limit.
  package mutating func decode(_ chunk: ArraySlice<UInt8>) throws(DiskQueueError) -> [[UInt8]] {
    switch format {
    case .raw:
      hold(chunk)
      try checkSize(pending.count)
      return []
    case .frames, .mpub: return try frames(chunk)
    case .lines, .hex, .base64, .ndjson: return try lines(chunk)
    }
  }

  /// What is left at the end of the input.
  package mutating func finish() throws(DiskQueueError) -> [[UInt8]] {
    let rest = pending
    pending = []
    switch format {
    case .raw: return [rest]
    case .frames, .mpub:
      guard rest.isEmpty else { throw refused("the input ends inside a frame") }
      return []
    case .lines, .hex, .base64, .ndjson: return rest.isEmpty ? [] : [try message(rest)]
    }
  }

  private mutating func lines(_ chunk: ArraySlice<UInt8>) throws(DiskQueueError) -> [[UInt8]] {
    var messages: [[UInt8]] = []
    var rest = chunk
    while let end = ByteScan.first(terminator, in: rest) {
      if pending.isEmpty {
        messages.append(try message(Array(rest[..<end])))
      } else {
        // Handed over, not copied: it may be large.
        var whole: [UInt8] = []
        swap(&whole, &pending)
        whole.append(contentsOf: rest[..<end])
        messages.append(try message(whole))
      }
      rest = rest[(end + 1)...]
    }
    hold(rest)
    // A line of text is its message; the other formats take more than their payload.
    try checkSize(format == .lines ? pending.count : pending.count / 12)
    return messages
  }

  /// Keeps the beginning of a message.
  ///
  /// A large one gets eight times the memory at once: what is not written to costs nothing, and each
  /// move to larger memory costs as much as reading.
  private mutating func hold(_ bytes: ArraySlice<UInt8>) {
    let size = pending.count + bytes.count
    if size > pending.capacity, size > 1 << 20 {
      pending.reserveCapacity(max(size, min(size * 8, 1 << 31)))
    }
    pending.append(contentsOf: bytes)
  }

  private mutating func message(_ text: [UInt8]) throws(DiskQueueError) -> [UInt8] {
    line += 1
    switch format {
    case .hex:
      guard let bytes = Hex.decode(text[...]) else {
        throw refused("line \(line) is not hexadecimal")
      }
      return bytes
    case .base64:
      guard let bytes = Base64.decode(text) else { throw refused("line \(line) is not base64") }
      return bytes
    case .ndjson: return try object(text)
    case .lines, .raw, .frames, .mpub: return text
    }
  }

  private static let textKey = Array(#""text""#.utf8)[...]
  private static let base64Key = Array(#""base64""#.utf8)[...]

  /// The payload of a line of `ndjson`; what else it tells is not a message's own.
  private func object(_ line: [UInt8]) throws(DiskQueueError) -> [UInt8] {
    guard let parts = JSONReader.parts(line), parts.first == .beginObject, line.isUTF8 else {
      throw refused("line \(self.line) is not a JSON object")
    }
    var depth = 0
    var name: ArraySlice<UInt8> = []
    var text: Range<Int>?
    var base64: Range<Int>?
    for part in parts {
      switch part {
      case .beginObject, .beginArray:
        depth += 1
        name = []
      case .endObject, .endArray:
        depth -= 1
        name = []
      case .key(let range): name = depth == 1 ? line[range] : []
      case .string(let range):
        if name == Self.textKey { text = range }
        if name == Self.base64Key { base64 = range }
        name = []
      case .other: name = []
      }
    }
    if let text {
      var bytes: [UInt8] = []
      bytes.reserveCapacity(text.count)
      guard JSONReader.unquote(line[text], into: &bytes) else {
        throw refused("line \(self.line) has half a surrogate pair in its “text”")
      }
      return bytes
    }
    if let base64, let bytes = decoded(line[base64]) { return bytes }
    throw refused("line \(self.line) has neither “text” nor “base64”")
  }

  private func decoded(_ quoted: ArraySlice<UInt8>) -> [UInt8]? {
    guard quoted.contains(UInt8(ascii: "\\")) else {
      return Base64.decode(quoted.dropFirst().dropLast())
    }
    var digits: [UInt8] = []
    _ = JSONReader.unquote(quoted, into: &digits)
    return Base64.decode(digits)
  }

  private mutating func frames(_ chunk: ArraySlice<UInt8>) throws(DiskQueueError) -> [[UInt8]] {
    hold(chunk)
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
    // What is left came with this chunk, so that little is moved.
    if start > 0 { pending = Array(pending[start...]) }
    return messages
  }

  private func checkSize(_ size: Int) throws(DiskQueueError) {
    guard size <= limit else {
      throw DiskQueueError(
        .messageSize, "a message is longer than \(limit) bytes; --max-message-size is the limit")
    }
  }

  private func refused(_ what: String) -> DiskQueueError { DiskQueueError(.refused, what) }
}
