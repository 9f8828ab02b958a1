import ArgumentParser
import DiskQueue
import SystemPackage

/// Implements `diskq empty DIR QUEUE`.
struct EmptyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "empty", abstract: "Drop all messages; their segments stay in the backup.")

  @OptionGroup var directory: DirectoryArgument
  @OptionGroup var queue: QueueArgument
  @OptionGroup var writer: WriterOptions
  @OptionGroup var common: CommonOptions

  mutating func run() throws {
    try directory.check()
    let files = try queue.files(in: directory.path)
    let worker = writer.worker(directory.path, files)
    let plan = try worker.planner.empty(queue.name())
    var result: OperationResult?
    if !writer.dryRun {
      let token = try writer.confirm(plan, common)
      result = try writer.waiting { try worker.apply(plan, token) }
    }
    if common.json {
      try Output.line(PlanJSON.document(plan, applied: result))
    } else if let result {
      common.say("dropped \(result.messages) messages, operation \(result.id)")
    } else {
      for line in ReportText.plan(plan) { try Output.line(line) }
    }
  }
}
