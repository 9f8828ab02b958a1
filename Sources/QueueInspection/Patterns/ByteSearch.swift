import DiskQueue

/// Finds bytes in bytes, skipping ahead by what the pattern tells (Boyer, Moore, Horspool).
package struct ByteSearch: Hashable, Sendable {
  private let pattern: [UInt8]
  private let skips: [Int]
  private let ignoresCase: Bool

  /// A search for `text`; without an upper-case letter in it, ASCII case does not matter.
  package init(_ text: String) {
    let bytes = Array(text.utf8)
    ignoresCase = !bytes.contains { (65...90).contains($0) }
    pattern = bytes
    var skips = [Int](repeating: max(1, bytes.count), count: 256)
    for (index, byte) in bytes.dropLast().enumerated() {
      skips[Int(byte)] = bytes.count - 1 - index
      if (97...122).contains(byte), ignoresCase { skips[Int(byte - 32)] = bytes.count - 1 - index }
    }
    self.skips = skips
  }

  /// Whether there is nothing to look for.
  package var isEmpty: Bool { pattern.isEmpty }

  /// Whether `range` of `bytes` has the pattern in it.
  package func matches(_ bytes: [UInt8], in range: Range<Int>) -> Bool {
    let last = pattern.count - 1
    guard last >= 0 else { return true }
    var at = range.lowerBound + last
    while at < range.upperBound {
      var index = last
      while index >= 0, fold(bytes[at - last + index]) == pattern[index] { index -= 1 }
      if index < 0 { return true }
      at += skips[Int(bytes[at])]
    }
    return false
  }

  /// Whether `bytes` have the pattern in them.
  package func matches(_ bytes: [UInt8]) -> Bool { matches(bytes, in: bytes.indices) }

  private func fold(_ byte: UInt8) -> UInt8 {
    ignoresCase && (65...90).contains(byte) ? byte + 32 : byte
  }
}
