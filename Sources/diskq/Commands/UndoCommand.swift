import ArgumentParser
import DiskQueue
import QueueConsole
import QueueInspection
import QueueOperations
import SystemPackage

/// Implements `diskq undo DIR [OPERATION]`.
struct UndoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "undo",
    abstract: "List operations that can be undone, or bring everything back as it was before one.")

  @OptionGroup var directory: DirectoryArgument
  @Argument(help: "The operation; without it, they are listed.")
  var operation: Word?
  @OptionGroup var writer: WriterOptions
  @OptionGroup var common: CommonOptions

  mutating func run() throws {
    try directory.check()
    let store = OperationStore(of: directory.path, root: writer.backupRoot)
    guard let operation else { return try list(store) }
    let record = try store.find(operation.text)
    let files = try QueueFiles(
      record.queue, in: directory.path, disk: RealDisk(below: directory.path))
    let worker = writer.worker(directory.path, files, common)
    try writer.settle(record.queue, worker, common)
    try writer.carryOut(
      worker, common,
      plan: { try UndoPlanner(worker.planner, try store.find(operation.text)).plan() },
      done: { "undid \(operation.visible), operation \($0.id)" })
  }

  private func list(_ store: OperationStore) throws {
    for record in try store.list() {
      if common.json {
        try Output.line(OperationText.json(record, bytes: try store.bytes(record)))
      } else {
        try Output.text(OperationText.line(record, bytes: try store.bytes(record)))
      }
    }
  }
}

/// Operations for people and for scripts.
enum OperationText {
  static func line(_ record: OperationRecord, bytes: Int64) -> String {
    "\(record.id)  \(record.kind.rawValue)  \(VisibleText.string(record.queue.bytes))  "
      + "\(Numbers.messages(record.messages))  \(Numbers.bytes(bytes))  \(record.state.rawValue)"
  }

  static func json(_ record: OperationRecord, bytes: Int64) -> String {
    var json = JSONText()
    json.object { json in
      json.member("operation", record.id)
      json.member("kind", record.kind.rawValue)
      json.member("queue", record.queue)
      json.member("time", record.time.rfc3339)
      json.member("messages", record.messages)
      json.member("bytes", bytes)
      json.member("state", record.state.rawValue)
    }
    return json.text
  }
}
