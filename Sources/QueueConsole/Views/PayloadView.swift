import DiskQueue
import QueueInspection

/// A payload as JSON, text or hexadecimal, in lines; never raw.
enum PayloadView {
  /// Bytes of a payload that are shown; the rest is told, and can be exported.
  static let shownBytes = 1 << 15

  /// All lines of the open payload for a pane of `width` columns.
  static func lines(_ page: MessagesPage, width: Int, ascii: Bool = false) -> [Line] {
    guard let message = page.opened else { return [] }
    let envelope = self.envelope(message.payload)
    var lines = head(message.payload, envelope)
    let whole = page.view == .hex ? message.payload : envelope?.body ?? message.payload
    let shown = Array(whole.prefix(shownBytes))
    switch page.view {
    case .hex: lines += hex(shown, width: width)
    case .text: lines += text(shown, width: page.wraps ? width : nil, ascii: ascii)
    case .json:
      if shown.count == whole.count, let parts = JSONReader.parts(shown) {
        for line in pretty(shown, parts) {
          lines += fold(line.0, indent: line.1, width: page.wraps ? width : nil, ascii: ascii)
        }
      } else {
        lines += text(shown, width: page.wraps ? width : nil, ascii: ascii)
      }
    }
    if shown.count < whole.count {
      let left = Numbers.grouped(Int64(whole.count - shown.count))
      lines.append(Line("(\(left) bytes more; e exports all)", .warning))
    }
    return lines
  }

  /// nsqd's envelope, where it looks like one.
  static func envelope(_ payload: [UInt8]) -> NSQEnvelope? {
    NSQEnvelope.looksRight(payload.prefix(NSQEnvelope.headerSize), of: payload.count)
      ? NSQEnvelope(payload) : nil
  }

  private static func head(_ payload: [UInt8], _ envelope: NSQEnvelope?) -> [Line] {
    let body = envelope?.body ?? payload
    let isText = String(validating: body, as: UTF8.self) != nil
    let controls = body.count { $0 < 0x20 && ![9, 10, 13].contains($0) || $0 == 0x7F }
    var lines: [Line] = []
    if let envelope {
      lines.append(
        Line("attempts ", .dim).adding("\(envelope.attempts)").adding("  id ", .dim)
          .adding(envelope.id))
      lines.append(
        Line("time ", .dim).adding(Timestamp(nanoseconds: envelope.timestamp).rfc3339Full))
    }
    let isJSON = body.count <= shownBytes && JSONReader.parts(body) != nil
    lines.append(
      Line("body ", .dim).adding("\(Numbers.grouped(Int64(body.count))) B")
        .adding("  UTF-8 ", .dim).adding(isText ? "yes" : "no")
        .adding("  JSON ", .dim).adding(isJSON ? "yes" : "no")
        .adding("  controls ", .dim).adding("\(controls)"))
    lines.append(Line())
    return lines
  }

  // MARK: Text

  private static func text(_ bytes: [UInt8], width: Int?, ascii: Bool) -> [Line] {
    var lines: [Line] = []
    for line in bytes.split(separator: 10, omittingEmptySubsequences: false) {
      // A carriage return before the newline is how some end their lines.
      let end = line.last == 13 ? line.dropLast() : line
      lines += fold(Array(end), indent: 0, width: width, ascii: ascii)
    }
    return lines
  }

  /// Bytes as lines of at most `width` columns, or one line.
  private static func fold(_ bytes: [UInt8], indent: Int, width: Int?, ascii: Bool) -> [Line] {
    let start = String(repeating: " ", count: indent)
    var lines: [Line] = []
    var line = start
    var used = indent
    for unit in VisibleText.units(bytes, ascii: ascii) {
      if let width, used + unit.width > max(width, indent + 2) {
        lines.append(Line(line))
        line = start
        used = indent
      }
      line += unit.text
      used += unit.width
    }
    return lines + [Line(line)]
  }

  // MARK: JSON

  /// The lines of a document, each with its indent, strings and numbers as they were written.
  private static func pretty(_ bytes: [UInt8], _ parts: [JSONReader.Part]) -> [([UInt8], Int)] {
    var lines: [([UInt8], Int)] = []
    var line: [UInt8] = []
    var depth = 0
    /// Whether something of the same object or array came before.
    var hasBefore = [false]
    var isAfterKey = false
    func begin() {
      if isAfterKey {
        isAfterKey = false
        return
      }
      if hasBefore[hasBefore.count - 1] { line.append(UInt8(ascii: ",")) }
      if !line.isEmpty { lines.append((line, 0)) }
      line = Array(repeating: 0x20, count: depth * 2)
      hasBefore[hasBefore.count - 1] = true
    }
    func end(_ sign: String) {
      depth -= 1
      if hasBefore.removeLast() {
        lines.append((line, 0))
        line = Array(repeating: 0x20, count: depth * 2)
      }
      line += Array(sign.utf8)
    }
    for part in parts {
      switch part {
      case .beginObject, .beginArray:
        begin()
        line += Array((part == .beginObject ? "{" : "[").utf8)
        depth += 1
        hasBefore.append(false)
      case .endObject: end("}")
      case .endArray: end("]")
      case .key(let range):
        begin()
        line += bytes[range] + Array(": ".utf8)
        isAfterKey = true
      case .string(let range), .other(let range):
        begin()
        line += bytes[range]
      }
    }
    lines.append((line, 0))
    return lines.map { line, _ in
      let indent = line.prefix { $0 == 0x20 }.count
      return (Array(line.dropFirst(indent)), indent)
    }
  }

  // MARK: Hexadecimal

  private static func hex(_ bytes: [UInt8], width: Int) -> [Line] {
    // Eight a line where sixteen do not fit.
    let perLine = width >= 76 ? 16 : 8
    return stride(from: 0, to: bytes.count, by: perLine).map { start in
      let row = bytes[start..<min(start + perLine, bytes.count)]
      var digits = ""
      for index in 0..<perLine {
        if index > 0, index % 8 == 0 { digits += " " }
        digits += index < row.count ? " " + hex(row[start + index], 2) : "   "
      }
      let signs = String(
        row.map { (0x20...0x7E).contains($0) ? Character(Unicode.Scalar($0)) : "." })
      return Line(offset(start), .dim).adding(" " + digits).adding("  " + signs)
    }
  }

  private static func offset(_ number: Int) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: max(0, 8 - text.count)) + text
  }

  private static func hex(_ byte: UInt8, _ digits: Int) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}
