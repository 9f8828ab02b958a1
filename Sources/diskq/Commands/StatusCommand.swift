import ArgumentParser
import DiskQueue
import QueueInspection
import SystemPackage

/// Implements `diskq status DIR [QUEUE]`.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "What the console shows, once, for people or --json.")

  @OptionGroup var directory: DirectoryArgument
  @Argument(help: "Only this queue.")
  var queue: Word?
  @OptionGroup var common: CommonOptions

  mutating func run() throws {
    let only: QueueName? = try queue.map { word throws(DiskQueueError) in try word.queue() }
    var survey = Survey(directory.path)
    let report = try survey.refresh(only: only)
    try Found.check(report, queue)
    if common.json {
      try Output.line(ReportJSON.document(report))
    } else if !common.quiet {
      for line in ReportText.table(report) { try Output.text(line) }
      for queue in report.queues {
        for line in ReportText.findings(queue) { try Output.text(line) }
      }
    }
    if report.queues.contains(where: { $0.problem != nil }) { throw ExitStatus.failed.code }
    if Found.isDamaged(report) { throw ExitStatus.damage.code }
  }
}

/// What a report means for an exit code.
enum Found {
  /// - Throws: `notFound` when there is no queue, or not the one asked for.
  static func check(_ report: Report, _ queue: Word?) throws(DiskQueueError) {
    guard report.queues.isEmpty else { return }
    let what =
      queue.map { "there is no queue “\($0.visible)” here" }
      ?? "there is no queue here: no file is named NAME.diskqueue.meta.dat or "
      + "NAME.diskqueue.000000.dat"
    throw DiskQueueError(.notFound, what, path: report.directory)
  }

  /// Whether something was found that somebody should look at.
  static func isDamaged(_ report: Report) -> Bool {
    report.queues.contains { ($0.severity ?? .info) > .info }
  }
}
