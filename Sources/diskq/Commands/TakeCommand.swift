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

  func validate() throws { try messages.refuseBatches() }

  mutating func run() throws {
    try directory.check()
    let name = try queue.name()
    let files = try queue.files(in: directory.path)
    let options = writer.options(for: files, common)
    let encoder = messages.encoder(name, json: common.json)
    if writer.dryRun { return try lookOnly(name, encoder, options) }
    Interruption.watch()
    let output = TakenOutput(encoder)
    let done: Int
    do {
      done =
        messages.picks
        ? try pick(name, output, files) : try takeFirst(name, output, options)
    } catch let error as DiskQueueError where error.isOfFormat && output.hasBegun {
      throw error.asFailure
    }
    if common.verbose { common.say("took \(done) messages") }
    if Interruption.signal != nil { throw ExitStatus.failed.code }
    if done == 0, messages.count != 0 { throw ExitStatus.nothingThere.code }
  }

  private func takeFirst(
    _ name: QueueName, _ output: TakenOutput, _ options: DiskQueue.Options
  ) throws -> Int {
    let source = try writer.waiting {
      try DiskQueue(name, directory: directory.path, options: options)
    }
    do {
      let done = try source.handOn(
        most: messages.limit(default: 1), durable: writer.durable, output.write)
      try source.close()
      return done
    } catch {
      try? source.close()
      throw error
    }
  }

  /// Takes messages from among others, which stay in their order.
  private func pick(_ name: QueueName, _ output: TakenOutput, _ files: QueueFiles) throws -> Int {
    let worker = writer.worker(directory.path, files, common)
    try writer.settle(name, worker, common, asks: false)
    let selection = try messages.selection(default: 1)
    var gate = WriteGate()
    gate.unlock()
    guard let token = gate.token else { preconditionFailure("an unlocked gate has a token") }
    let pipe = PipeWatch()
    return try pipe.watching {
      try writer.waiting(replans: true) {
        let plan = try worker.planner.move(name, selection, to: "stdout")
        if plan.isEmpty { return 0 }
        let result = try worker.move(
          by: plan, token, of: selection, goesOn: { _ in Interruption.signal == nil }
        ) { batch in try pipe.writing { try output.write(batch) } }
        return Int(result.messages)
      }
    }
  }

  private func lookOnly(_ name: QueueName, _ encoder: MessageEncoder, _ options: DiskQueue.Options)
    throws
  {
    var browser = try QueueBrowser(name, in: directory.path, limits: options.limits)
    var selection = try messages.selection(default: 1)
    let output = TakenOutput(encoder)
    while selection.limit > 0 {
      let next = try browser.next { place in
        common.say("diskq: damage at \(place); a take would set it aside and go on behind it")
      }
      guard let message = next else { break }
      if selection.chooses(message.payload) { try output.write([message]) }
    }
  }
}

/// Writes batches to standard output, and knows whether it has.
final class TakenOutput {
  private let encoder: MessageEncoder
  private(set) var hasBegun = false

  init(_ encoder: MessageEncoder) { self.encoder = encoder }

  func write(_ batch: [Message]) throws {
    var output: [UInt8] = []
    try encoder.encode(batch, into: &output)
    try Output.write(output)
    hasBegun = true
  }
}

/// Knows a closed pipe or a signal again after it has passed through the library as an error of its own.
final class PipeWatch {
  private var ending: (any Error)?

  func writing(_ body: () throws -> Void) throws {
    do { try body() } catch {
      if !(error is DiskQueueError) { ending = error }
      throw error
    }
  }

  func watching<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch { throw ending ?? error }
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
