public import ArgumentParser
public import DiskQueue
import SystemPackage

/// What every command understands.
struct CommonOptions: ParsableArguments {
  @Flag(name: .long, help: "Machine output on stdout: one document or one line per item.")
  var json = false
  @Flag(name: .shortAndLong, help: "Say nothing but errors.")
  var quiet = false
  @Flag(name: .shortAndLong, help: "Say more on stderr.")
  var verbose = false
  @Flag(name: .long, help: "No colours (also NO_COLOR).")
  var noColor = false

  /// A line on standard error unless quiet.
  func say(_ text: String) { if !quiet { Output.say(text) } }
}

/// The data directory of a command.
struct DirectoryArgument: ParsableArguments {
  @Argument(help: "The data directory.", completion: .directory)
  var directory: String

  var path: FilePath { FilePath(directory) }

  /// - Throws: `notFound` when it is not a directory, or what the system says.
  func check() throws {
    guard try RealDisk().status(at: path).isDirectory else {
      throw DiskQueueError(.notFound, "this is not a directory", path: path)
    }
  }
}

/// The queue of a command.
struct QueueArgument: ParsableArguments {
  @Argument(help: "The queue: the part of its file names before “.diskqueue.”.")
  var queue: String

  func name() throws(DiskQueueError) -> QueueName { try QueueName(queue) }

  /// The files of a queue that must be there.
  func files(in directory: FilePath) throws -> QueueFiles {
    let files = try QueueFiles(name(), in: directory, disk: RealDisk())
    guard !files.isEmpty else {
      throw DiskQueueError(.notFound, "there is no queue “\(queue)” here", path: directory)
    }
    return files
  }
}

/// The payload sizes of a queue, which are not on disk.
struct LimitOptions: ParsableArguments {
  @Option(name: .long, help: "The shortest message, in bytes.")
  var minMessageSize = 0
  @Option(name: .long, help: "The longest message, in bytes.")
  var maxMessageSize = Int(Int32.max)

  var limits: RecordLimits { RecordLimits(minimum: minMessageSize, maximum: maxMessageSize) }
}

extension DiskQueue.Options.RollRule: ExpressibleByArgument {}
extension MessageFormat: ExpressibleByArgument {}

/// What the commands that write understand.
struct WriterOptions: ParsableArguments {
  @OptionGroup var limits: LimitOptions
  @Flag(name: .long, help: "Print what would happen and change nothing.")
  var dryRun = false
  @Flag(name: .long, help: "Do not ask.")
  var yes = false
  @Option(name: .long, help: "Where backups go (default: DIR/.diskq/backup).")
  var backupDir: String?
  @Flag(name: .long, help: "Go on when it cannot be seen who has the files open.")
  var assumeOffline = false
  @Option(
    name: .long, help: "Bytes at which a segment is rolled (default: told from the segments).")
  var maxBytesPerFile: Int64?
  @Option(name: .long, help: "When a segment is rolled: before-limit or after-limit.")
  var roll: DiskQueue.Options.RollRule?
  @Option(name: .long, help: "Operations between two syncs.")
  var syncEvery = 2500
  @Option(name: .long, help: "Seconds between an operation and its sync.")
  var syncTimeout = 2.0
  @Flag(name: .long, help: "Sync before each batch counts as done.")
  var durable = false
  @Option(name: .long, help: "Seconds to wait for the queue's lock.")
  var wait = 0.0

  /// How the queue is opened, with what `files` tell where the operator does not.
  func options(for files: QueueFiles) -> DiskQueue.Options {
    let guess = RollRuleGuess(files)
    var options = DiskQueue.Options()
    options.maxBytesPerFile =
      maxBytesPerFile ?? guess?.maxBytesPerFile ?? options.maxBytesPerFile
    options.rollRule = roll ?? guess?.rule ?? .beforeLimit
    options.minMessageSize = limits.minMessageSize
    options.maxMessageSize = limits.maxMessageSize
    options.syncEvery = syncEvery
    options.syncTimeout = .milliseconds(Int64(max(0, min(syncTimeout, 86400)) * 1000))
    options.assumeOffline = assumeOffline
    return options
  }

  /// Where the operations' folders are, when it is not the usual place: from anywhere the same.
  var backupRoot: FilePath? { backupDir.map { Machine.absolute(FilePath($0)) } }

  func worker(_ directory: FilePath, _ files: QueueFiles) -> Operator {
    var worker = Operator(directory, options: options(for: files))
    worker.backupRoot = backupRoot
    return worker
  }

  /// Runs `body` again while another process holds the queue and the time to wait is not over.
  func waiting<Result>(_ body: () throws -> Result) throws -> Result {
    let end = ContinuousClock.now + .milliseconds(Int64(max(0, min(wait, 86400)) * 1000))
    while true {
      do { return try body() } catch let error as DiskQueueError
        where error.code == .inUse && ContinuousClock.now < end
      {
        Machine.sleep(milliseconds: 50)
      }
    }
  }

  /// Confirms and applies a plan of file changes, unless this is a dry run, and tells what came of it.
  func carryOut(
    _ plan: Plan, _ worker: Operator, _ common: CommonOptions,
    done: (OperationResult) -> String
  ) throws {
    var result: OperationResult?
    if !dryRun {
      let token = try confirm(plan, common)
      result = try waiting { try worker.apply(plan, token) }
    }
    if common.json {
      try Output.line(PlanJSON.document(plan, applied: result))
    } else if let result {
      common.say(done(result))
    } else {
      for line in ReportText.plan(plan) { try Output.line(line) }
    }
  }

  /// Shows the plan and asks; nil when the operator does not want it.
  func confirm(_ plan: Plan, _ common: CommonOptions) throws -> WriteToken {
    var gate = WriteGate()
    if !yes {
      guard Output.isInteractive else {
        throw DiskQueueError(
          .refused,
          "\(plan.kind.rawValue) asks before it changes a queue; say --yes, or look first "
            + "with --dry-run", path: plan.directory)
      }
      for line in ReportText.plan(plan) { Output.say(line) }
      let name = plan.queue.description
      guard Output.ask("Type the queue's name to apply: ") == name else {
        throw DiskQueueError(.refused, "not confirmed; nothing was changed", path: plan.directory)
      }
    }
    gate.unlock()
    guard let token = gate.token else { preconditionFailure("an unlocked gate has a token") }
    return token
  }
}
