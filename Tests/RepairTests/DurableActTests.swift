import DiskQueue
import DiskQueueTesting
import QueueOperations
import SystemPackage
import Testing

/// When an act has returned, a power loss takes nothing of it; and its one moment comes only when all
/// that the metadata is about to speak of is on the disk.
@Suite struct DurableActTests {
  enum Act: String, CaseIterable, Sendable {
    case empty, skip, move, repair, cut, drain, inject, undo, undoMove, undoCut, undoInject
  }

  /// What of the unsynced matters on a disk.
  ///
  /// Locks and journals are gone, or worth nothing, after a power loss; and an operation's folder may have a
  /// name again for what has left it.
  private static func atRisk(_ unsynced: Set<String>, _ disk: InMemoryDisk) -> Set<String> {
    unsynced.filter { path in
      let isGone = (try? disk.exists(FilePath(path))) == false
      let isInFolder = path.hasPrefix("/data/.diskq/backup/") && FilePath(path).components.count > 5
      let isPassing = ["/data/.diskq/locks", "/data/.diskq/journal"].contains { path.hasPrefix($0) }
      return !isPassing && path != "/data/.diskq" && !(isInFolder && isGone)
    }
  }

  /// A queue, with the damage and the operation that an act is about.
  private func stage(_ act: Act, links: Bool) throws -> Repairer {
    let stage = try Repairer.filled(taken: 3)
    let disk = stage.builder.disk
    if !links { disk.refuseLinks() }
    let damaged: FilePath = "/data/jobs.diskqueue.000001.dat"
    let bytes = disk.bytes(damaged) ?? []
    switch act {
    case .empty, .skip, .move, .drain, .inject: break
    case .repair:
      disk.plant(damaged, Array(bytes[..<15]) + [255, 255, 255, 255] + Array(bytes[19...]))
    case .cut, .undoCut: disk.plant(damaged, bytes + [0, 0, 0, 9, 1])
    case .undo: try stage.skip(15)
    case .undoMove: try stage.move()
    case .undoInject: try stage.inject("extra")
    }
    if act == .undoCut { _ = try stage.repair() }
    return stage
  }

  private func run(_ act: Act, _ stage: Repairer) throws {
    switch act {
    case .empty: try stage.empty()
    case .skip: try stage.skip(15)
    case .move: try stage.move()
    case .repair, .cut: #expect(try stage.repair() != nil)
    case .drain: try stage.drain(12)
    case .inject: try stage.inject("extra")
    case .undo, .undoMove, .undoCut, .undoInject:
      try stage.undo(#require(try stage.store.last(stage.builder.queue)).id)
    }
  }

  @Test(arguments: Act.allCases, [true, false])
  func `nothing of an act that has returned waits for a sync`(act: Act, links: Bool) throws {
    let stage = try stage(act, links: links)
    let disk = UnsyncedDisk(stage.builder.disk)
    try run(act, stage.on(disk))
    #expect(Self.atRisk(disk.unsynced, stage.builder.disk) == [])
  }

  @Test(arguments: [Act.empty, .skip, .move, .repair, .undo, .undoMove], [true, false])
  func `the metadata changes only when what it speaks of is on the disk`(act: Act, links: Bool)
    throws
  {
    let stage = try stage(act, links: links)
    let disk = UnsyncedDisk(stage.builder.disk)
    let base = stage.builder.disk
    let early = Guarded<[Set<String>]>([])
    disk.beforeRenaming { source, target, unsynced in
      guard target == "/data/jobs.diskqueue.meta.dat" else { return }
      // The new metadata's own name, of a temporary, matters to nobody.
      early.withLock { $0.append(Self.atRisk(unsynced, base).subtracting([source.string])) }
    }
    try run(act, stage.on(disk))
    #expect(early.withLock { !$0.isEmpty && $0.allSatisfy(\.isEmpty) }, "\(early.withLock { $0 })")
  }

  @Test(arguments: [Act.empty, .skip, .move, .repair, .undo, .undoMove])
  func `the journal is on the disk before anything comes or goes`(act: Act) throws {
    let stage = try stage(act, links: true)
    let disk = UnsyncedDisk(stage.builder.disk)
    let journal = Journal.path(of: stage.builder.queue, in: "/data")
    let early = Guarded<[Set<String>]>([])
    disk.beforeRenaming { source, _, unsynced in
      // Each name on the way to it counts.
      let way = [journal, journal.removingLastComponent(), Ledger.home("/data")].map(\.string)
      early.withLock { $0.append(unsynced.intersection(way)) }
    }
    try run(act, stage.on(disk))
    #expect(early.withLock { !$0.isEmpty && $0.allSatisfy(\.isEmpty) })
  }

  @Test(arguments: [Act.empty, .move, .repair, .undoMove])
  func `the metadata's change is on the disk before a segment goes`(act: Act) throws {
    let stage = try stage(act, links: true)
    let disk = UnsyncedDisk(stage.builder.disk)
    let early = Guarded<[Bool]>([])
    disk.beforeRenaming { source, target, unsynced in
      guard source.removingLastComponent() == "/data", target.string.hasSuffix(".dat") else {
        return
      }
      early.withLock { $0.append(unsynced.contains("/data/jobs.diskqueue.meta.dat")) }
    }
    try run(act, stage.on(disk))
    #expect(early.withLock { !$0.isEmpty && !$0.contains(true) })
  }

  @Test func `a purge that has returned leaves nothing to come back`() throws {
    let stage = try Repairer.filled()
    let id = try stage.empty().id
    let disk = UnsyncedDisk(stage.builder.disk)
    try stage.on(disk).purge(id)
    #expect(Self.atRisk(disk.unsynced, stage.builder.disk) == [])
  }

  @Test func `a purge takes the folder out of sight before anything in it goes`() throws {
    let stage = try Repairer.filled()
    let id = try stage.empty().id
    let disk = stage.builder.disk
    disk.recordCalls()
    try stage.purge(id)
    let removed = try #require(disk.calls.firstIndex { $0.hasPrefix("unlink operation") })
    let renamed = try #require(disk.calls.firstIndex { $0.hasPrefix("rename \(id) ") })
    #expect(renamed < removed)
    let first = try #require(disk.calls.firstIndex { $0.hasPrefix("unlink jobs.diskqueue") })
    #expect(renamed < first)
  }

  @Test func `what an opening cuts off is in quarantine durably, and so is the cut`() throws {
    let builder = DirectoryBuilder(disk: InMemoryDisk())
    builder.segment(0, ["AAAAAA"], then: [0, 0, 0, 9, 1])
    builder.metadata("1\n0,0\n0,10\n")
    let disk = UnsyncedDisk(builder.disk)
    let queue = try DiskQueue(
      builder.queue, directory: "/data", options: .init(), disk: disk, processes: FakeProcesses())
    #expect(builder.disk.bytes("/data/jobs.diskqueue.000000.dat")?.count == 10)
    #expect(builder.metadataText == "1\n0,0\n0,10\n")
    #expect(Self.atRisk(disk.unsynced, builder.disk) == [])
    try queue.close()
  }

  @Test func `a segment that was given up has its name durably`() throws {
    let builder = DirectoryBuilder(disk: InMemoryDisk())
    builder.segment(0, ["AAAAAA"])
    let disk = UnsyncedDisk(builder.disk)
    _ = try Quarantine.markBad(0, of: builder.queue, in: "/data", disk: disk)
    #expect(disk.unsynced == [])
  }

  @Test func `metadata that is written over on a full disk is durable`() throws {
    let stage = try Repairer.filled()
    let disk = UnsyncedDisk(stage.builder.disk)
    stage.builder.disk.setMostFiles(stage.builder.disk.fileCount)
    let queue = try DiskQueue(
      stage.builder.queue, directory: "/data", options: stage.options, disk: disk,
      processes: FakeProcesses())
    #expect(try queue.take(5).count == 5)
    try queue.sync()
    #expect(!disk.unsynced.contains("/data/jobs.diskqueue.meta.dat"))
    let text = stage.builder.metadataText
    #expect(text?.hasPrefix("35\n") == true)
    #expect(text?.split(separator: "\n", omittingEmptySubsequences: false).count == 4)
    try queue.close()
  }

  @Test func `a line of the log is durable, and so is the log's name`() throws {
    let stage = try Repairer.filled()
    let record = try stage.store.find(stage.empty().id)
    try stage.builder.disk.remove(Audit.path("/data"))
    let disk = UnsyncedDisk(stage.builder.disk)
    #expect(Audit("/data", disk: disk).append(purged: record, at: record.time))
    #expect(Self.atRisk(disk.unsynced, stage.builder.disk) == [])
  }
}
