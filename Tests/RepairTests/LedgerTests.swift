import DiskQueue
import DiskQueueTesting
import Foundation
import QueueInspection
import QueueOperations
import SystemPackage
import Testing

/// What lies under `.diskq` has one owner: nobody takes, removes or writes over what another has made,
/// and what somebody else has planted there leads nowhere.
@Suite struct LedgerTests {
  private func operate(_ directory: FilePath) -> Operator {
    let time = Timestamp(nanoseconds: 1_795_000_000_000_000_000)
    return Operator(directory, processes: FakeProcesses(), now: { time })
  }

  private func fill(_ directory: FilePath, _ name: String, _ count: Int = 5) throws {
    let queue = try DiskQueue(
      QueueName(name), directory: directory, processes: FakeProcesses())
    for index in 0..<count { try queue.put("\(name) \(index)") }
    try queue.close()
  }

  @Test func `acts at the same moment have a folder and a line each`() async throws {
    let directory = try TemporaryDirectory()
    for index in 0..<40 { try fill(directory.path, "q\(index)") }
    let path = directory.path
    let ids = try await withThrowingTaskGroup(of: String.self) { group in
      for index in 0..<40 {
        group.addTask {
          let worker = self.operate(path)
          return try worker.apply(worker.planner.empty(QueueName("q\(index)"))).id
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(Set(ids).count == 40)
    let records = try OperationStore(of: path).list()
    #expect(Set(records.map(\.id)) == Set(ids))
    for record in records {
      #expect(record.messages == 5)
      let old = record.folder.appending("old/\(record.queue).diskqueue.000000.dat")
      #expect(try RealDisk().contents(of: old)?.isEmpty == false)
      let worker = operate(path)
      _ = try worker.apply(UndoPlanner(worker.planner, record).plan())
    }
    #expect(try Audit(path).entries().count == 80)
    for index in 0..<40 {
      let queue = try DiskQueue(
        QueueName("q\(index)"), directory: path, processes: FakeProcesses())
      #expect(queue.depth == 5)
      try queue.close()
    }
  }

  @Test func `a line of the log that was cut short does not swallow the next`() throws {
    let disk = InMemoryDisk()
    let builder = DirectoryBuilder(disk: disk)
    let repairer = Repairer(builder)
    for _ in 0..<2 {
      let queue = try builder.open(repairer.options)
      try queue.put("one")
      try queue.close()
      _ = try repairer.worker.apply(repairer.worker.planner.empty(builder.queue))
      let log = disk.bytes(Audit.path("/data")) ?? []
      disk.plant(Audit.path("/data"), log + Array("{\"time\":".utf8))
    }
    #expect(try Audit("/data", disk: disk).entries().map(\.kind) == ["empty", "empty"])
  }

  @Test(arguments: [("diskq 3\n", true), ("diskq 2\n", false), ("dis", false), ("", false)])
  func `what a newer diskq left is left alone`(format: String, isRefused: Bool) throws {
    let builder = DirectoryBuilder(disk: InMemoryDisk())
    builder.segment(0, ["one"])
    builder.metadata("1\n0,0\n0,7\n")
    builder.disk.plantDeep("/data/.diskq/format", Array(format.utf8))
    let before = builder.disk.files(in: "/data")
    if isRefused {
      let error = #expect(throws: DiskQueueError.self) { try builder.open() }
      #expect(error?.code == .refused)
      #expect(builder.disk.files(in: "/data") == before)
    } else {
      try builder.open().close()
    }
  }

  @Test func `a journal of a newer diskq is not thrown away`() throws {
    let builder = DirectoryBuilder(disk: InMemoryDisk())
    builder.segment(0, ["one"])
    builder.metadata("1\n0,0\n0,7\n")
    let path = Journal.path(of: builder.queue, in: "/data")
    builder.disk.plantDeep(path, Array("diskq-journal 3\nwhatever\n".utf8))
    let error = #expect(throws: DiskQueueError.self) { try builder.open() }
    #expect(error?.code == .refused)
    #expect(builder.disk.bytes(path) != nil)
  }

  // MARK: What somebody else has planted

  /// What is planted where, as seen from the data directory; `target` lies beside it.
  enum Plant: String, CaseIterable, Sendable {
    case home, lock, lockFolder, audit, journalFolder, backup, quarantine
    case segment, metadata, fifoSegment, fifoMetadata, fifoAudit, folderSegment
  }

  private func plant(_ plant: Plant, _ directory: FilePath, _ outside: FilePath) throws {
    let files = FileManager.default
    let home = directory.appending(".diskq")
    func folder(_ path: FilePath) throws {
      try files.createDirectory(atPath: path.string, withIntermediateDirectories: true)
    }
    func link(_ path: FilePath, to target: String) throws {
      try folder(path.removingLastComponent())
      try? files.removeItem(atPath: path.string)
      try files.createSymbolicLink(
        atPath: path.string, withDestinationPath: outside.appending(target).string)
    }
    func fifo(_ path: FilePath) throws {
      try folder(path.removingLastComponent())
      try? files.removeItem(atPath: path.string)
      #expect(unsafe mkfifo(path.string, 0o600) == 0)
    }
    switch plant {
    case .home: try link(home, to: "folder")
    case .lock: try link(home.appending("locks/q.lock"), to: "file")
    case .lockFolder: try link(home.appending("locks"), to: "folder")
    case .audit: try link(home.appending("audit.jsonl"), to: "file")
    case .journalFolder: try link(home.appending("journal"), to: "folder")
    case .backup: try link(home.appending("backup"), to: "folder")
    case .quarantine: try link(home.appending("quarantine"), to: "folder")
    case .segment: try link(directory.appending("q.diskqueue.000000.dat"), to: "file")
    case .metadata: try link(directory.appending("q.diskqueue.meta.dat"), to: "file")
    case .fifoSegment: try fifo(directory.appending("q.diskqueue.000000.dat"))
    case .fifoMetadata: try fifo(directory.appending("q.diskqueue.meta.dat"))
    case .fifoAudit: try fifo(home.appending("audit.jsonl"))
    case .folderSegment:
      let path = directory.appending("q.diskqueue.000000.dat")
      try files.removeItem(atPath: path.string)
      try folder(path)
    }
  }

  /// Everything outside the directory, byte for byte, with owner and mode.
  private func look(_ outside: FilePath) throws -> [String: String] {
    var seen: [String: String] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: outside.string) {
      let path = outside.appending(name)
      let status = try RealDisk().status(at: path)
      let bytes = status.isDirectory ? nil : try RealDisk().contents(of: path)
      seen[name] = "\(status.ownership) \(status.size) \(bytes ?? [])"
    }
    return seen
  }

  @Test(arguments: Plant.allCases)
  func `nothing outside is touched and nothing hangs`(planted: Plant) throws {
    let base = try TemporaryDirectory()
    let directory = base.path.appending("data")
    let outside = base.path.appending("outside")
    let files = FileManager.default
    try files.createDirectory(atPath: directory.string, withIntermediateDirectories: false)
    try files.createDirectory(
      atPath: outside.appending("folder").string, withIntermediateDirectories: true)
    // A whole record and one that is cut short, so that opening has something to cut.
    let bytes = DirectoryBuilder.records(["secret"]) + [0, 0, 0, 9, 1]
    for name in ["file", "folder/q.lock", "folder/q.diskqueue.000000.dat", "folder/other"] {
      try Data(bytes).write(to: URL(fileURLWithPath: outside.appending(name).string))
    }
    try Data(bytes).write(
      to: URL(fileURLWithPath: directory.appending("q.diskqueue.000000.dat").string))
    try Data("1\n0,0\n0,10\n".utf8).write(
      to: URL(fileURLWithPath: directory.appending("q.diskqueue.meta.dat").string))
    try plant(planted, directory, outside)
    let before = try look(outside)
    let worker = operate(directory)
    let name = try QueueName("q")
    // Whatever can be done, done; what is refused says so.
    for act in 0..<6 {
      do throws(DiskQueueError) {
        switch act {
        case 0:
          let queue = try DiskQueue(name, directory: directory, processes: FakeProcesses())
          try queue.put("more")
          try queue.close()
        case 1:
          var survey = Survey(directory)
          _ = try survey.refresh()
        case 2: _ = try Checker(directory).check(name, bad: true)
        case 3: _ = try worker.apply(worker.planner.repair(name, .init(bad: true)))
        case 4: _ = try worker.apply(worker.planner.empty(name))
        default:
          for record in try OperationStore(of: directory).list() {
            _ = try worker.apply(UndoPlanner(worker.planner, record).plan())
          }
        }
      } catch {
        #expect(
          [.refused, .planVoid, .notFound, .damaged].contains(error.code), "\(act): \(error)")
      }
      #expect(try look(outside) == before, "act \(act)")
    }
  }

  @Test func `new files take no more of a mode than reading and writing`() throws {
    let directory = try TemporaryDirectory()
    try fill(directory.path, "q")
    let metadata = directory.path.appending("q.diskqueue.meta.dat").string
    #expect(unsafe chmod(metadata, 0o6755) == 0)
    try fill(directory.path, "q")
    let worker = operate(directory.path)
    _ = try worker.apply(worker.planner.empty(QueueName("q")))
    for name in try FileManager.default.subpathsOfDirectory(atPath: directory.path.string) {
      let status = try RealDisk().status(at: directory.path.appending(name))
      guard status.kind == .file else { continue }
      let isPlanted = name.contains("/old/") && name.hasSuffix("meta.dat")
      #expect(isPlanted || status.ownership.mode & ~0o666 == 0, "\(name)")
    }
  }

  // MARK: Crafted journals

  static let crafted: [[String]] = [
    ["folder ../../outside", "out q.diskqueue.000000.dat"],
    ["folder %2e%2e", "out q.diskqueue.000000.dat"],
    ["folder a/../../../outside", "out q.diskqueue.000000.dat"],
    ["folder id", "out ../outside/file"],
    ["folder id", "out other.diskqueue.000000.dat"],
    ["folder id", "out q.diskqueue.000000.dat%2f..%2f..%2ffile"],
    ["folder id", "place ../outside/file 1 2 3"],
    ["folder id", "bring ../../outside/file q.diskqueue.000000.dat 1 2 3"],
    ["folder id", "give id/cut/x q.diskqueue.000000.dat -1 4"],
    ["folder id", "give id/cut/x q.diskqueue.000000.dat 1 9223372036854775807"],
    ["folder id", "release ../../x"],
    ["folder id", "release other.diskqueue.000000.dat@1"],
    ["folder id", "detain ../x q.diskqueue.000000.dat@1"],
    ["folder id", "detain id/quarantine/x ../q.diskqueue.000000.dat@1"],
    ["folder id", "cut q.diskqueue.000000.dat -1"],
    ["folder id", "drop q.diskqueue.000000.dat ../x"],
    ["folder id", "flip ../outside/file 1 2 3"],
  ]

  @Test(arguments: crafted) func `a crafted journal names nothing outside`(lines: [String]) throws {
    let text = (["diskq-journal 2"] + lines + ["end", ""]).joined(separator: "\n")
    let name = try QueueName("q")
    switch Journal.read(Array(text.utf8), of: name, usual: "/data/.diskq/backup", other: nil) {
    case .unfinished: break
    default: Issue.record("it was believed: \(lines)")
    }
    let elsewhere = "diskq-journal 2\nfolder id\nroot /etc\nout q.diskqueue.000000.dat\nend\n"
    let reading = Journal.read(
      Array(elsewhere.utf8), of: name, usual: "/data/.diskq/backup", other: nil)
    guard case .elsewhere("/etc") = reading else {
      return #expect(Bool(false), "a folder elsewhere was believed")
    }
  }

  @Test func `a record of an operation names only its queue's files`() throws {
    let disk = InMemoryDisk()
    disk.plantDeep(
      "/data/.diskq/backup/id/operation",
      Array("diskq-operation 2\nkind empty\nqueue q\ntime 0\nfile ../x 1 2 3\nend\n".utf8))
    #expect(try OperationStore(of: "/data", disk: disk).list().isEmpty)
  }
}
