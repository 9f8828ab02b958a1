import ArgumentParser
import DiskQueue
import QueueConsole
import QueueOperations
import SystemPackage

/// Implements `diskq purge DIR [OPERATION]`.
struct PurgeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "purge",
    abstract: "Free the space of backups: what is purged cannot be undone any more.")

  @OptionGroup var directory: DirectoryArgument
  @Argument(help: "Only this operation.")
  var operation: Word?
  @Option(name: .long, help: "Those older than this: 90s, 30m, 12h, 7d.")
  var olderThan: String?
  @Flag(name: .long, help: "All of them.")
  var all = false
  @Flag(name: .long, help: "Print what would happen and change nothing.")
  var dryRun = false
  @Flag(name: .long, help: "Do not ask.")
  var yes = false
  @Option(name: .long, help: "Where backups are (default: DIR/.diskq/backup).")
  var backupDir: Word?
  @OptionGroup var common: CommonOptions

  func validate() throws {
    let choices = [operation != nil, olderThan != nil, all].count { $0 }
    if choices != 1 {
      throw ValidationError("say which: an operation, --older-than AGE, or --all")
    }
    if let olderThan, PurgeCommand.seconds(olderThan) == nil {
      throw ValidationError("--older-than is \(olderThan); write it like 7d, 12h, 30m or 90s")
    }
  }

  mutating func run() throws {
    try directory.check()
    let store = OperationStore(
      of: directory.path, root: backupDir.map { Machine.absolute($0.path) })
    let purge = try Purge(chosen(store), of: directory.path, in: store)
    if !dryRun, !purge.isEmpty {
      var worker = Operator(directory.path)
      worker.backupRoot = backupDir.map { Machine.absolute($0.path) }
      try worker.purge(confirm(purge))
    }
    if common.json {
      var json = JSONText()
      json.object { json in
        json.member("operations", purge.operations.count)
        json.member("bytes", purge.bytes)
        json.member("applied", !dryRun)
      }
      try Output.line(json.text)
    } else {
      let verb = dryRun ? "would free" : "freed"
      common.say("\(verb) \(Numbers.bytes(purge.bytes)) of \(purge.operations.count) operations")
    }
  }

  private func chosen(_ store: OperationStore) throws -> [OperationRecord] {
    if let operation { return [try store.find(operation.text)] }
    let all = try store.list()
    guard let age = olderThan.flatMap(PurgeCommand.seconds) else { return all }
    let limit = Machine.now().seconds - age
    return all.filter { $0.time.seconds < limit }
  }

  private func confirm(_ purge: Purge) throws -> Confirmed<Purge> {
    if yes { return try purge.confirmed(by: .yes) }
    return try Consent.ask(
      purge, act: "purge",
      question:
        "\(purge.operations.count) operations with \(Numbers.bytes(purge.bytes)) go for good. "
        + "Type purge to go on: ")
  }

  /// Seconds of `7d`, `12h`, `30m`, `90s`.
  static func seconds(_ age: String) -> Int64? {
    let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
    guard let last = age.last, let unit = units[last], let number = Int64(age.dropLast()),
      number >= 0
    else { return nil }
    let (seconds, overflow) = number.multipliedReportingOverflow(by: unit)
    return overflow ? nil : seconds
  }
}
