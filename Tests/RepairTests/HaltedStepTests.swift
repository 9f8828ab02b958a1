import DiskQueueTesting
import SystemPackage
import Testing

@testable import DiskQueue
@testable import QueueOperations

/// Single steps of an operation that is carried on: each is done once, and none where what it needs has gone.
@Suite struct HaltedStepTests {
  private static let name = Array("jobs.diskqueue.000000.dat@20".utf8)
  private static let quarantined: FilePath = "/data/.diskq/quarantine/jobs.diskqueue.000000.dat@20"
  private static let kept: FilePath = Halted.folder.appending(
    "quarantine/jobs.diskqueue.000000.dat@20")

  private func runner(_ halted: Halted, _ steps: [Journal.Step]) -> JournalRunner {
    JournalRunner(
      Journal(folder: Halted.folder, before: halted.before, steps: steps),
      Ledger("/data", disk: halted.disk))
  }

  @Test func `nothing leaves when the new metadata has gone before its moment`() throws {
    let halted = try Halted()
    let flip = try halted.flip(hasFlipped: false)
    try halted.disk.remove(Halted.folder.appending("new/jobs.diskqueue.meta.dat"))
    let error = #expect(throws: DiskQueueError.self) {
      try runner(halted, [flip, .out(Halted.segment(0))]).run()
    }
    #expect(error?.code == .planVoid)
    #expect(halted.bytes(Halted.segment(0)) != nil)
  }

  @Test(arguments: [false, true])
  func `metadata that another program has written since does not go`(isWritten: Bool) throws {
    let halted = try Halted()
    let bytes = Array("4\n0,0\n1,30\n".utf8)
    if isWritten { halted.replace(Halted.metadata, bytes) }
    try runner(halted, [.flipToNone]).run()
    #expect(halted.bytes(Halted.metadata) == (isWritten ? bytes : nil))
  }

  @Test(arguments: [false, true])
  func `what leaves the quarantine has left it once`(isDone: Bool) throws {
    let halted = try Halted()
    halted.disk.plantFolder(Halted.folder.appending("quarantine"))
    halted.disk.plantFolder("/data/.diskq/quarantine")
    halted.disk.plant(isDone ? Self.kept : Self.quarantined, [1, 2])
    halted.halt([try halted.flip(hasFlipped: true), .release(Self.name)])
    let disk = UnsyncedDisk(halted.disk)
    #expect(try halted.settle(by: disk) == .finished(id: Halted.id))
    #expect(halted.disk.bytes(Self.kept) == [1, 2])
    #expect(halted.disk.bytes(Self.quarantined) == nil)
    #expect(disk.unsynced.isDisjoint(with: [Self.kept.string, Self.quarantined.string]))
  }

  enum There: CaseIterable, Sendable { case nothing, itself, another }

  @Test(arguments: There.allCases)
  func `what comes back to the quarantine is there once, beside what is there`(there: There) throws
  {
    let halted = try Halted()
    halted.disk.plantDeep(Self.kept, [1, 2])
    halted.disk.plantFolder("/data/.diskq/quarantine")
    switch there {
    case .nothing: break
    case .itself: try halted.disk.link(Self.kept, to: Self.quarantined)
    case .another: halted.disk.plant(Self.quarantined, [9])
    }
    halted.halt([try halted.flip(hasFlipped: true), .detain(Self.kept, Self.name)])
    let disk = UnsyncedDisk(halted.disk)
    #expect(try halted.settle(by: disk) == .finished(id: Halted.id))
    let bytes = halted.disk.files(in: "/data/.diskq/quarantine").values
    #expect(Set(bytes) == (there == .another ? [[1, 2], [9]] : [[1, 2]]))
    #expect(bytes.count == (there == .another ? 2 : 1))
    #expect(!disk.unsynced.contains { $0.hasPrefix("/data/.diskq/quarantine/") })
  }

  @Test func `the quarantine of one queue is listed alone`() throws {
    let disk = InMemoryDisk()
    for name in ["jobs", "other"] {
      disk.plantDeep(FilePath("/data/.diskq/quarantine/\(name).diskqueue.000000.dat@3"), [1])
    }
    let (jobs, other) = (try QueueName("jobs"), try QueueName("other"))
    #expect(try Quarantine.list(in: "/data", disk: disk, only: jobs).keys.sorted() == [jobs])
    #expect(try Quarantine.list(in: "/data", disk: disk).keys.sorted() == [jobs, other])
  }

  // MARK: Numbers

  @Test(
    arguments: [
      (5, nil, 200_000), (99_999, nil, 200_000), (100_000, nil, 300_000), (5, 5, 200_000),
      (5, 200_000, 400_000), (5, 100_001, 300_000), (5, 300_000, 500_000), (5, 300_001, 200_000),
      (5, 400_000, 200_000),
    ] as [(Int64, Int64?, Int64)])
  func `new numbers are far behind those in use, and far from where the metadata leads`(
    last: Int64, claim: Int64?, base: Int64
  ) throws {
    var files = QueueFiles(segments: [SegmentFile(number: last, size: 10)])
    if let claim {
      let status = FileStatus(
        device: 1, inode: 1, size: 1, kind: .file,
        ownership: Ownership(user: 0, group: 0, mode: 0), modified: Timestamp(nanoseconds: 0))
      files.metadata = .init(bytes: Array("1\n\(claim),0\n\(claim),0\n".utf8), status: status)
    }
    #expect(try SegmentLayout.fresh(behind: files) == base)
  }
}
