public import ArgumentParser
public import DiskQueue
import QueueConsole
import QueueInspection
import QueueOperations
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
  var directory: Word

  var path: FilePath { directory.path }

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
  var queue: Word

  func name() throws(DiskQueueError) -> QueueName { try queue.queue() }

  /// The files of a queue that must be there.
  func files(in directory: FilePath) throws -> QueueFiles {
    let files = try QueueFiles(name(), in: directory, disk: RealDisk(below: directory))
    guard !files.isEmpty else {
      throw DiskQueueError(.notFound, "there is no queue “\(queue.visible)” here", path: directory)
    }
    return files
  }
}

/// The payload sizes of a queue, which are not on disk.
struct LimitOptions: ParsableArguments {
  @Option(name: .long, help: "The shortest message, in bytes.")
  var minMessageSize: Int?
  @Option(name: .long, help: "The longest message, in bytes.")
  var maxMessageSize = Int(Int32.max)

  var limits: RecordLimits { RecordLimits(minimum: minMessageSize ?? 0, maximum: maxMessageSize) }
}

extension DiskQueue.Options.RollRule: ExpressibleByArgument {}
extension MessageFormat: ExpressibleByArgument {
  /// Listed, although only `drain` takes the last one.
  public static var allValueStrings: [String] { (allCases + [.mpub]).map(\.rawValue) }
}

/// What the commands that write understand.
struct WriterOptions: ParsableArguments {
  @OptionGroup var limits: LimitOptions
  @Flag(name: .long, help: "Print what would happen and change nothing.")
  var dryRun = false
  @Flag(name: .long, help: "Do not ask.")
  var yes = false
  @Option(name: .long, help: "Where backups go (default: DIR/.diskq/backup).")
  var backupDir: Word?
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
  ///
  /// What it meets while it is open is told on standard error, unless `common` is quiet or nil.
  func options(for files: QueueFiles, _ common: CommonOptions? = nil) -> DiskQueue.Options {
    let guess = RollRuleGuess(files)
    var options = DiskQueue.Options()
    options.maxBytesPerFile =
      maxBytesPerFile ?? guess?.maxBytesPerFile ?? options.maxBytesPerFile
    options.rollRule = roll ?? (maxBytesPerFile == nil ? guess?.rule : nil) ?? .beforeLimit
    options.minMessageSize = limits.minMessageSize ?? 0
    options.maxMessageSize = limits.maxMessageSize
    options.syncEvery = syncEvery
    options.syncTimeout = .milliseconds(Int64(max(0, min(syncTimeout, 86400)) * 1000))
    options.assumeOffline = assumeOffline
    if let common { options.logger = DamageLog.logger(common) }
    return options
  }

  /// Where the operations' folders are, when it is not the usual place: from anywhere the same.
  var backupRoot: FilePath? { backupDir.map { Machine.absolute($0.path) } }

  func worker(_ directory: FilePath, _ files: QueueFiles, _ common: CommonOptions) -> Operator {
    var worker = Operator(
      directory, options: options(for: files, common),
      disk: RealDisk(below: directory, and: backupRoot))
    worker.backupRoot = backupRoot
    return worker
  }

  /// Runs `body` again while another process holds the queue and the time to wait is not over.
  ///
  /// With `replans` also while the files change under a plan that `body` makes: whoever held the queue
  /// has worked on it.
  ///
  /// - Throws: what `body` throws, but for what is missing: the queue is there by now, so that is a
  ///   failure. `StoppedBySignal` when a signal came.
  func waiting<Result>(replans: Bool = false, _ body: () throws -> Result) throws -> Result {
    let end = ContinuousClock.now + .milliseconds(Int64(max(0, min(wait, 86400)) * 1000))
    var missing = 0
    while true {
      do { return try body() } catch let error as DiskQueueError
        where (error.code == .inUse || replans && error.code == .planVoid)
        && ContinuousClock.now < end
      {
        Interruption.sleep(seconds: 0.05)
        if Interruption.signal != nil { throw StoppedBySignal() }
      } catch let error as DiskQueueError where error.code == .notFound {
        // The folder of the locks goes with the last who holds one, perhaps just now.
        missing += 1
        if missing > 3 { throw error.asFailure }
      }
    }
  }

  /// Finishes an operation that was interrupted on the queue, or takes it back, before a plan is made of
  /// what is there: it was confirmed when it began.
  func settle(
    _ queue: QueueName, _ worker: Operator, _ common: CommonOptions, asks: Bool = true
  ) throws {
    guard !dryRun, !asks || yes || Output.isInteractive else { return }
    switch try waiting({ try worker.settle(queue) }) {
    case .nothing: break
    case .finished(let id): common.say("diskq: operation \(id) was interrupted; it is finished now")
    case .takenBack(let id):
      common.say(
        "diskq: operation \(id) was interrupted and another program has written the queue since; it "
          + "was taken back, and what it kept is in its folder")
    }
  }

  /// Makes, confirms and applies a plan of file changes, unless this is a dry run, and tells what came of
  /// it.
  func carryOut(
    _ worker: Operator, _ common: CommonOptions, plan make: () throws -> Plan,
    done: (OperationResult) -> String
  ) throws {
    var plan = try waiting(replans: true, make)
    var result: OperationResult?
    if !dryRun, !plan.isEmpty {
      result = try confirmAndApply(&plan, worker, common, plan: make)
    }
    if common.json {
      try Output.line(PlanJSON.document(plan, applied: result))
    } else if let result {
      common.say(done(result))
    } else if !dryRun {
      common.say("\(VisibleText.string(plan.queue.bytes)): nothing to \(plan.kind.rawValue)")
    } else {
      for line in ReportText.plan(plan) { try Output.text(line) }
    }
  }

  /// Confirms and applies a plan; one that nobody had to confirm is made again for each try.
  func confirmAndApply(
    _ plan: inout Plan, _ worker: Operator, _ common: CommonOptions, plan make: () throws -> Plan
  ) throws -> OperationResult? {
    var confirmed = try confirm(plan)
    var isFirst = true
    return try waiting(replans: yes) {
      if yes, !isFirst {
        plan = try make()
        confirmed = try plan.confirmed(by: .yes)
      }
      isFirst = false
      // Whoever was waited for may have left nothing to do.
      return plan.isEmpty ? nil : try worker.apply(confirmed)
    }
  }

  /// Shows the plan and asks.
  private func confirm(_ plan: Plan) throws -> ConfirmedPlan {
    if yes { return try plan.confirmed(by: .yes) }
    return try Consent.ask(
      plan, act: plan.kind.rawValue, question: "Type the queue's name to apply: "
    ) { for line in ReportText.plan(plan) { Output.say(line) } }
  }
}

/// Asking a person before something is done.
enum Consent {
  /// Shows what would be done, and takes what is typed.
  ///
  /// - Throws: `refused` where nobody can be asked, or something else was typed.
  static func ask<Subject: Confirmable>(
    _ plan: Subject, act: String, question: String, show: () -> Void = {}
  ) throws -> Confirmed<Subject> {
    guard Output.isInteractive else {
      throw DiskQueueError(
        .refused,
        "\(act) asks before it changes anything; say --yes, or look first with --dry-run",
        path: plan.directory)
    }
    show()
    return try plan.confirmed(by: .typed(Output.ask(question) ?? []))
  }
}

extension DiskQueueError {
  /// The same as a failure: exit code 4 is about queues that are not there, and nothing else.
  var asFailure: DiskQueueError {
    DiskQueueError(.inputOutput, detail, path: path, offset: offset, cause: cause)
  }

  /// Whether a format could not carry a message.
  var isOfFormat: Bool { code == .refused && cause == .illegalByteSequence }
}
