import DiskQueue
import DiskQueueTesting
import QueueInspection
import SystemPackage
import Testing

/// What looks are shown of a queue on which an operation stands still, and when they learn of it.
@Suite struct HaltedViewTests {
  private static let new = Halted.segment(7)
  private static let kept: FilePath = Halted.folder.appending("cut/kept")

  private func shown(_ halted: Halted) throws -> [Int64: Int64] {
    var files = try QueueFiles(halted.queue, in: "/data", disk: halted.disk)
    try Interrupted.hide(&files, of: halted.queue, in: "/data", disk: halted.disk)
    return Dictionary(uniqueKeysWithValues: files.segments.map { ($0.number, $0.size) })
  }

  @Test(arguments: [false, true])
  func `before the moment nothing is shown that has come`(isAnothers: Bool) throws {
    let halted = try Halted()
    halted.disk.plant(Halted.path(Self.new), [1, 2, 3])
    halted.disk.plant(Self.kept, [4, 5, 6])
    halted.halt([
      .place(try halted.image(Halted.path(Self.new), as: Self.new)),
      .give(Self.kept, Halted.segment(0), at: 20, count: 3),
      try halted.flip(hasFlipped: false),
    ])
    if isAnothers {
      halted.replace(Self.new, [7])
      try halted.grow(Halted.segment(0), by: [9, 9])
    } else {
      try halted.grow(Halted.segment(0), by: [4, 5])
    }
    #expect(try shown(halted) == (isAnothers ? [0: 22, 1: 20, 7: 1] : [0: 20, 1: 20]))
  }

  @Test(arguments: [false, true])
  func `behind the moment nothing is shown that has still to leave`(isAnothers: Bool) throws {
    let halted = try Halted()
    halted.halt([
      try halted.flip(hasFlipped: true), .out(Halted.segment(0)), .cut(Halted.segment(1), 10),
    ])
    if isAnothers {
      halted.replace(Halted.segment(0), [7])
      try halted.grow(Halted.segment(1), by: [9, 9])
    }
    #expect(try shown(halted) == (isAnothers ? [0: 1, 1: 22] : [1: 10]))
  }

  // MARK: Surveys

  /// Nothing in the data directory tells of what happens below `.diskq`.
  private final class Silent: DirectoryWatch {
    func changes() -> DirectoryChanges { .entries([]) }
  }

  private func survey(_ disk: any Disk, _ time: Guarded<Int64>) -> Survey {
    Survey("/data", disk: disk, processes: FakeProcesses(), watch: Silent()) {
      Timestamp(nanoseconds: time.withLock { $0 })
    }
  }

  private static let second: Int64 = 1_000_000_000

  @Test func `the first look leaves out what an operation has only begun to bring`() throws {
    let halted = try Halted()
    halted.disk.plant(Halted.path(Self.new), [1, 2, 3])
    halted.halt([
      .place(try halted.image(Halted.path(Self.new), as: Self.new)),
      try halted.flip(hasFlipped: false),
    ])
    var survey = survey(halted.disk, Guarded(Self.second))
    let report = try survey.refresh().queues[0]
    #expect(report.segments.count == 2)
    #expect(report.findings.map(\.code) == [.unfinishedOperation])
  }

  @Test func `an operation that stops beside a quiet queue is told within seconds`() throws {
    let halted = try Halted()
    let time = Guarded(Self.second)
    var survey = survey(halted.disk, time)
    #expect(try survey.refresh().queues[0].findings.isEmpty)
    halted.halt([try halted.flip(hasFlipped: false)])
    halted.disk.plantDeep("/data/.diskq/quarantine/jobs.diskqueue.000000.dat@3", [1])
    time.withLock { $0 += 31 * Self.second }
    let codes = try survey.refresh().queues[0].findings.map(\.code)
    #expect(Set(codes) == [.unfinishedOperation, .quarantined])
  }

  @Test func `a queue that could not be read is looked at again, though nothing is told of it`()
    throws
  {
    let halted = try Halted()
    let disk = FaultyDisk(halted.disk)
    disk.inject(.init(.open, times: 5, suffix: "jobs.diskqueue.meta.dat"))
    let time = Guarded(Self.second)
    var survey = survey(disk, time)
    #expect(try survey.refresh().queues[0].problem != nil)
    disk.inject(nil)
    time.withLock { $0 += Self.second }
    #expect(try survey.refresh().queues[0].problem == nil)
  }

  @Test func `a directory is listed each minute, though nothing is told of it`() throws {
    let halted = try Halted()
    let time = Guarded(Self.second)
    var survey = survey(halted.disk, time)
    _ = try survey.refresh()
    halted.disk.plant("/data/other.diskqueue.000000.dat", [])
    #expect(try survey.refresh().queues.count == 1)
    time.withLock { $0 += 61 * Self.second }
    #expect(try survey.refresh().queues.count == 2)
  }
}
