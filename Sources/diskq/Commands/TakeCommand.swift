import ArgumentParser
import DiskQueue
import SystemPackage

/// Implements `diskq take DIR QUEUE`.
struct TakeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "take",
    abstract: "Take messages off the queue; each leaves once it is written to stdout.")

  @OptionGroup var directory: DirectoryArgument
  @OptionGroup var queue: QueueArgument
  @OptionGroup var messages: MessageOptions
  @OptionGroup var writer: WriterOptions
  @OptionGroup var common: CommonOptions

  mutating func run() throws {
    try directory.check()
    let name = try queue.name()
    let files = try queue.files(in: directory.path)
    let options = writer.options(for: files)
    let encoder = messages.encoder(name, common)
    if writer.dryRun { return try lookOnly(name, encoder, options) }
    let source = try writer.waiting {
      try DiskQueue(name, directory: directory.path, options: options)
    }
    var done = 0
    do {
      done = try source.handOn(
        most: messages.limit(default: 1), durable: writer.durable
      ) { batch in
        var output: [UInt8] = []
        for message in batch { encoder.encode(message, into: &output) }
        try Output.write(output)
      }
    } catch {
      try? source.close()
      throw error
    }
    try source.close()
    if common.verbose { common.say("took \(done) messages") }
    if done == 0, messages.count != 0 { throw ExitStatus.nothingThere.code }
  }

  private func lookOnly(_ name: QueueName, _ encoder: MessageEncoder, _ options: DiskQueue.Options)
    throws
  {
    var browser = try QueueBrowser(name, in: directory.path, limits: options.limits)
    var left = messages.limit(default: 1)
    while left > 0, let message = try browser.next() {
      var output: [UInt8] = []
      encoder.encode(message, into: &output)
      try Output.write(output)
      left -= 1
    }
  }
}

extension DiskQueue {
  /// Hands messages on in batches; each batch leaves the queue only when `body` has returned.
  func handOn(most: Int, durable: Bool, _ body: ([Message]) throws -> Void) throws -> Int {
    var done = 0
    while done < most {
      let messages = try peek(min(1000, most - done), bytes: 1 << 20)
      if messages.isEmpty { break }
      try body(messages)
      try commit(messages)
      if durable { try sync() }
      done += messages.count
    }
    return done
  }
}
