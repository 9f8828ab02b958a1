import ArgumentParser
import DiskQueue
import SystemPackage

/// Implements `diskq drain DIR QUEUE`, to a file or another queue.
struct DrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drain",
    abstract: "Take everything off a queue, to a file or another queue; a backup stays.")

  @OptionGroup var directory: DirectoryArgument
  @OptionGroup var queue: QueueArgument
  @Option(name: .long, help: "Append to this file, synced before messages leave; - is stdout.")
  var toFile: String?
  @Option(name: .long, help: "Put them on this queue, synced before messages leave.")
  var toQueue: String?
  @Option(name: .long, help: "Where that queue is (default: the same directory).")
  var toDir: String?
  @Option(name: .long, help: "Messages handed on at once.")
  var batch = 1000
  @OptionGroup var messages: MessageOptions
  @OptionGroup var writer: WriterOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if batch < 1 { throw ValidationError("--batch is \(batch); it starts at 1") }
    if (toFile == nil) == (toQueue == nil) {
      throw ValidationError("say where to: --to-file or --to-queue")
    }
    if toDir != nil, toQueue == nil { throw ValidationError("--to-dir goes with --to-queue") }
  }

  mutating func run() throws {
    try directory.check()
    let name = try queue.name()
    let files = try queue.files(in: directory.path)
    let worker = writer.worker(directory.path, files)
    let target = try target(name)
    let plan = try worker.planner.drain(name, to: target.text)
    if writer.dryRun { return try show(plan) }
    let queue = try target.queue.map { try open($0) }
    defer { try? queue?.close() }
    let sink =
      try queue.map { queue in { (batch: [Message]) in try DrainCommand.move(batch, to: queue) } }
      ?? sink(messages.encoder(name, common))
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

  /// Where the messages go: in words, and which queue that is.
  private func target(_ source: QueueName) throws
    -> (text: String, queue: (name: QueueName, directory: FilePath)?)
  {
    guard let toQueue else { return (toFile == "-" ? "stdout" : toFile ?? "", nil) }
    let name = try QueueName(toQueue)
    let path = toDir.map { FilePath($0) } ?? directory.path
    let disk = RealDisk()
    let here = try disk.status(at: directory.path)
    let there = try disk.status(at: path)
    if name == source, here.inode == there.inode, here.device == there.device {
      throw ValidationError("a queue cannot be drained to itself")
    }
    return ("queue \(name)" + (toDir.map { " in \($0)" } ?? ""), (name, path))
  }

  private func open(_ target: (name: QueueName, directory: FilePath)) throws -> DiskQueue {
    let files = try QueueFiles(target.name, in: target.directory, disk: RealDisk())
    var options = writer.options(for: files)
    // The limits given are the source's; what is in it must fit the target.
    options.minMessageSize = 0
    options.maxMessageSize = Int(Int32.max)
    return try writer.waiting {
      try DiskQueue(target.name, directory: target.directory, options: options)
    }
  }

  /// The target is durable before the source lets go: a crash between gives a batch twice, never none.
  private static func move(_ batch: [Message], to queue: DiskQueue) throws {
    try queue.put(contentsOf: batch.map(\.payload))
    try queue.sync()
  }

  private func sink(_ encoder: MessageEncoder) throws -> Operator.Sink {
    if toFile == "-" {
      return { batch in
        var output: [UInt8] = []
        for message in batch { encoder.encode(message, into: &output) }
        try Output.write(output)
      }
    }
    let file = try FileSink(FilePath(toFile ?? ""), encoder: encoder)
    return { batch in try file.write(batch) }
  }
}
