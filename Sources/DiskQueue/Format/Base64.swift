/// RFC 4648 base64 with padding.
package enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 0xFF, count: 256)
    for (value, digit) in alphabet.enumerated() { values[Int(digit)] = UInt8(value) }
    return values
  }()
  private static let padding = UInt8(ascii: "=")

  /// Appends the digits of `bytes`.
  package static func encode(_ bytes: [UInt8], into output: inout [UInt8]) {
    let whole = bytes.count - bytes.count % 3
    for start in stride(from: 0, to: whole, by: 3) {
      let group =
        UInt32(bytes[start]) << 16 | UInt32(bytes[start + 1]) << 8 | UInt32(bytes[start + 2])
      output.append(alphabet[Int(group >> 18)])
      output.append(alphabet[Int(group >> 12 & 63)])
      output.append(alphabet[Int(group >> 6 & 63)])
      output.append(alphabet[Int(group & 63)])
    }
    guard whole < bytes.count else { return }
    let second = whole + 1 < bytes.count ? bytes[whole + 1] : nil
    let group = UInt32(bytes[whole]) << 16 | UInt32(second ?? 0) << 8
    output.append(alphabet[Int(group >> 18)])
    output.append(alphabet[Int(group >> 12 & 63)])
    output.append(second == nil ? padding : alphabet[Int(group >> 6 & 63)])
    output.append(padding)
  }

  /// The bytes of `digits`; nil when they are not whole base64.
  package static func decode(_ digits: some Collection<UInt8>) -> [UInt8]? {
    guard digits.count % 4 == 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count / 4 * 3)
    var group: UInt32 = 0
    var held = 0
    var pads = 0
    for digit in digits {
      if digit == padding {
        pads += 1
        group <<= 6
      } else {
        let value = values[Int(digit)]
        guard value != 0xFF, pads == 0 else { return nil }
        group = group << 6 | UInt32(value)
      }
      held += 1
      guard held == 4 else { continue }
      guard pads <= 2 else { return nil }
      for index in 0..<(3 - pads) {
        bytes.append(UInt8(truncatingIfNeeded: group >> UInt32(16 - 8 * index)))
      }
      (group, held) = (0, 0)
    }
    return bytes
  }
}
