/// Tells a record that was cut short from a wrong length with good records behind it.
package enum ChainFinder {
  /// How much of a segment's end is looked at, in bytes.
  package static let windowSize = 1 << 20

  /// Whether somewhere in `window` a chain of at least `least` records that are not empty starts
  /// and ends exactly where the window does.
  ///
  /// Chance makes one such length in four billion.
  package static func endsWithChain(
    _ window: borrowing Span<UInt8>, limits: RecordLimits, least: UInt8 = 2
  ) -> Bool {
    let count = window.count
    guard count >= Record.headerSize else { return false }
    // For each offset, how many records lead from there to the end; backwards, so one pass is all.
    var records = [UInt8](repeating: 0, count: count + 1)
    for offset in stride(from: count - Record.headerSize, through: 0, by: -1) {
      let length = Record.length(in: window, at: offset)
      guard length > 0, limits.accept(length) else { continue }
      let next = offset + Record.headerSize + length
      guard next <= count, next == count || records[next] > 0 else { continue }
      records[offset] = records[next] + 1
      if records[offset] >= least { return true }
    }
    return false
  }
}
