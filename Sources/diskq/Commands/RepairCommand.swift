import ArgumentParser
import DiskQueue
import QueueConsole
import QueueInspection
import QueueOperations
import SystemPackage

/// Implements `diskq repair DIR [QUEUE]`.
struct RepairCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repair",
    abstract: "Mend metadata, torn tails, damaged segments, leftovers: plan, show, back up, apply.")

  @OptionGroup var directory: DirectoryArgument
  @Argument(help: "Only this queue.")
  var queue: Word?
  @Flag(name: .long, help: "Also look into .bad files and the quarantine.")
  var bad = false
  @Flag(
    name: .long,
    help: "Put what .bad files and the quarantine surely never delivered back on the queue.")
  var requeueBad = false
  @Flag(name: .long, help: "Put everything readable in .bad files back, perhaps a second time.")
  var requeueBadAll = false
  @Flag(name: .long, help: "Move whole .bad files to the backup.")
  var setAsideBad = false
  @Flag(name: .long, help: "Put back what may be a message, too.")
  var guesses = false
  @OptionGroup var writer: WriterOptions
  @OptionGroup var common: CommonOptions

  mutating func run() throws {
    try directory.check()
    let only: QueueName? = try queue.map { word throws(DiskQueueError) in try word.queue() }
    let groups = QueueFiles.group(try RealDisk(below: directory.path).list(directory.path))
    let names = groups.keys.filter { only == nil || $0 == only }.sorted()
    guard !names.isEmpty else {
      throw DiskQueueError(
        .notFound,
        queue.map { "there is no queue “\($0.visible)” here" } ?? "there is no queue here",
        path: directory.path)
    }
    var isDamaged = false
    for name in names {
      let files = try QueueFiles(
        name, groups[name] ?? [], in: directory.path, disk: RealDisk(below: directory.path))
      let worker = writer.worker(directory.path, files, common)
      try writer.settle(name, worker, common)
      var planner = worker.planner
      planner.names = groups[name]
      func make() throws -> Plan {
        defer {
          Progress.end(common)
          planner.names = nil
        }
        return try planner.repair(
          name,
          .init(
            bad: bad, requeuesBad: requeueBad, requeuesAllBad: requeueBadAll,
            setsBadAside: setAsideBad, guesses: guesses),
          watch: Progress.watch(common, of: files.totalBytes))
      }
      var plan = try writer.waiting(replans: true, make)
      try apply(&plan, worker, make)
      isDamaged = isDamaged || !plan.remaining.isEmpty
    }
    if isDamaged { throw ExitStatus.damage.code }
  }

  private func apply(_ plan: inout Plan, _ worker: Operator, _ make: () throws -> Plan) throws {
    var result: OperationResult?
    if !writer.dryRun, !plan.isEmpty {
      result = try writer.confirmAndApply(&plan, worker, common, plan: make)
    }
    let name = VisibleText.string(plan.queue.bytes)
    if common.json {
      try Output.line(try document(plan, result))
    } else if let result {
      common.say("repaired \(name), operation \(result.id)")
    } else if plan.isEmpty {
      common.say("\(name): nothing to repair")
    } else {
      for line in ReportText.plan(plan) { try Output.text(line) }
    }
    for finding in plan.remaining { common.say("diskq: not mended: \(finding.text)") }
  }

  /// The queue as it is now, and the plan.
  private func document(_ plan: Plan, _ result: OperationResult?) throws -> String {
    let report = try Checker(directory.path, limits: writer.limits.limits).check(plan.queue)
    var json = JSONText()
    json.object { json in
      ReportJSON.members(report, &json)
      PlanJSON.steps(of: plan, &json)
      json.member("applied", result != nil)
      json.member("operation", result?.id)
      json.member("seen", plan.fingerprint)
      json.member("recovered", plan.after.depth)
      json.member("requeued", plan.requeued)
      json.member("lost", plan.lost)
      json.member("lostBytes", plan.lostBytes)
      json.member("uncertain", plan.uncertain)
    }
    return json.text
  }
}
