import DiskQueueTesting
import SystemPackage
import Testing

@testable import DiskQueue
@testable import QueueInspection

@Suite struct SurveyTests {
  private static let start = Timestamp(nanoseconds: 1_000_000_000_000)

  private func survey(_ disk: any Disk, _ processes: FakeProcesses = .init()) -> Survey {
    Survey("/data", disk: disk, processes: processes) { SurveyTests.start }
  }

  @Test func `a second look reads nothing that has not changed`() throws {
    let builder = DirectoryBuilder()
    builder.segment(0, ["AAAAAA", "BBBBBB"])
    builder.metadata("1\n0,0\n0,10\n")
    let disk = FaultyDisk(builder.disk)
    var survey = survey(disk)
    let first = try survey.refresh()
    #expect(first.queues[0].depth == 2)
    #expect(first.queues[0].depthSource == "metadata+tail")
    let reads = disk.counts[.read, default: 0]
    #expect(try survey.refresh().queues == first.queues)
    #expect(disk.counts[.read, default: 0] == reads)
  }

  @Test func `a growing segment is counted on from where the last look ended`() throws {
    let builder = DirectoryBuilder()
    builder.metadata("0\n0,0\n0,0\n")
    var texts: [String] = []
    var survey = survey(builder.disk)
    for round in 1...5 {
      texts += (0..<1000).map { "round \(round) \($0)" }
      builder.segment(0, texts)
      #expect(try survey.refresh().queues[0].depth == Int64(1000 * round))
    }
  }

  @Test func `owners are told by directory lock, queue lock and open files`() throws {
    let builder = DirectoryBuilder()
    builder.segment(0, ["AAAAAA"])
    let file = try builder.disk.status(at: "/data/jobs.diskqueue.000000.dat").inode
    let directory = try builder.disk.status(at: "/data").inode
    var processes = FakeProcesses()
    processes.commands = [1: "nsqd", 2: "diskq", 3: "worker"]
    processes.open = OpenFiles(entries: [.init(process: 3, device: 1, inode: file)])
    var byFiles = survey(builder.disk, processes)
    #expect(
      try byFiles.refresh().queues[0].owner == Owner(pid: 3, command: "worker", lock: .none))
    // Once, however often it is looked at.
    let findings = try byFiles.refresh().queues[0].findings.map(\.code)
    #expect(findings.filter { $0 == .openElsewhere }.count == 1)
    let queue = try builder.open()
    let lock = try builder.disk.status(at: "/data/.diskq/locks/jobs.lock").inode
    processes.held = [.init(process: 2, exclusive: true, device: 1, inode: lock)]
    var byLock = survey(builder.disk, processes)
    #expect(
      try byLock.refresh().queues[0].owner == Owner(pid: 2, command: "diskq", lock: .queue))
    try queue.close()
    processes.held = [.init(process: 1, exclusive: true, device: 1, inode: directory)]
    var byDirectory = survey(builder.disk, processes)
    let report = try byDirectory.refresh()
    #expect(report.owner == Owner(pid: 1, command: "nsqd", lock: .directory))
    #expect(report.queues[0].owner == report.owner)
  }

  @Test func `a look takes no lock, writes nothing and makes nothing`() throws {
    let builder = DirectoryBuilder()
    builder.segment(0, ["AAAAAA"], then: [1, 2])
    let disk = FaultyDisk(builder.disk)
    let before = builder.disk.files(in: "/data")
    var survey = survey(disk)
    _ = try survey.refresh()
    _ = try Checker("/data", disk: disk).check(builder.queue, bad: true)
    var browser = try QueueBrowser(builder.queue, in: "/data", disk: disk)
    while try browser.next() != nil {}
    for call in [FaultyDisk.Call.lock, .write, .truncate, .rename, .remove, .makeDirectory] {
      #expect(disk.counts[call, default: 0] == 0)
    }
    #expect(builder.disk.files(in: "/data") == before)
  }

  @Test(arguments: [FaultyDisk.Call.open, .read, .statusAtPath])
  func `F31 a file that vanishes or cannot be read spoils no look`(call: FaultyDisk.Call) throws {
    let builder = DirectoryBuilder()
    builder.segment(0, ["AAAAAA", "BBBBBB"])
    builder.disk.plant("/data/other.diskqueue.000000.dat", DirectoryBuilder.records(["x"]))
    for (nth, cause) in [
      (1, Errno.noSuchFileOrDirectory), (2, .noSuchFileOrDirectory), (1, .ioError),
    ] {
      let disk = FaultyDisk(builder.disk)
      disk.inject(.init(call, nth: nth, cause: cause, suffix: "jobs.diskqueue.000000.dat"))
      var survey = survey(disk)
      let report = try survey.refresh()
      #expect(report.queues.contains { $0.name.description == "other" && $0.depth == 1 })
      // The next look shows the truth.
      disk.inject(nil)
      let again = try survey.refresh()
      #expect(again.queues.first { $0.name == builder.queue }?.depth == 2)
    }
  }

  @Test func `F31 a segment that shrinks under a reader ends where it ends now`() throws {
    let builder = DirectoryBuilder()
    builder.segment(0, (0..<100).map { "message \($0)" })
    var browser = try QueueBrowser(builder.queue, in: "/data", disk: builder.disk)
    #expect(try browser.next()?.text == "message 0")
    builder.segment(0, ["message 0"])
    var count = 0
    while try browser.next() != nil { count += 1 }
    #expect(count <= 100)
  }

  /// A watch that tells what a test has touched.
  private final class TestWatch: DirectoryWatch {
    private let told = Guarded<DirectoryChanges>(.entries([]))

    func touch(_ entry: String) {
      told.withLock { told in
        if case .entries(let entries) = told { told = .entries(entries.union([Array(entry.utf8)])) }
      }
    }

    func overflow() { told.withLock { $0 = .anything } }

    func changes() -> DirectoryChanges {
      told.withLock { told in
        defer { told = .entries([]) }
        return told
      }
    }
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `a watched survey says what a whole one says, after any changes`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let disk = InMemoryDisk()
    let watch = TestWatch()
    var watched = Survey("/data", disk: disk, processes: FakeProcesses(), watch: watch) {
      Self.start
    }
    var whole = survey(disk)
    for _ in 0..<60 {
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        let name = "q\(Int.random(in: 0..<4, using: &random)).diskqueue."
        let file = ["000000.dat", "000001.dat", "meta.dat", "000000.dat.bad", "meta.dat.7.tmp"]
          .randomElement(using: &random)
        let entry = name + (try #require(file))
        let path = FilePath("/data/" + entry)
        if Bool.random(using: &random), try disk.exists(path) {
          try disk.remove(path)
        } else if entry.hasSuffix("meta.dat") {
          disk.plant(path, Array("1\n0,0\n0,7\n".utf8))
        } else {
          let count = Int.random(in: 0...5, using: &random)
          disk.plant(path, DirectoryBuilder.records((0..<count).map { "m\($0)" }))
        }
        watch.touch(entry)
      }
      if Int.random(in: 0..<10, using: &random) == 0 { watch.overflow() }
      #expect(try watched.refresh().queues == whole.refresh().queues)
    }
  }

  @Test func `a quiet watched directory is neither listed nor read`() throws {
    let builder = DirectoryBuilder()
    for file in 0..<50 { builder.segment(Int64(file), ["AAAAAA"]) }
    let disk = FaultyDisk(builder.disk)
    let watch = TestWatch()
    var survey = Survey("/data", disk: disk, processes: FakeProcesses(), watch: watch) {
      Self.start
    }
    let first = try survey.look()
    #expect(first.changed == nil)
    let before = disk.counts
    let second = try survey.look()
    #expect(second.changed == [])
    #expect(second.report.queues == first.report.queues)
    let after = disk.counts
    #expect(after[.list] == before[.list])
    #expect(after[.read] == before[.read])
    #expect(after[.statusAtPath, default: 0] - before[.statusAtPath, default: 0] == 1)
    builder.segment(50, ["BBBBBB"])
    watch.touch("jobs.diskqueue.000050.dat")
    #expect(try survey.look().changed == [builder.queue])
  }

  @Test func `the kernel tells what is made, written, renamed and removed`() throws {
    let directory = try TemporaryDirectory()
    let watch = try #require(InotifyWatch(directory.path))
    #expect(watch.changes() == .entries([]))
    let disk = RealDisk()
    func name(_ entry: String) -> [UInt8] { Array(entry.utf8) }
    let handle = try disk.open(directory.path.appending("a"), .create)
    #expect(watch.changes() == .entries([name("a")]))
    try disk.writeAll(handle, [1, 2, 3].span, at: 0)
    disk.close(handle)
    #expect(watch.changes() == .entries([name("a")]))
    try disk.rename(directory.path.appending("a"), to: directory.path.appending("b"))
    #expect(watch.changes() == .entries([name("a"), name("b")]))
    try disk.remove(directory.path.appending("b"))
    #expect(watch.changes() == .entries([name("b")]))
    #expect(watch.changes() == .entries([]))
    #expect(InotifyWatch(directory.path.appending("nowhere")) == nil)
  }

  /// F41: what nsqd's list does not name is told, as soon as the list changes.
  @Test func `F41 a queue that nsqd does not know is told`() throws {
    let builder = DirectoryBuilder()
    builder.segment(0, ["AAAAAA"])
    builder.metadata("1\n0,0\n0,10\n")
    var survey = survey(builder.disk)
    func isTold() throws -> Bool {
      try survey.refresh().queues[0].findings.contains { $0.code == .unknownQueue }
    }
    #expect(try !isTold())
    let list = FilePath("/data/nsqd.dat")
    builder.disk.plant(list, Array(#"{"topics":[{"name":"other","channels":[]}]}"#.utf8))
    #expect(try isTold())
    let checked = try Checker("/data", disk: builder.disk).check(builder.queue)
    #expect(checked.findings.contains { $0.code == .unknownQueue && $0.severity == .warning })
    builder.disk.plant(list, Array(#"{"topics":[{"name":"jobs","channels":[]}]}"#.utf8))
    #expect(try !isTold())
    builder.disk.plant(list, Array("{".utf8))
    #expect(try !isTold())
  }
}
