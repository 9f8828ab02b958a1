import ArgumentParser
import DiskQueue
import QueueConsole
import QueueInspection
import SystemPackage

/// Implements `diskq check DIR [QUEUE]`.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Read every record, list findings, change nothing.")

  @OptionGroup var directory: DirectoryArgument
  @Argument(help: "Only this queue.")
  var queue: Word?
  @Flag(name: .long, help: "Also look into .bad files and the quarantine.")
  var bad = false
  @OptionGroup var limits: LimitOptions
  @OptionGroup var common: CommonOptions

  mutating func run() throws {
    let only: QueueName? = try queue.map { word throws(DiskQueueError) in try word.queue() }
    var survey = Survey(directory.path)
    var report = try survey.refresh(only: only)
    try Found.check(report, queue)
    var checker = Checker(directory.path, limits: limits.limits)
    checker.watch = Progress.watch(
      common,
      of: report.queues.flatMap(\.segments).reduce(0) { $0 + $1.bytes })
    defer { Progress.end(common) }
    let groups = QueueFiles.group(try RealDisk(below: directory.path).list(directory.path))
    for index in report.queues.indices where report.queues[index].problem == nil {
      let owner = report.queues[index].owner
      report.queues[index] = try checker.check(
        report.queues[index].name, bad: bad, names: groups[report.queues[index].name] ?? [])
      report.queues[index].owner = owner
      report.queues[index].noteOwner(at: report.takenAt)
    }
    if common.json {
      try Output.line(ReportJSON.document(report))
    } else if !common.quiet {
      for queue in report.queues {
        let lines = ReportText.findings(queue)
        let messages = queue.segments.reduce(0) { $0 + ($1.messages ?? 0) }
        if lines.isEmpty {
          let name = VisibleText.string(queue.name.bytes)
          try Output.text("\(name): ok, \(queue.depth) unread of \(messages) messages")
        }
        for line in lines { try Output.text(line) }
      }
    }
    if report.queues.contains(where: { $0.problem != nil }) { throw ExitStatus.failed.code }
    if Found.isDamaged(report) { throw ExitStatus.damage.code }
  }
}
