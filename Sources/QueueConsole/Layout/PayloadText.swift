import DiskQueue
import QueueInspection

/// A payload laid out in rows of so many columns: what is to be said of it, then its bytes as JSON,
/// text or hexadecimal.
struct PayloadText {
  enum Row: Hashable {
    case delivery(attempts: UInt16, id: String)
    case time(Timestamp)
    case body(size: Int, isText: Bool, isJSON: Bool, controls: Int)
    case blank
    case text(String)
    /// Bytes in hexadecimal, by their places in ``PayloadText/shown``.
    case bytes(Range<Int>)
    /// So many bytes that are not shown.
    case more(Int)
  }

  /// Bytes of a payload that are shown; the rest is told, and can be exported.
  static let most = 1 << 15

  private(set) var rows: [Row] = []
  /// The bytes that are shown.
  private(set) var shown: [UInt8] = []
  /// Bytes on a row of hexadecimal: eight where sixteen do not fit.
  let perRow: Int
  private let wrapWidth: Int?
  private let ascii: Bool

  /// The payload that a page of messages has open, without rows when it has none.
  init(_ page: LoadedMessages, width: Int, ascii: Bool = false) {
    perRow = width >= 76 ? 16 : 8
    wrapWidth = page.wraps ? width : nil
    self.ascii = ascii
    guard let message = page.opened else { return }
    let envelope = PayloadText.envelope(message.payload)
    tell(of: message.payload, envelope)
    let whole = page.view == .hex ? message.payload : envelope?.body ?? message.payload
    shown = Array(whole.prefix(PayloadText.most))
    switch page.view {
    case .hex: addBytes()
    case .text: addText()
    case .json:
      if shown.count == whole.count, let parts = JSONReader.parts(shown) {
        for line in PrettyJSON.lines(shown, parts) { add(line.bytes, indent: line.indent) }
      } else {
        addText()
      }
    }
    if shown.count < whole.count { rows.append(.more(whole.count - shown.count)) }
  }

  /// nsqd's envelope, where it looks like one.
  static func envelope(_ payload: [UInt8]) -> NSQEnvelope? {
    NSQEnvelope.looksRight(payload.prefix(NSQEnvelope.headerSize), of: payload.count)
      ? NSQEnvelope(payload) : nil
  }

  private mutating func tell(of payload: [UInt8], _ envelope: NSQEnvelope?) {
    let body = envelope?.body ?? payload
    if let envelope {
      rows.append(.delivery(attempts: envelope.attempts, id: envelope.id))
      rows.append(.time(Timestamp(nanoseconds: envelope.timestamp)))
    }
    rows.append(
      .body(
        size: body.count, isText: String(validating: body, as: UTF8.self) != nil,
        isJSON: body.count <= PayloadText.most && JSONReader.parts(body) != nil,
        controls: body.count { $0 < 0x20 && ![9, 10, 13].contains($0) || $0 == 0x7F }))
    rows.append(.blank)
  }

  private mutating func addBytes() {
    rows += stride(from: 0, to: shown.count, by: perRow).map { start in
      .bytes(start..<min(start + perRow, shown.count))
    }
  }

  private mutating func addText() {
    for line in shown.split(separator: 10, omittingEmptySubsequences: false) {
      // A carriage return before the newline is how some end their lines.
      add(line.last == 13 ? line.dropLast() : line, indent: 0)
    }
  }

  /// Adds bytes as rows of at most so many columns, or as one.
  private mutating func add(_ bytes: some Sequence<UInt8>, indent: Int) {
    let start = String(repeating: " ", count: indent)
    var row = start
    var used = indent
    for unit in VisibleText.units(bytes, ascii: ascii) {
      if let wrapWidth, used + unit.width > max(wrapWidth, indent + 2) {
        rows.append(.text(row))
        row = start
        used = indent
      }
      row += unit.text
      used += unit.width
    }
    rows.append(.text(row))
  }
}
