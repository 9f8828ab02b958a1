import ArgumentParser
import DiskQueue
import QueueInspection
import QueueOperations
import SystemPackage

/// Implements `diskq drain DIR QUEUE`, to a file, another queue or a command.
struct DrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drain",
    abstract: "Take everything off a queue, to a file, another queue or a command; a backup stays.",
    discussion: """
      A message leaves the queue only when it is safe where it goes: in a file that was synced, in a
      queue that was synced, or with a command that has read its batch and exited with 0. The command
      finds the queue's name in DISKQ_QUEUE, and the first message's place in DISKQ_BATCH.
      """)

  @OptionGroup var directory: DirectoryArgument
  @OptionGroup var queue: QueueArgument
  @Option(name: .long, help: "Append to this file, synced before messages leave; - is stdout.")
  var toFile: Word?
  @Option(name: .long, help: "Put them on this queue, synced before messages leave.")
  var toQueue: Word?
  @Option(name: .long, help: "Where that queue is (default: the same directory).")
  var toDir: Word?
  @Option(name: .long, help: "Run this by the shell for each batch, with the batch on its stdin.")
  var exec: Word?
  @Flag(name: .long, help: "A command that exits with 0 may leave some of its batch unread.")
  var allowUnread = false
  @Option(name: .long, help: "Messages handed on at once.")
  var batch = 1000
  @Option(name: .long, help: "How often a batch is tried again when the command fails.")
  var retries = 0
  @Option(name: .long, help: "Messages a second, at the most.")
  var rate: Double?
  @Option(name: .long, help: "Stop after so many seconds, between two batches.")
  var limitTime: Double?
  @OptionGroup var messages: MessageOptions
  @OptionGroup var writer: WriterOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if batch < 1 { throw ValidationError("--batch is \(batch); it starts at 1") }
    if retries < 0 { throw ValidationError("--retries is \(retries); it starts at 0") }
    if let rate, !(rate > 0 && rate <= 1e9) {
      throw ValidationError("--rate is \(rate); it is more than 0 messages a second")
    }
    if let limitTime, !(limitTime > 0 && limitTime <= 1e9) {
      throw ValidationError("--limit-time is \(limitTime); it is more than 0 seconds")
    }
    if [toFile, toQueue, exec].count(where: { $0 != nil }) != 1 {
      throw ValidationError("say where to: --to-file, --to-queue or --exec")
    }
    if allowUnread, exec == nil { throw ValidationError("--allow-unread goes with --exec") }
    if toDir != nil, toQueue == nil { throw ValidationError("--to-dir goes with --to-queue") }
  }

  mutating func run() throws {
    try directory.check()
    let name = try queue.name()
    let files = try queue.files(in: directory.path)
    let worker = writer.worker(directory.path, files, common)
    try writer.settle(name, worker, common, asks: false)
    let target = try DrainTarget(self, from: name)
    let selection = try messages.selection(default: .max)
    func make() throws -> Plan {
      messages.picks
        ? try worker.planner.move(name, selection, to: target.text)
        : try worker.planner.drain(name, to: target.text, counts: writer.dryRun)
    }
    var plan = try writer.waiting(replans: true, make)
    if writer.dryRun { return try show(plan) }
    if try !writer.waiting({ try hasMessages(plan, selection) }) { return try tell(plan, nil) }
    Interruption.watch()
    let sink = try target.open()
    let result: OperationResult
    do {
      result = try drain(&plan, make, selection, worker, sink)
    } catch {
      try? sink.close()
      throw error
    }
    try sink.close()
    try tell(plan, result)
  }

  /// Whether there is anything to hand on; else no operation is begun.
  private func hasMessages(_ plan: Plan, _ selection: MessageSelection) throws -> Bool {
    if selection.limit == 0 { return false }
    if messages.picks { return plan.messages > 0 }
    let browser = try QueueBrowser(
      plan.queue, in: directory.path, limits: writer.limits.limits)
    return browser.state.read < browser.state.write
  }

  private func drain(
    _ plan: inout Plan, _ make: () throws -> Plan, _ selection: MessageSelection,
    _ worker: Operator, _ sink: any MessageSink
  ) throws -> OperationResult {
    let meter = Meter(common, of: min(plan.messages, selection.limit))
    defer { meter.end() }
    let flow = DrainFlow(rate: rate, limitTime: limitTime, tell: meter.add)
    // As many as a buffer holds where they are not taken apart and nothing is synced.
    let most = sink.takesFrames && !sink.isDurable ? .max : Int64(batch)
    var isFirst = true
    do {
      return try writer.waiting(replans: true) {
        // Whoever held the queue has worked on it since.
        if !isFirst { plan = try make() }
        isFirst = false
        let confirmed = try plan.confirmed(by: .yes)
        var handover = Handover(batch: flow.batch(most), goesOn: flow.goesOn)
        if messages.picks {
          return try worker.move(by: confirmed, of: selection, handover, into: sink)
        }
        handover.most = selection.limit
        return try worker.drain(by: confirmed, handover, into: sink)
      }
    } catch {
      let error = (sink as? StandardOutputSink)?.ending ?? error
      // Which messages are safe elsewhere is what a script needs to go on.
      guard flow.kept > 0 else { throw error }
      common.say("diskq: \(flow.kept) messages were handed on before that")
      if let error = error as? DiskQueueError, error.isOfFormat { throw error.asFailure }
      throw error
    }
  }

  private func tell(_ plan: Plan, _ result: OperationResult?) throws {
    if common.json, toFile?.isDash != true {
      var told = plan
      if result == nil { (told.messages, told.bytes, told.steps) = (0, 0, []) }
      try Output.line(PlanJSON.document(told, applied: result))
    } else if let result {
      common.say(
        "drained \(result.messages) messages, "
          + (result.isKept
            ? "operation \(result.id)"
            : "without a backup: the disk is full, so this cannot be undone"))
    } else {
      common.say("drained 0 messages")
    }
    if Interruption.signal != nil {
      common.say("diskq: stopped by a signal; the other messages are in the queue")
      throw ExitStatus.failed.code
    }
  }

  private func show(_ plan: Plan) throws {
    if common.json { return try Output.line(PlanJSON.document(plan, applied: nil)) }
    for line in ReportText.plan(plan) { try Output.text(line) }
  }
}
