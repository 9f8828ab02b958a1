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
    Interruption.watch()
    let done =
      messages.picks
      ? try pick(name, encoder, files) : try takeFirst(name, encoder, options)
    if common.verbose { common.say("took \(done) messages") }
    if Interruption.signal != nil { throw ExitStatus.failed.code }
    if done == 0, messages.count != 0 { throw ExitStatus.nothingThere.code }
  }

  private func write(_ batch: [Message], _ encoder: MessageEncoder) throws {
    var output: [UInt8] = []
    for message in batch { encoder.encode(message, into: &output) }
    try Output.write(output)
  }

  private func takeFirst(
    _ name: QueueName, _ encoder: MessageEncoder, _ options: DiskQueue.Options
  ) throws -> Int {
    let source = try writer.waiting {
      try DiskQueue(name, directory: directory.path, options: options)
    }
    do {
      let done = try source.handOn(
        most: messages.limit(default: 1), durable: writer.durable
      ) { batch in try write(batch, encoder) }
      try source.close()
      return done
    } catch {
      try? source.close()
      throw error
    }
  }

  /// Takes messages from among others, which stay in their order.
  private func pick(_ name: QueueName, _ encoder: MessageEncoder, _ files: QueueFiles) throws -> Int
  {
    let worker = writer.worker(directory.path, files)
    let selection = try messages.selection(default: 1)
    let plan = try worker.planner.move(name, selection, to: "stdout")
    if plan.isEmpty { return 0 }
    var gate = WriteGate()
    gate.unlock()
    guard let token = gate.token else { return 0 }
    let pipe = PipeWatch()
    let result = try pipe.watching {
      try writer.waiting {
        try worker.move(
          by: plan, token, of: selection, goesOn: { _ in Interruption.signal == nil }
        ) { batch in try pipe.writing { try write(batch, encoder) } }
      }
    }
    return Int(result.messages)
  }

  private func lookOnly(_ name: QueueName, _ encoder: MessageEncoder, _ options: DiskQueue.Options)
    throws
  {
    var browser = try QueueBrowser(name, in: directory.path, limits: options.limits)
    var selection = try messages.selection(default: 1)
    while selection.limit > 0, let message = try browser.next() {
      if selection.chooses(message.payload) { try write([message], encoder) }
    }
  }
}

/// Knows a closed pipe again after it has passed through the library as an error of its own.
final class PipeWatch {
  private var isClosed = false

  func writing(_ body: () throws -> Void) throws {
    do { try body() } catch let error as ClosedPipe {
      isClosed = true
      throw error
    }
  }

  func watching<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch {
      if isClosed { throw ClosedPipe() }
      throw error
    }
  }
}

extension DiskQueue {
  /// Hands messages on in batches; each batch leaves the queue only when `body` has returned.
  ///
  /// A signal that asks for it ends this between two batches.
  func handOn(most: Int, durable: Bool, _ body: ([Message]) throws -> Void) throws -> Int {
    var done = 0
    while done < most, Interruption.signal == nil {
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
