import DiskQueue
import QueueInspection

/// A payload as JSON, text or hexadecimal; never raw.
enum PayloadView {
  static func line(_ row: PayloadText.Row, of text: PayloadText) -> Line {
    switch row {
    case .delivery(let attempts, let id):
      Line("attempts ", .dim).adding("\(attempts)").adding("  id ", .dim).adding(id)
    case .time(let time): Line("time ", .dim).adding(time.rfc3339Full)
    case .body(let size, let isText, let isJSON, let controls):
      Line("body ", .dim).adding("\(Numbers.grouped(Int64(size))) B")
        .adding("  UTF-8 ", .dim).adding(isText ? "yes" : "no")
        .adding("  JSON ", .dim).adding(isJSON ? "yes" : "no")
        .adding("  controls ", .dim).adding("\(controls)")
    case .blank: Line()
    case .text(let words): Line(words)
    case .bytes(let range): hex(text.shown[range], perRow: text.perRow)
    case .more(let count):
      Line("(\(Numbers.grouped(Int64(count))) bytes more; e exports all)", .warning)
    }
  }

  // MARK: Hexadecimal

  private static func hex(_ row: ArraySlice<UInt8>, perRow: Int) -> Line {
    var digits = ""
    for index in 0..<perRow {
      if index > 0, index % 8 == 0 { digits += " " }
      digits += index < row.count ? " " + hex(row[row.startIndex + index]) : "   "
    }
    let signs = String(
      row.map { (0x20...0x7E).contains($0) ? Character(Unicode.Scalar($0)) : "." })
    return Line(offset(row.startIndex), .dim).adding(" " + digits).adding("  " + signs)
  }

  private static func offset(_ number: Int) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: max(0, 8 - text.count)) + text
  }

  private static func hex(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}
