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

  /// The units of `bytes` read as UTF-8.
  package static func units(_ bytes: some Sequence<UInt8>, ascii: Bool = false) -> [Unit] {
    var units: [Unit] = []
    var decoder = UTF8()
    var iterator = Array(bytes).makeIterator()
    var source = Array(bytes)[...]
    decoding: while true {
      switch decoder.decode(&iterator) {
      case .emptyInput: break decoding
      case .scalarValue(let scalar):
        append(scalar, ascii: ascii, to: &units)
        source = source.dropFirst(UTF8.width(scalar))
      case .error:
        // The decoder swallows one maximal bad sequence; show its bytes one by one.
        let length = brokenLength(source)
        for byte in source.prefix(length) { token(hex(UInt32(byte), digits: 2), to: &units) }
        source = source.dropFirst(length)
        decoder = UTF8()
        iterator = Array(source).makeIterator()
        source = source[source.startIndex...]
      }
    }
    return units
  }

  /// The units of `text`.
  package static func units(_ text: String, ascii: Bool = false) -> [Unit] {
    units(text.utf8, ascii: ascii)
  }

  /// The text of `bytes` as a terminal may show it.
  package static func string(_ bytes: some Sequence<UInt8>) -> String {
    units(bytes).map(\.text).joined()
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

  /// How many bytes at the start are one broken sequence.
  private static func brokenLength(_ bytes: ArraySlice<UInt8>) -> Int {
    var rest = bytes.dropFirst()
    var length = 1
    while let next = rest.first, next & 0xC0 == 0x80, length < 3 {
      // Only continuation bytes that could have belonged to the broken lead byte.
      guard let lead = bytes.first, lead >= 0xC0 else { break }
      length += 1
      rest = rest.dropFirst()
    }
    return length
  }

  private static func hex(_ value: UInt32, digits: Int) -> String {
    let text = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
