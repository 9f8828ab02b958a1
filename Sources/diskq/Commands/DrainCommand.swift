import ArgumentParser
import DiskQueue
import SystemPackage

/// Implements `diskq drain DIR QUEUE --to-file F`.
struct DrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drain",
    abstract: "Take everything off a queue into a file; what is read stays in the backup.")

  @OptionGroup var directory: DirectoryArgument
  @OptionGroup var queue: QueueArgument
  @Option(name: .long, help: "Append to this file, synced before messages leave; - is stdout.")
  var toFile: String
  @Option(name: .long, help: "Messages handed on at once.")
  var batch = 1000
  @OptionGroup var messages: MessageOptions
  @OptionGroup var writer: WriterOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if batch < 1 { throw ValidationError("--batch is \(batch); it starts at 1") }
  }

  mutating func run() throws {
    try directory.check()
    let name = try queue.name()
    let files = try queue.files(in: directory.path)
    let worker = writer.worker(directory.path, files)
    let plan = try worker.planner.drain(name, to: toFile == "-" ? "stdout" : toFile)
    if writer.dryRun { return try show(plan) }
    let sink = try sink(messages.encoder(name, common))
    var gate = WriteGate()
    gate.unlock()
    guard let token = gate.token else { return }
    var pipeClosed = false
    let result: OperationResult
    do {
      result = try writer.waiting {
        try worker.drain(
          by: plan, token, most: Int64(messages.limit(default: .max)), batch: batch
        ) { messages in
          do { try sink(messages) } catch let error as ClosedPipe {
            pipeClosed = true
            throw error
          }
        }
      }
    } catch {
      if pipeClosed { throw ClosedPipe() }
      throw error
    }
    if common.json, toFile != "-" {
      try Output.line(PlanJSON.document(plan, applied: result))
    } else {
      common.say("drained \(result.messages) messages, operation \(result.id)")
    }
  }

  private func show(_ plan: Plan) throws {
    if common.json { return try Output.line(PlanJSON.document(plan, applied: nil)) }
    for line in ReportText.plan(plan) { try Output.line(line) }
  }

  private func sink(_ encoder: MessageEncoder) throws -> Operator.Sink {
    if toFile == "-" {
      return { batch in
        var output: [UInt8] = []
        for message in batch { encoder.encode(message, into: &output) }
        try Output.write(output)
      }
    }
    let file = try FileSink(FilePath(toFile), encoder: encoder)
    return { batch in try file.write(batch) }
  }
}
