import ArgumentParser
import DiskQueueTesting
import Foundation
import QueueInspection
import QueueOperations
import SystemPackage
import Testing

@testable import DiskQueue
@testable import diskq

/// Each command that changes a queue first deals with an operation that was interrupted on it, and makes its
/// plan anew where the queue has moved on.
@Suite struct SettlingTests {
  private static let name: QueueName = {
    do { return try QueueName("jobs") } catch { preconditionFailure("\(error)") }
  }()

  /// What a writer that was killed has left, which a repair sets aside.
  private static let left = "jobs.diskqueue.meta.dat.7.tmp"

  private func worker(_ path: FilePath, _ disk: (any Disk)? = nil) -> Operator {
    var worker = Operator(path, disk: disk)
    worker.options.checksOpenFiles = false
    return worker
  }

  @discardableResult
  private func skip(_ worker: Operator) throws -> String {
    try worker.apply(worker.planner.skip(Self.name, 1)).id
  }

  /// A directory with four messages, the first passed over by an operation, and another one like it that
  /// died between its journal and its first rename; tells the first one's name.
  private func halted() throws -> (TemporaryDirectory, first: String, second: String) {
    let directory = try TemporaryDirectory()
    let queue = try DiskQueue("jobs", directory: directory.path)
    for text in ["one", "two", "three", "four"] { try queue.put(text) }
    try queue.close()
    try RealDisk().writeNew(directory.path.appending(Self.left), [], ownership: nil)
    let first = try skip(worker(directory.path))
    let disk = FaultyDisk(RealDisk(below: directory.path))
    disk.inject(.init(.rename, times: 100))
    #expect(throws: DiskQueueError.self) { try skip(worker(directory.path, disk)) }
    let second = try #require(
      try OperationStore(of: directory.path).list().map(\.id).first { $0 != first })
    #expect(try Interrupted.pending(Self.name, ledger(directory)) == second)
    return (directory, first, second)
  }

  private func ledger(_ directory: TemporaryDirectory) -> Ledger {
    Ledger(directory.path, disk: RealDisk())
  }

  static let commands: [[String]] = [
    ["drain", "D", "jobs", "--to-file", "D/out"], ["empty", "D", "jobs", "--yes"],
    ["repair", "D", "jobs", "--yes"], ["take", "D", "jobs"],
    ["put", "D", "jobs", "--text", "five"],
    ["undo", "D", "SECOND", "--yes"],
  ]

  @Test(arguments: commands) func `a command finishes what was interrupted, and then does its own`(
    words: [String]
  ) async throws {
    let (directory, _, second) = try halted()
    let path = directory.path.string
    let outcome = try await Program.diskq(
      words.map { word in
        word == "SECOND"
          ? second : word == "D" || word.hasPrefix("D/") ? path + word.dropFirst() : word
      })
    #expect(outcome.code == 0)
    #expect(try Interrupted.pending(Self.name, ledger(directory)) == nil)
    let record = try OperationStore(of: directory.path).find(second)
    #expect(record.state == (words[0] == "undo" ? .undone : .done))
    // A repair does not end with what it has finished.
    if words[0] == "repair" { #expect(try !RealDisk().exists(directory.path.appending(Self.left))) }
  }

  /// What it says of a dry run is what is there; nothing is finished for it.
  @Test func `a dry run finishes nothing`() async throws {
    let (directory, _, second) = try halted()
    let outcome = try await Program.diskq([
      "repair", directory.path.string, "jobs", "--dry-run",
    ])
    #expect(outcome.code == 0)
    #expect(try Interrupted.pending(Self.name, ledger(directory)) == second)
  }

  // MARK: Waiting

  private func options(_ words: String...) throws -> WriterOptions {
    try WriterOptions.parse(words)
  }

  @Test func `a plan that nobody had to confirm is made anew for each try`() throws {
    let directory = try TemporaryDirectory()
    let worker = worker(directory.path)
    func put(_ text: String) throws {
      let queue = try DiskQueue("jobs", directory: directory.path)
      try queue.put(text)
      try queue.close()
    }
    try put("one")
    var plan = try worker.planner.empty(Self.name)
    try put("two")
    var made = 0
    let result = try options("--yes", "--wait", "20").confirmAndApply(
      &plan, worker, CommonOptions.parse(["--quiet"])
    ) {
      made += 1
      return try worker.planner.empty(Self.name)
    }
    #expect(result?.messages == 2)
    #expect(made == 1)
  }

  @Test(arguments: [(DiskQueueError.Code.notFound, 4), (.refused, 1), (.planVoid, 1)])
  func `what is missing is looked for again, and is a failure then`(
    code: DiskQueueError.Code, tries: Int
  ) throws {
    var count = 0
    let error = #expect(throws: DiskQueueError.self) {
      try options("--yes").waiting(replans: true) { () throws -> Void in
        count += 1
        throw DiskQueueError(code, "a test")
      }
    }
    #expect(count == tries)
    #expect(error?.code == (code == .notFound ? .inputOutput : code))
  }

  // MARK: What is told by files and words

  @Test func `a backup's place is the same from anywhere`() throws {
    #expect(try options("--backup-dir", "kept").backupRoot?.isAbsolute == true)
    #expect(try options("--backup-dir", "/kept").backupRoot == "/kept")
    #expect(try options().backupRoot == nil)
  }

  @Test(
    arguments: [
      ([], 999, .afterLimit), (["--max-bytes-per-file", "50"], 50, .beforeLimit),
      (["--roll", "before-limit"], 999, .beforeLimit),
    ] as [([String], Int64, DiskQueue.Options.RollRule)])
  func `the segments tell when one is finished, unless the operator does`(
    words: [String], limit: Int64, rule: DiskQueue.Options.RollRule
  ) throws {
    let sizes: [Int64] = [1000, 1000, 5]
    let files = QueueFiles(
      segments: sizes.enumerated().map { SegmentFile(number: Int64($0), size: $1) })
    let told = try WriterOptions.parse(words).options(for: files)
    #expect(told.maxBytesPerFile == limit)
    #expect(told.rollRule == rule)
  }

  @Test func `the name of an owner's process is no order to the terminal`() throws {
    var survey = Survey(
      "/data", disk: DirectoryBuilder.owned(), processes: DirectoryBuilder.owner("\u{1b}[2J"),
      now: { Timestamp(nanoseconds: 0) })
    let table = ReportText.table(try survey.refresh())
    #expect(table.count == 2)
    #expect(!table.joined().contains("\u{1b}"))
  }
}

extension DirectoryBuilder {
  fileprivate static func owned() -> InMemoryDisk {
    let builder = DirectoryBuilder()
    builder.segment(0, ["one"])
    builder.metadata("1\n0,0\n0,7\n")
    return builder.disk
  }

  /// A process of that name which has the directory of ``owned()``.
  fileprivate static func owner(_ name: String) -> FakeProcesses {
    var processes = FakeProcesses()
    let inode = (try? owned().status(at: "/data").inode) ?? 0
    processes.held = [.init(process: 7, exclusive: true, device: 1, inode: inode)]
    processes.commands = [7: name]
    return processes
  }
}
