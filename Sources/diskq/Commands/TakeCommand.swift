import ArgumentParser
import DiskQueue
import QueueInspection
import QueueOperations
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
    let output = StandardOutputSink(encoder)
    let done: Int64
    do {
      done =
        messages.picks
        ? try pick(name, output, files) : try takeFirst(name, output, options)
    } catch let error as DiskQueueError where error.isOfFormat && output.hasBegun {
      throw error.asFailure
    } catch { throw output.ending ?? error }
    if common.verbose { common.say("took \(done) messages") }
    if Interruption.signal != nil { throw ExitStatus.failed.code }
    if done == 0, messages.count != 0 { throw ExitStatus.nothingThere.code }
  }

  private func takeFirst(
    _ name: QueueName, _ output: StandardOutputSink, _ options: DiskQueue.Options
  ) throws -> Int64 {
    let queue = try writer.waiting {
      try DiskQueue(name, directory: directory.path, options: options)
    }
    var done = Handover.Done()
    do {
      var source = QueueSource(queue, syncs: writer.durable, bytes: 1 << 20)
      let most = messages.limit(default: 1)
      let handover = Handover(most: Int64(most)) { _ in Interruption.signal == nil }
      try handover.run(from: &source, to: output, done: &done)
    } catch {
      try? queue.close()
      throw error
    }
    try queue.close()
    return done.left
  }

  /// Takes messages from among others, which stay in their order.
  private func pick(_ name: QueueName, _ output: StandardOutputSink, _ files: QueueFiles) throws
    -> Int64
  {
    let worker = writer.worker(directory.path, files, common)
    try writer.settle(name, worker, common, asks: false)
    let selection = try messages.selection(default: 1)
    let handover = Handover { _ in Interruption.signal == nil }
    return try writer.waiting(replans: true) {
      let plan = try worker.planner.move(name, selection, to: "stdout")
      if plan.isEmpty { return 0 }
      return try worker.move(by: plan.confirmed(by: .yes), of: selection, handover, into: output)
        .messages
    }
  }

  private func lookOnly(_ name: QueueName, _ encoder: MessageEncoder, _ options: DiskQueue.Options)
    throws
  {
    var browser = try QueueBrowser(name, in: directory.path, limits: options.limits)
    var selection = try messages.selection(default: 1)
    let output = StandardOutputSink(encoder)
    while selection.limit > 0 {
      let next = try browser.next { place in
        common.say("diskq: damage at \(place); a take would set it aside and go on behind it")
      }
      guard let message = next else { break }
      if selection.chooses(message.payload) { try output.keep(.messages([message])) }
    }
  }
}
