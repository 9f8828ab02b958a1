import ArgumentParser
import DiskQueue
import QueueInspection
import QueueOperations

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
  var grep: Word?
  @Option(name: .long, help: "lines, raw, frames, hex, base64 or ndjson.")
  var format: MessageFormat?
  @Flag(name: .customShort("0"), help: "Each message ends with a NUL byte instead of a newline.")
  var nul = false
  @Flag(name: .long, help: "Write messages, too, that the format cannot give back as they were.")
  var lossy = false
  @Flag(name: .long, help: "Payloads are nsqd's: bodies without the envelope.")
  var nsq = false

  func validate() throws {
    if let count, count < 0 { throw ValidationError("-n is \(count); it starts at 0") }
    if skip < 0 { throw ValidationError("--skip is \(skip); it starts at 0") }
    if all, count != nil { throw ValidationError("-n and --all exclude each other") }
    if nul, let format, format != .lines {
      throw ValidationError("-0 ends lines; --format \(format.rawValue) has no use for it")
    }
    if let grep, (try? ByteRegex(bytes: grep.bytes)) == nil {
      throw ValidationError("--grep: “\(grep.visible)” is no extended regular expression")
    }
  }

  func limit(default standard: Int) -> Int { all ? .max : count ?? standard }

  /// Refuses the format that only hands batches on.
  func refuseBatches() throws {
    if format == .mpub { throw ValidationError("--format mpub is for “drain”") }
  }

  func encoder(_ queue: QueueName, json: Bool) -> MessageEncoder {
    MessageEncoder(
      format ?? (json && !nul ? .ndjson : .lines), nsq: nsq, queue: queue,
      terminator: nul ? 0 : UInt8(ascii: "\n"), isLossy: lossy)
  }

  /// Whether messages stay that lie before others that go.
  var picks: Bool { skip > 0 || grep != nil }

  /// What is looked at with `--grep`: bodies where envelopes are taken off.
  func filter() throws -> (([UInt8]) -> Bool)? {
    guard let grep else { return nil }
    let regex = try ByteRegex(bytes: grep.bytes)
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
