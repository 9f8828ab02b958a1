import ArgumentParser
import DiskQueue

/// Which messages are chosen, and how they are written: the same for `peek`, `take` and `drain`.
struct MessageOptions: ParsableArguments {
  @Option(name: [.customShort("n"), .customLong("count")], help: "How many messages at the most.")
  var count: Int?
  @Flag(name: .long, help: "All messages.")
  var all = false
  @Option(name: .long, help: "Pass over this many messages first; they stay.")
  var skip = 0
  @Option(
    name: .long, help: "Only messages that match this extended regular expression; others stay.")
  var grep: String?
  @Option(name: .long, help: "lines, raw, frames, hex, base64 or ndjson.")
  var format: MessageFormat?
  @Flag(name: .long, help: "Payloads are nsqd's: bodies without the envelope.")
  var nsq = false

  func validate() throws {
    if let count, count < 0 { throw ValidationError("-n is \(count); it starts at 0") }
    if skip < 0 { throw ValidationError("--skip is \(skip); it starts at 0") }
    if all, count != nil { throw ValidationError("-n and --all exclude each other") }
    if let grep, (try? ByteRegex(grep)) == nil {
      throw ValidationError("--grep: “\(grep)” is no extended regular expression")
    }
  }

  func limit(default standard: Int) -> Int { all ? .max : count ?? standard }

  func encoder(_ queue: QueueName, _ common: CommonOptions) -> MessageEncoder {
    MessageEncoder(format ?? (common.json ? .ndjson : .lines), nsq: nsq, queue: queue)
  }

  /// Whether messages stay that lie before others that go.
  var picks: Bool { skip > 0 || grep != nil }

  /// What is looked at with `--grep`: bodies where envelopes are taken off.
  func filter() throws -> (([UInt8]) -> Bool)? {
    guard let grep else { return nil }
    let regex = try ByteRegex(grep)
    let nsq = nsq
    return { payload in
      let isWrapped = nsq && NSQEnvelope(payload) != nil
      return regex.matches(isWrapped ? payload[NSQEnvelope.headerSize...] : payload[...])
    }
  }

  func selection(default standard: Int) throws -> MessageSelection {
    let limit = limit(default: standard)
    return MessageSelection(
      skip: Int64(skip), limit: limit == .max ? .max : Int64(limit), matches: try filter())
  }
}
