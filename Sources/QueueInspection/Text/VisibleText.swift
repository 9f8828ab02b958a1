/// Turns bytes that anybody may have written into text that a terminal shows and never obeys.
///
/// Each control, bidirectional, zero-width, private or broken scalar becomes a visible token such
/// as `<1B>` or `<U+202E>`; a combining mark with nothing before it too, so that it cannot climb to
/// the row above.
package enum VisibleText {
  /// One drawable unit: a base scalar with the marks on it, or one character of a token.
  package struct Unit: Hashable, Sendable {
    package var text: String
    package var width: Int
  }

  /// The units of `bytes` read as UTF-8, as many as `columns` need.
  ///
  /// Each byte is read once, whatever is broken.
  package static func units(
    _ bytes: some Sequence<UInt8>, ascii: Bool = false, columns: Int = .max
  ) -> [Unit] {
    var units: [Unit] = []
    var source = Array(bytes)[...].makeIterator()
    var parser = Unicode.UTF8.ForwardParser()
    var recent = source
    var used = 0
    decoding: while used <= columns {
      let before = units.count
      switch parser.parseScalar(from: &source) {
      case .emptyInput: break decoding
      case .valid(let encoded):
        append(Unicode.UTF8.decode(encoded), ascii: ascii, to: &units)
        for _ in encoded { _ = recent.next() }
      case .error(let length):
        for _ in 0..<length {
          guard let byte = recent.next() else { break }
          token(hex(UInt32(byte), digits: 2), to: &units)
        }
      }
      for unit in units[before...] { used += unit.width }
    }
    return units
  }

  /// The units of `text`.
  package static func units(_ text: String, ascii: Bool = false, columns: Int = .max) -> [Unit] {
    units(text.utf8, ascii: ascii, columns: columns)
  }

  /// The text of `bytes` as a terminal may show it.
  package static func string(_ bytes: some Sequence<UInt8>) -> String {
    units(bytes).map(\.text).joined()
  }

  /// How many columns `text` takes.
  package static func width(_ text: String, ascii: Bool = false) -> Int {
    units(text, ascii: ascii).reduce(0) { $0 + $1.width }
  }

  private static func append(_ scalar: Unicode.Scalar, ascii: Bool, to units: inout [Unit]) {
    if scalar.value < 0x20 || scalar.value == 0x7F {
      return token(hex(scalar.value, digits: 2), to: &units)
    }
    if isHostile(scalar) || (ascii && scalar.value > 0x7E) {
      return token("U+" + hex(scalar.value, digits: 4), to: &units)
    }
    let width = CellWidth.of(scalar)
    guard width == 0 else {
      return units.append(Unit(text: String(scalar), width: width))
    }
    // A few marks make an accent; a tower of them would leave its row.
    guard let last = units.last, last.width > 0, last.text != ">",
      last.text.unicodeScalars.count < 4
    else { return token("U+" + hex(scalar.value, digits: 4), to: &units) }
    units[units.count - 1].text.unicodeScalars.append(scalar)
  }

  private static func isHostile(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator:
      return true
    default: break
    }
    // Variation selectors, fillers and Hangul Jamo that terminals give no width.
    switch scalar.value {
    case 0xFE00...0xFE0F, 0xE0100...0xE01EF, 0x115F...0x11FF, 0x3164, 0xFFA0, 0x034F, 0x17B4,
      0x17B5, 0x180B...0x180F, 0x2800:
      return true
    default: return false
    }
  }

  private static func token(_ name: String, to units: inout [Unit]) {
    for character in "<\(name)>" { units.append(Unit(text: String(character), width: 1)) }
  }

  private static func hex(_ value: UInt32, digits: Int) -> String {
    let text = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
