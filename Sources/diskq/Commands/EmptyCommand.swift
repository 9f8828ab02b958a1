import ArgumentParser
import DiskQueue
import QueueOperations
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
    let worker = writer.worker(directory.path, files, common)
    try writer.settle(queue.name(), worker, common)
    try writer.carryOut(
      worker, common, plan: { try worker.planner.empty(queue.name()) },
      done: { "dropped \($0.messages) messages, operation \($0.id)" })
  }
}
