package import DiskQueue
import SystemPackage

/// Writes messages in a format.
package struct MessageEncoder: Sendable {
  package let format: MessageFormat
  /// Payloads are nsqd's: bodies are written, and `ndjson` tells the envelope's fields.
  package let nsq: Bool
  package let queue: QueueName
  /// What ends a message where each is a line.
  let terminator: UInt8
  /// Whether messages are also written that cannot be told apart afterwards.
  private let isLossy: Bool
  /// How every object of `ndjson` begins.
  private let prefix: [UInt8]

  package init(
    _ format: MessageFormat, nsq: Bool, queue: QueueName,
    terminator: UInt8 = UInt8(ascii: "\n"), isLossy: Bool = false
  ) {
    self.format = format
    self.nsq = nsq
    self.queue = queue
    self.terminator = format == .lines ? terminator : UInt8(ascii: "\n")
    self.isLossy = isLossy
    var json = JSONText()
    json.object { $0.member("queue", queue) }
    prefix = Array(json.bytes.dropLast()) + Array(#","file":"#.utf8)
  }

  /// Whether records are written as they are on disk.
  package var isVerbatim: Bool { format == .frames && !nsq }

  /// Whether every message ends with the terminator, and holds none.
  var isLines: Bool {
    switch format {
    case .lines, .hex, .base64, .ndjson: true
    case .raw, .frames, .mpub: false
    }
  }

  /// Appends a batch to `output`.
  ///
  /// A payload that is no envelope is written as it is.
  ///
  /// - Throws: `refused` with the cause `illegalByteSequence` for the first message that would not come
  ///   back as it is; nothing is appended then.
  package func encode(_ messages: [Message], into output: inout [UInt8]) throws(DiskQueueError) {
    if !isLossy { for message in messages { try check(message) } }
    if format == .mpub { Record.appendHeader(messages.count, to: &output) }
    for message in messages { append(message, to: &output) }
  }

  private func check(_ message: Message) throws(DiskQueueError) {
    let skipped = nsq && NSQEnvelope.isAround(message.payload) ? NSQEnvelope.headerSize : 0
    let body = message.payload[skipped...]
    let what: String
    switch format {
    case .lines where ByteScan.first(terminator, in: body) != nil:
      what = terminator == 0 ? "a NUL byte" : "a newline"
    case .mpub where body.isEmpty: what = "no bytes, which nsqd does not take,"
    default: return
    }
    throw DiskQueueError(
      .refused,
      "the message at \(message.position.file)@\(message.position.offset) of “\(queue)” has \(what) "
        + "and would not come back as it is: choose --format ndjson, frames or base64, or "
        + (terminator == 0 ? "" : "-0, or ") + "--lossy to write it all the same",
      cause: .illegalByteSequence)
  }

  private func append(_ message: Message, to output: inout [UInt8]) {
    let envelope = nsq ? NSQEnvelope(message.payload) : nil
    let body = envelope?.body ?? message.payload
    let newline = UInt8(ascii: "\n")
    switch format {
    case .lines:
      output.append(contentsOf: body)
      output.append(terminator)
    case .raw: output.append(contentsOf: body)
    case .frames, .mpub: Record.append(body, to: &output)
    case .hex:
      Hex.encode(body, into: &output)
      output.append(newline)
    case .base64:
      Base64.encode(body, into: &output)
      output.append(newline)
    case .ndjson:
      appendJSON(message, envelope, body, to: &output)
      output.append(newline)
    }
  }

  private func appendJSON(
    _ message: Message, _ envelope: NSQEnvelope?, _ body: [UInt8], to output: inout [UInt8]
  ) {
    output.append(contentsOf: prefix)
    output.append(contentsOf: "\(message.position.file)".utf8)
    output.append(contentsOf: #","offset":"#.utf8)
    output.append(contentsOf: "\(message.position.offset)".utf8)
    output.append(contentsOf: #","size":"#.utf8)
    output.append(contentsOf: "\(body.count)".utf8)
    if let envelope {
      var json = JSONText()
      json.object { json in
        json.member("timestamp", Timestamp(nanoseconds: envelope.timestamp).rfc3339Full)
        json.member("attempts", envelope.attempts)
        json.member("id", envelope.id)
      }
      output.append(UInt8(ascii: ","))
      output.append(contentsOf: json.bytes.dropFirst().dropLast())
    }
    if body.isUTF8 {
      output.append(contentsOf: #","text":"#.utf8)
      JSONText.quote(body, into: &output)
    } else {
      output.append(contentsOf: #","base64":""#.utf8)
      Base64.encode(body, into: &output)
      output.append(UInt8(ascii: "\""))
    }
    output.append(UInt8(ascii: "}"))
  }
}
