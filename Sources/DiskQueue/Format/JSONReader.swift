/// Walks one JSON document and tells its parts in order; strings and numbers stay as they are
/// written (RFC 8259).
package struct JSONReader {
  package enum Part: Hashable, Sendable {
    case beginObject, endObject, beginArray, endArray
    /// A member's name, with its quotes, in the bytes.
    case key(Range<Int>)
    /// With its quotes.
    case string(Range<Int>)
    /// A number, `true`, `false` or `null`.
    case other(Range<Int>)
  }

  /// Deeper documents are not read, so that none can exhaust the stack.
  private static let deepest = 256

  private let bytes: [UInt8]
  private var at = 0

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The parts of a document; nil when the bytes are not exactly one.
  package static func parts(_ bytes: [UInt8]) -> [Part]? {
    var reader = JSONReader(bytes)
    var parts: [Part] = []
    parts.reserveCapacity(16)
    guard reader.value(&parts, depth: 0) else { return nil }
    reader.skipBlanks()
    return reader.at == bytes.count ? parts : nil
  }

  /// The text of a string with its quotes; half a surrogate pair becomes U+FFFD.
  package static func unquote(_ quoted: ArraySlice<UInt8>) -> String {
    var text: [UInt8] = []
    _ = unquote(quoted, into: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// Appends the UTF-8 of a string with its quotes to `text`; false when it has half a surrogate pair in
  /// it, for which U+FFFD stands.
  package static func unquote(_ quoted: ArraySlice<UInt8>, into text: inout [UInt8]) -> Bool {
    let end = quoted.endIndex - 1
    var at = quoted.startIndex + 1
    var isWhole = true
    while at < end {
      var next = at
      while next < end, quoted[next] != backslash { next += 1 }
      if next > at { text.append(contentsOf: quoted[at..<next]) }
      guard next + 1 < end else { break }
      let escape = quoted[next + 1]
      at = next + 2
      switch escape {
      case UInt8(ascii: "u"):
        let unit = hexadecimal(quoted, at)
        at += 4
        var scalar = Unicode.Scalar(unit)
        if scalar == nil, unit < 0xDC00, at + 6 <= end, quoted[at] == backslash,
          quoted[at + 1] == UInt8(ascii: "u"), case let low = hexadecimal(quoted, at + 2),
          (0xDC00...0xDFFF).contains(low)
        {
          scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + low - 0xDC00)
          at += 6
        }
        if scalar == nil { isWhole = false }
        text.append(contentsOf: String(scalar ?? "\u{FFFD}").utf8)
      case UInt8(ascii: "b"): text.append(8)
      case UInt8(ascii: "f"): text.append(12)
      case UInt8(ascii: "n"): text.append(10)
      case UInt8(ascii: "r"): text.append(13)
      case UInt8(ascii: "t"): text.append(9)
      default: text.append(escape)
      }
    }
    return isWhole
  }

  private static let backslash = UInt8(ascii: "\\")

  /// Four digits as a number; what is none counts as 0.
  private static func hexadecimal(_ bytes: ArraySlice<UInt8>, _ start: Int) -> UInt32 {
    var value: UInt32 = 0
    for index in start..<min(start + 4, bytes.endIndex) {
      let byte = bytes[index]
      let digit = byte < 58 ? byte &- 48 : (byte | 0x20) &- 87
      value = value << 4 | UInt32(digit & 15)
    }
    return value
  }

  // MARK: Grammar

  private mutating func skipBlanks() {
    while at < bytes.count {
      switch bytes[at] {
      case 0x20, 0x0A, 0x0D, 0x09: at += 1
      default: return
      }
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    skipBlanks()
    guard at < bytes.count, bytes[at] == byte else { return false }
    at += 1
    return true
  }

  private mutating func value(_ parts: inout [Part], depth: Int) -> Bool {
    guard depth < JSONReader.deepest else { return false }
    skipBlanks()
    guard at < bytes.count else { return false }
    switch bytes[at] {
    case UInt8(ascii: "{"): return object(&parts, depth: depth)
    case UInt8(ascii: "["): return array(&parts, depth: depth)
    case UInt8(ascii: "\""):
      guard let range = string() else { return false }
      parts.append(.string(range))
      return true
    default:
      guard let range = other() else { return false }
      parts.append(.other(range))
      return true
    }
  }

  private mutating func object(_ parts: inout [Part], depth: Int) -> Bool {
    at += 1
    parts.append(.beginObject)
    if take(UInt8(ascii: "}")) {
      parts.append(.endObject)
      return true
    }
    repeat {
      skipBlanks()
      guard let key = string(), take(UInt8(ascii: ":")) else { return false }
      parts.append(.key(key))
      guard value(&parts, depth: depth + 1) else { return false }
    } while take(UInt8(ascii: ","))
    parts.append(.endObject)
    return take(UInt8(ascii: "}"))
  }

  private mutating func array(_ parts: inout [Part], depth: Int) -> Bool {
    at += 1
    parts.append(.beginArray)
    if take(UInt8(ascii: "]")) {
      parts.append(.endArray)
      return true
    }
    repeat {
      guard value(&parts, depth: depth + 1) else { return false }
    } while take(UInt8(ascii: ","))
    parts.append(.endArray)
    return take(UInt8(ascii: "]"))
  }

  private mutating func string() -> Range<Int>? {
    let start = at
    guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { return nil }
    at += 1
    while at < bytes.count {
      let byte = bytes[at]
      at += 1
      switch byte {
      case 0x23..<0x5C, 0x5D...0xFF: break
      case UInt8(ascii: "\""): return start..<at
      case 0..<0x20: return nil
      case UInt8(ascii: "\\"):
        guard at < bytes.count else { return nil }
        let escape = bytes[at]
        at += 1
        if escape == UInt8(ascii: "u") {
          guard bytes.count - at >= 4, bytes[at..<(at + 4)].allSatisfy(JSONReader.isHex) else {
            return nil
          }
          at += 4
        } else if !JSONReader.isEscape(escape) {
          return nil
        }
      default: break
      }
    }
    return nil
  }

  private static func isEscape(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: true
    default: false
    }
  }

  private static func isHex(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...70).contains(byte) || (97...102).contains(byte)
  }

  private mutating func other() -> Range<Int>? {
    let start = at
    switch bytes[at] {
    case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"):
      for word in ["true", "false", "null"] where bytes[at...].starts(with: word.utf8) {
        at += word.utf8.count
        return start..<at
      }
      return nil
    default: break
    }
    if bytes[at] == UInt8(ascii: "-") { at += 1 }
    guard digits() else { return nil }
    let first = bytes[start] == UInt8(ascii: "-") ? start + 1 : start
    // No number begins with a zero that another digit follows.
    if bytes[first] == 48, at > first + 1 { return nil }
    if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
      at += 1
      guard digits() else { return nil }
    }
    if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
      at += 1
      if at < bytes.count, [43, 45].contains(bytes[at]) { at += 1 }
      guard digits() else { return nil }
    }
    return start..<at
  }

  private mutating func digits() -> Bool {
    let start = at
    while at < bytes.count, (48...57).contains(bytes[at]) { at += 1 }
    return at > start
  }
}
