import ArgumentParser
import DiskQueue
import QueueConsole
import QueueInspection
import QueueOperations
import SystemPackage

/// Implements `diskq put DIR QUEUE`.
struct PutCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "put", abstract: "Put messages from stdin, a file or the command line.")

  @OptionGroup var directory: DirectoryArgument
  @OptionGroup var queue: QueueArgument
  @Option(name: .long, help: "Read messages from this file instead of stdin.")
  var file: Word?
  @Option(name: .long, help: "A message given as text (repeatable).")
  var text: [Word] = []
  @Option(name: .long, help: "lines, raw, frames, hex, base64 or ndjson.")
  var format = MessageFormat.lines
  @Flag(name: .customShort("0"), help: "Each message ends with a NUL byte instead of a newline.")
  var nul = false
  @Flag(name: .long, help: "Wrap each body in nsqd's envelope.")
  var nsq = false
  @Option(name: .customLong("repeat"), help: "Put each message so many times.")
  var repeats = 1
  @Option(name: .long, help: "Messages a second, at the most.")
  var rate: Double?
  @OptionGroup var writer: WriterOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if repeats < 1 { throw ValidationError("--repeat is \(repeats); it starts at 1") }
    if let rate, !(rate > 0 && rate <= 1e9) {
      throw ValidationError("--rate is \(rate); it is more than 0 messages a second")
    }
    if nul, format != .lines {
      throw ValidationError("-0 ends lines; --format \(format.rawValue) has no use for it")
    }
    if format == .mpub { throw ValidationError("--format mpub is for “drain”") }
    if file != nil, !text.isEmpty { throw ValidationError("--file and --text exclude each other") }
  }

  mutating func run() throws {
    try directory.check()
    let name = try queue.name()
    let needsEnvelope = try lookForNSQ(name)
    var count = 0
    let meter = Meter(common)
    defer { meter.end() }
    if !writer.dryRun { Interruption.watch() }
    do {
      // Opened for the first message: without one there is nothing to do to the queue.
      var target: DiskQueue?
      defer { try? target?.close() }
      var pace = Pace(rate)
      try eachBatch { batch in
        if needsEnvelope { try NSQDirectory.check(batch, in: directory.path) }
        if writer.dryRun { return count += batch.count }
        let queue = try target ?? open(name)
        target = queue
        for part in pace.parts(of: batch) {
          if Interruption.signal != nil { throw StoppedBySignal() }
          try queue.put(contentsOf: part, count: &count)
          meter.add(messages: part.count, bytes: part.reduce(0) { $0 + $1.count })
          if writer.durable { try queue.sync() }
          pace.wait(after: part.count)
        }
      }
      try target?.close()
    } catch {
      // Which messages are in is what a script needs to go on.
      if count > 0 { common.say("diskq: \(count) messages are in, those after them are not") }
      throw error
    }
    report(count)
    if common.json { try Output.line(summary(name, count)) }
  }

  private func open(_ name: QueueName) throws -> DiskQueue {
    try writer.waiting {
      let files = try QueueFiles(name, in: directory.path, disk: RealDisk(below: directory.path))
      return try DiskQueue(name, directory: directory.path, options: writer.options(for: files))
    }
  }

  /// Whether messages need nsqd's envelope here; warns where nsqd will not deliver them.
  private func lookForNSQ(_ name: QueueName) throws -> Bool {
    do {
      guard let list = try NSQDirectory(directory.path) else { return false }
      if !list.names(name) {
        let what =
          "nsqd.dat does not name this queue; nsqd delivers from it once it has the topic or channel"
        common.say("diskq: \(queue.queue.visible): \(what)")
      }
    } catch {
      guard error.code == .damaged else { throw error }
      common.say(
        "diskq: nsqd.dat is not readable; whether nsqd will deliver this queue is not known")
    }
    return !nsq && writer.limits.minMessageSize == nil
  }

  private func report(_ count: Int) {
    if common.verbose || writer.dryRun {
      common.say(writer.dryRun ? "would put \(count) messages" : "put \(count) messages")
    }
  }

  private func summary(_ name: QueueName, _ count: Int) -> String {
    var json = JSONText()
    json.object { json in
      json.member("queue", name)
      json.member("messages", count)
      json.member("applied", !writer.dryRun)
    }
    return json.text
  }

  /// Hands the messages over in batches, as they are read.
  private func eachBatch(_ body: ([[UInt8]]) throws -> Void) throws {
    let injection = Injection(repeats: repeats, nsq: nsq)
    if !text.isEmpty { return try body(injection.payloads(text.map(\.bytes))) }
    let decoder = MessageDecoder(
      format, limit: writer.limits.maxMessageSize, terminator: nul ? 0 : UInt8(ascii: "\n"))
    try MessageInput(file?.path, decoder).eachBatch { try body(injection.payloads($0)) }
  }
}
