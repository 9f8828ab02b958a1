/// Builds one JSON document as text, in the order it is given.
///
/// Only what the command-line contract and the audit log need: objects, arrays, strings, whole
/// numbers, booleans and null.
package struct JSONText: Sendable {
  package private(set) var text = ""
  private var needsComma = false

  package init() {}

  /// An object whose members `body` writes.
  package mutating func object(_ body: (inout JSONText) -> Void) { nest("{", "}", body) }

  /// An array whose elements `body` writes.
  package mutating func array(_ body: (inout JSONText) -> Void) { nest("[", "]", body) }

  private mutating func nest(_ open: String, _ close: String, _ body: (inout JSONText) -> Void) {
    separate()
    text += open
    needsComma = false
    body(&self)
    text += close
    needsComma = true
  }

  /// A member's name; its value follows.
  package mutating func key(_ name: String) {
    separate()
    JSONText.quote(name.utf8, into: &text)
    text += ":"
    needsComma = false
  }

  package mutating func value(_ string: String) {
    separate()
    JSONText.quote(string.utf8, into: &text)
  }

  package mutating func value(_ number: some BinaryInteger) {
    separate()
    text += "\(number)"
  }

  package mutating func value(_ flag: Bool) {
    separate()
    text += flag ? "true" : "false"
  }

  package mutating func null() {
    separate()
    text += "null"
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

  private mutating func separate() {
    if needsComma { text += "," }
    needsComma = true
  }

  /// Appends `bytes`, which are UTF-8, in quotes; what is not printable ASCII or plain text is
  /// escaped so that a terminal can show the document as it is.
  package static func quote(_ bytes: some Sequence<UInt8>, into text: inout String) {
    text += "\""
    for scalar in String(decoding: Array(bytes), as: UTF8.self).unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _ where mustEscape(scalar):
        for unit in String(scalar).utf16 {
          let digits = String(unit, radix: 16)
          text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }

  private static func mustEscape(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: true
    default: false
    }
  }
}
