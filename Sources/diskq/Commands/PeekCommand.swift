import ArgumentParser
import DiskQueue
import SystemPackage

/// How messages are chosen and written.
struct MessageOptions: ParsableArguments {
  @Option(name: [.customShort("n"), .customLong("count")], help: "How many messages at the most.")
  var count: Int?
  @Flag(name: .long, help: "All messages.")
  var all = false
  @Option(name: .long, help: "lines, raw, frames, hex, base64 or ndjson.")
  var format: MessageFormat?
  @Flag(name: .long, help: "Payloads are nsqd's: bodies without the envelope.")
  var nsq = false

  func validate() throws {
    if let count, count < 0 { throw ValidationError("-n is \(count); it starts at 0") }
    if all, count != nil { throw ValidationError("-n and --all exclude each other") }
  }

  func limit(default standard: Int) -> Int { all ? .max : count ?? standard }

  func encoder(_ queue: QueueName, _ common: CommonOptions) -> MessageEncoder {
    MessageEncoder(format ?? (common.json ? .ndjson : .lines), nsq: nsq, queue: queue)
  }
}

/// Implements `diskq peek DIR QUEUE`.
struct PeekCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peek", abstract: "Look at messages and take nothing; no lock is needed.")

  @OptionGroup var directory: DirectoryArgument
  @OptionGroup var queue: QueueArgument
  @OptionGroup var messages: MessageOptions
  @Option(name: .long, help: "Pass over this many messages first.")
  var skip = 0
  @OptionGroup var limits: LimitOptions
  @OptionGroup var common: CommonOptions

  mutating func run() throws {
    try directory.check()
    let name = try queue.name()
    let encoder = messages.encoder(name, common)
    var browser = try QueueBrowser(name, in: directory.path, limits: limits.limits)
    var left = messages.limit(default: 10)
    var passed = 0
    var shown = 0
    var output: [UInt8] = []
    var damaged = false
    while left > 0 {
      let next = try browser.next { place in
        damaged = true
        common.say("diskq: damage at \(place); going on with the next segment")
      }
      guard let message = next else { break }
      if passed < skip {
        passed += 1
        continue
      }
      encoder.encode(message, into: &output)
      left -= 1
      shown += 1
      if output.count >= 1 << 18 {
        try Output.write(output)
        output.removeAll(keepingCapacity: true)
      }
    }
    try Output.write(output)
    if damaged { throw ExitStatus.damage.code }
    if shown == 0, messages.count != 0 { throw ExitStatus.nothingThere.code }
  }
}
