import ArgumentParser
import DiskQueue
import SystemPackage

/// Implements `diskq put DIR QUEUE`.
struct PutCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "put", abstract: "Put messages from stdin, a file or the command line.")

  @OptionGroup var directory: DirectoryArgument
  @OptionGroup var queue: QueueArgument
  @Option(name: .long, help: "Read messages from this file instead of stdin.")
  var file: String?
  @Option(name: .long, help: "A message given as text (repeatable).")
  var text: [String] = []
  @Option(name: .long, help: "lines, raw, frames, hex, base64 or ndjson.")
  var format = MessageFormat.lines
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
    if file != nil, !text.isEmpty { throw ValidationError("--file and --text exclude each other") }
  }

  mutating func run() throws {
    try directory.check()
    let name = try queue.name()
    let files = try QueueFiles(name, in: directory.path, disk: RealDisk())
    var count = 0
    let meter = Meter(common)
    defer { meter.end() }
    if !writer.dryRun { Interruption.watch() }
    do {
      if writer.dryRun {
        try eachBatch { count += $0.count }
      } else {
        let target = try writer.waiting {
          try DiskQueue(name, directory: directory.path, options: writer.options(for: files))
        }
        defer { try? target.close() }
        var pace = Pace(rate)
        try eachBatch { batch in
          for part in pace.parts(of: batch) {
            if Interruption.signal != nil { throw Interrupted() }
            try target.put(contentsOf: part, count: &count)
            meter.add(messages: part.count, bytes: part.reduce(0) { $0 + $1.count })
            if writer.durable { try target.sync() }
            pace.wait(after: part.count)
          }
        }
        try target.close()
      }
    } catch {
      // Which messages are in is what a script needs to go on.
      if count > 0 { common.say("diskq: \(count) messages are in, those after them are not") }
      guard error is Interrupted else { throw error }
      common.say("diskq: stopped by a signal")
      throw ExitStatus.failed.code
    }
    report(count)
    if common.json { try Output.line(summary(count)) }
  }

  private func report(_ count: Int) {
    if common.verbose || writer.dryRun {
      common.say(writer.dryRun ? "would put \(count) messages" : "put \(count) messages")
    }
  }

  private func summary(_ count: Int) -> String {
    var json = JSONText()
    json.object { json in
      json.member("queue", queue.queue)
      json.member("messages", count)
      json.member("applied", !writer.dryRun)
    }
    return json.text
  }

  /// Hands the messages over in batches, as they are read.
  private func eachBatch(_ body: ([[UInt8]]) throws -> Void) throws {
    let injection = Injection(repeats: repeats, nsq: nsq)
    if !text.isEmpty { return try body(injection.payloads(text.map { Array($0.utf8) })) }
    var decoder = MessageDecoder(format, limit: writer.limits.maxMessageSize)
    try Input.read(file) { chunk in
      let batch = try decoder.decode(chunk)
      if !batch.isEmpty { try body(injection.payloads(batch)) }
    }
    let rest = try decoder.finish()
    if !rest.isEmpty { try body(injection.payloads(rest)) }
  }
}
