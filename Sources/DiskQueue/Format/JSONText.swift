/// Builds one JSON document as text, in the order it is given.
///
/// Only what the command-line contract and the audit log need: objects, arrays, strings, whole
/// numbers, booleans and null.
package struct JSONText: Sendable {
  /// The document so far, in UTF-8.
  package private(set) var bytes: [UInt8] = []
  private var needsComma = false

  package init() {}

  /// The document as text.
  package var text: String { String(decoding: bytes, as: UTF8.self) }

  /// An object whose members `body` writes.
  package mutating func object(_ body: (inout JSONText) -> Void) { nest(0x7B, 0x7D, body) }

  /// An array whose elements `body` writes.
  package mutating func array(_ body: (inout JSONText) -> Void) { nest(0x5B, 0x5D, body) }

  private mutating func nest(_ open: UInt8, _ close: UInt8, _ body: (inout JSONText) -> Void) {
    separate()
    bytes.append(open)
    needsComma = false
    body(&self)
    bytes.append(close)
    needsComma = true
  }

  /// A member's name; its value follows.
  package mutating func key(_ name: String) {
    separate()
    JSONText.quote(Array(name.utf8), into: &bytes)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  package mutating func value(_ string: String) {
    separate()
    JSONText.quote(Array(string.utf8), into: &bytes)
  }

  /// A string of bytes that are UTF-8.
  package mutating func value(utf8: [UInt8]) {
    separate()
    JSONText.quote(utf8, into: &bytes)
  }

  package mutating func value(_ number: some BinaryInteger) {
    separate()
    bytes.append(contentsOf: "\(number)".utf8)
  }

  package mutating func value(_ flag: Bool) {
    separate()
    bytes.append(contentsOf: (flag ? "true" : "false").utf8)
  }

  package mutating func null() {
    separate()
    bytes.append(contentsOf: "null".utf8)
  }

  package mutating func member(_ name: String, _ string: String?) {
    key(name)
    if let string { value(string) } else { null() }
  }

  package mutating func member(_ name: String, _ number: some BinaryInteger) {
    key(name)
    value(number)
  }

  package mutating func member(_ name: String, _ flag: Bool) {
    key(name)
    value(flag)
  }

  /// A queue's name; where it is not UTF-8, also the member `<name>Bytes` with its hexadecimal digits,
  /// from which it can be had again.
  package mutating func member(_ name: String, _ queue: QueueName) {
    member(name, queue.description)
    member(bytesOf: name, queue.bytes)
  }

  /// The member `<name>Bytes`, only where `raw` is not UTF-8.
  package mutating func member(bytesOf name: String, _ raw: [UInt8]) {
    guard !raw.isUTF8 else { return }
    var digits: [UInt8] = []
    Hex.encode(raw, into: &digits)
    key(name + "Bytes")
    value(utf8: digits)
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }

  /// Which bytes stand in a string as they are: printable ASCII but for the quote and the backslash.
  private static let isPlain: [Bool] = (0..<256).map {
    $0 >= 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C
  }

  /// Appends `string`, which is UTF-8, in quotes; what is not printable ASCII or plain text is
  /// escaped so that a terminal can show the document as it is.
  package static func quote(_ string: [UInt8], into output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    let isPlain = isPlain
    var at = 0
    while at < string.count {
      var end = at
      while end < string.count, isPlain[Int(string[end])] { end += 1 }
      if end > at { output.append(contentsOf: string[at..<end]) }
      at = end
      if at < string.count { at += escape(string, at, into: &output) }
    }
    output.append(UInt8(ascii: "\""))
  }

  /// Appends the scalar at `at`, which is none of the plain bytes; returns its length.
  private static func escape(_ string: [UInt8], _ at: Int, into output: inout [UInt8]) -> Int {
    switch string[at] {
    case 0x22, 0x5C: appendPair(string[at], to: &output)
    case 0x0A: appendPair(UInt8(ascii: "n"), to: &output)
    case 0x0D: appendPair(UInt8(ascii: "r"), to: &output)
    case 0x09: appendPair(UInt8(ascii: "t"), to: &output)
    case let byte where byte < 0x80: appendUnit(UInt16(byte), to: &output)
    default:
      var decoder = UTF8()
      var bytes = string[at..<min(at + 4, string.count)].makeIterator()
      guard case .scalarValue(let scalar) = decoder.decode(&bytes) else {
        output += [0xEF, 0xBF, 0xBD]
        return 1
      }
      let length = UTF8.width(scalar)
      if mustEscape(scalar) {
        for unit in UTF16.encode(scalar) ?? .init() { appendUnit(unit, to: &output) }
      } else {
        for index in at..<(at + length) { output.append(string[index]) }
      }
      return length
    }
    return 1
  }

  private static func appendPair(_ byte: UInt8, to output: inout [UInt8]) {
    output.append(0x5C)
    output.append(byte)
  }

  /// Appends `\u` and four digits.
  private static func appendUnit(_ unit: UInt16, to output: inout [UInt8]) {
    output += [0x5C, UInt8(ascii: "u")]
    Hex.encode([UInt8(unit >> 8), UInt8(unit & 0xFF)], into: &output)
  }

  private static func mustEscape(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    // Latin, Cyrillic, kana, Chinese, Korean: letters and marks throughout, and most of what there is.
    case 0xAE...0x2FF, 0x400...0x52F, 0x3041...0x3096, 0x4E00...0x9FEF, 0xAC00...0xD7A3:
      return false
    default: break
    }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
      return true
    default: return false
    }
  }
}

extension [UInt8] {
  /// Whether these bytes are text in UTF-8.
  package var isUTF8: Bool { (try? UTF8Span(validating: span)) != nil }
}
