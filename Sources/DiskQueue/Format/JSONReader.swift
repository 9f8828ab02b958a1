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
    guard reader.value(&parts, depth: 0) else { return nil }
    reader.skipBlanks()
    return reader.at == bytes.count ? parts : nil
  }

  /// The members of an object that are strings, numbers or null, by name; nil when it is none.
  package static func members(_ bytes: [UInt8]) -> [String: String]? {
    guard let parts = parts(bytes), parts.first == .beginObject else { return nil }
    var members: [String: String] = [:]
    var name: String?
    var depth = 0
    for part in parts {
      switch part {
      case .beginObject, .beginArray: depth += 1
      case .endObject, .endArray: depth -= 1
      case .key(let range): name = depth == 1 ? unquote(bytes[range]) : nil
      case .string(let range): if let key = name { members[key] = unquote(bytes[range]) }
      case .other(let range):
        let text = String(decoding: bytes[range], as: UTF8.self)
        if let key = name, text != "null" { members[key] = text }
      }
      if case .key = part { continue }
      name = nil
    }
    return members
  }

  /// The text of a string with its quotes.
  package static func unquote(_ quoted: ArraySlice<UInt8>) -> String {
    var units: [UInt16] = []
    var bytes: [UInt8] = []
    var text = ""
    func flush() {
      text += String(decoding: bytes, as: UTF8.self) + String(decoding: units, as: UTF16.self)
      bytes = []
      units = []
    }
    var rest = quoted.dropFirst().dropLast()
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\"), let escape = rest.popFirst() else {
        if !units.isEmpty { flush() }
        bytes.append(byte)
        continue
      }
      if escape == UInt8(ascii: "u") {
        if !bytes.isEmpty { flush() }
        let digits = String(decoding: rest.prefix(4), as: UTF8.self)
        units.append(UInt16(digits, radix: 16) ?? 0xFFFD)
        rest = rest.dropFirst(4)
        continue
      }
      if !units.isEmpty { flush() }
      let named: [UInt8: UInt8] = [0x62: 8, 0x66: 12, 0x6E: 10, 0x72: 13, 0x74: 9]
      bytes.append(named[escape] ?? escape)
    }
    flush()
    return text
  }

  // MARK: Grammar

  private mutating func skipBlanks() {
    while at < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[at]) { at += 1 }
  }

  private mutating func take(_ byte: Character) -> Bool {
    skipBlanks()
    guard at < bytes.count, bytes[at] == byte.asciiValue else { return false }
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
    if take("}") {
      parts.append(.endObject)
      return true
    }
    repeat {
      skipBlanks()
      guard let key = string(), take(":") else { return false }
      parts.append(.key(key))
      guard value(&parts, depth: depth + 1) else { return false }
    } while take(",")
    parts.append(.endObject)
    return take("}")
  }

  private mutating func array(_ parts: inout [Part], depth: Int) -> Bool {
    at += 1
    parts.append(.beginArray)
    if take("]") {
      parts.append(.endArray)
      return true
    }
    repeat {
      guard value(&parts, depth: depth + 1) else { return false }
    } while take(",")
    parts.append(.endArray)
    return take("]")
  }

  private mutating func string() -> Range<Int>? {
    let start = at
    guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { return nil }
    at += 1
    while at < bytes.count {
      let byte = bytes[at]
      at += 1
      switch byte {
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
        } else if !Array("\"\\/bfnrt".utf8).contains(escape) {
          return nil
        }
      default: break
      }
    }
    return nil
  }

  private static func isHex(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...70).contains(byte) || (97...102).contains(byte)
  }

  private mutating func other() -> Range<Int>? {
    let start = at
    for word in ["true", "false", "null"] where bytes[at...].starts(with: word.utf8) {
      at += word.utf8.count
      return start..<at
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
