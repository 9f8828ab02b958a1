/// How messages look outside a queue; the raw values are part of the command-line contract.
package enum MessageFormat: String, Sendable, CaseIterable {
  /// Each message and a newline.
  case lines
  /// The bytes and nothing between them.
  case raw
  /// A 4-byte big-endian length and the bytes, as on disk.
  case frames
  /// Lower-case hexadecimal digits, a line each.
  case hex
  /// RFC 4648 with padding, a line each.
  case base64
  /// A JSON object, a line each: queue, file, offset, size, and text or base64.
  case ndjson
}

/// Writes messages in a format.
package struct MessageEncoder: Sendable {
  let format: MessageFormat
  /// Payloads are nsqd's: bodies are written, and `ndjson` tells the envelope's fields.
  let nsq: Bool
  let queue: QueueName

  package init(_ format: MessageFormat, nsq: Bool, queue: QueueName) {
    self.format = format
    self.nsq = nsq
    self.queue = queue
  }

  /// Appends one message to `output`.
  ///
  /// A payload that is no envelope is written as it is.
  package func encode(_ message: Message, into output: inout [UInt8]) {
    let envelope = nsq ? NSQEnvelope(message.payload) : nil
    let body = envelope?.body ?? message.payload
    let newline = UInt8(ascii: "\n")
    switch format {
    case .lines:
      output.append(contentsOf: body)
      output.append(newline)
    case .raw: output.append(contentsOf: body)
    case .frames: Record.append(body, to: &output)
    case .hex:
      Hex.encode(body, into: &output)
      output.append(newline)
    case .base64:
      Base64.encode(body, into: &output)
      output.append(newline)
    case .ndjson:
      output.append(contentsOf: json(message, envelope, body).utf8)
      output.append(newline)
    }
  }

  private func json(_ message: Message, _ envelope: NSQEnvelope?, _ body: [UInt8]) -> String {
    var json = JSONText()
    json.object { json in
      json.member("queue", queue.description)
      json.member("file", message.position.file)
      json.member("offset", message.position.offset)
      json.member("size", body.count)
      if let envelope {
        json.member("timestamp", Timestamp(nanoseconds: envelope.timestamp).rfc3339Full)
        json.member("attempts", envelope.attempts)
        json.member("id", envelope.id)
      }
      if let text = String(validating: body, as: UTF8.self) {
        json.member("text", text)
      } else {
        var encoded: [UInt8] = []
        Base64.encode(body, into: &encoded)
        json.member("base64", String(decoding: encoded, as: UTF8.self))
      }
    }
    return json.text
  }
}
