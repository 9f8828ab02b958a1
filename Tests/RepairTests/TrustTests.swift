import DiskQueue
import DiskQueueTesting
import QueueOperations
import SystemPackage
import Testing

/// What lies under `.diskq` is believed only where diskq, and no newer one, has left it.
@Suite struct TrustTests {
  private static let home: FilePath = "/data/.diskq"

  enum Distrust: CaseIterable, Sendable { case kind, owner, version }

  private func stage(_ distrust: Distrust) throws -> Repairer {
    let stage = try Repairer.filled()
    let disk = stage.builder.disk
    switch distrust {
    case .kind: disk.plant(Self.home, [])
    case .owner:
      disk.plantFolder(Self.home)
      let handle = try disk.open(Self.home, .directory)
      defer { disk.close(handle) }
      try disk.setOwnership(handle, to: Ownership(user: 54321, group: 0, mode: 0o700))
    case .version: disk.plantDeep(Self.home.appending("format"), Array("diskq 9\n".utf8))
    }
    return stage
  }

  @Test(arguments: Distrust.allCases) func `nothing is made in what diskq did not leave`(
    distrust: Distrust
  ) throws {
    let stage = try stage(distrust)
    let before = stage.builder.disk.files(in: "/data")
    let donor = try Repairer.filled()
    let purged = try donor.store.find(donor.empty().id)
    for attempt in [
      { _ = try stage.builder.open(stage.options) }, { _ = try stage.empty() },
      { _ = try stage.settle() },
    ] {
      let error = #expect(throws: DiskQueueError.self) { try attempt() }
      #expect(error?.code == .refused)
    }
    #expect(!Audit("/data", disk: stage.builder.disk).append(purged: purged, at: purged.time))
    #expect(stage.builder.disk.files(in: "/data") == before)
  }

  @Test func `what outlives a program says its version`() throws {
    let stage = try Repairer.filled()
    try stage.empty()
    let format = stage.builder.disk.bytes(Self.home.appending("format"))
    #expect(format.map { String(decoding: $0, as: UTF8.self) } == "diskq 2\n")
  }

  @Test(arguments: [(Errno.noSpace, true), (.ioError, false)])
  func `an act goes on where there is no space for the version`(cause: Errno, goesOn: Bool) throws {
    let stage = try Repairer.filled()
    let disk = FaultyDisk(stage.builder.disk)
    disk.inject(.init(.write, times: 100, cause: cause, suffix: ".diskq/format"))
    if goesOn {
      try stage.on(disk).empty()
      #expect(stage.builder.disk.bytes(Self.home.appending("format")) == nil)
    } else {
      #expect(throws: DiskQueueError.self) { try stage.on(disk).empty() }
    }
    let queue = try stage.builder.open(stage.options)
    #expect(queue.depth == (goesOn ? 0 : 40))
    try queue.close()
  }

  // MARK: One at a time

  /// Somebody else holds the lock on `.diskq`, which its descriptor gives back.
  private func hold(_ disk: InMemoryDisk) throws -> FileHandle {
    let handle = try disk.open(Self.home, .directory)
    #expect(try disk.lock(handle, .exclusive))
    return handle
  }

  @Test func `a line of the log waits for another writer`() throws {
    let stage = try Repairer.filled()
    let disk = stage.builder.disk
    let record = try stage.store.find(stage.empty().id)
    let size = disk.bytes(Audit.path("/data"))?.count
    let held = Guarded<FileHandle?>(try hold(disk))
    let seen = Guarded<[Int?]>([])
    let faulty = FaultyDisk(disk)
    faulty.watch(before: { _ in }) {
      seen.withLock { $0.append(disk.bytes(Audit.path("/data"))?.count) }
      if let handle = held.withLock({ $0.take() }) { disk.close(handle) }
    }
    #expect(Audit("/data", disk: faulty).append(purged: record, at: record.time))
    #expect(seen.withLock { $0 } == [size])
    #expect(try Audit("/data", disk: disk).entries().count == 2)
  }

  /// `.diskq` was removed, and made and locked by another, between opening and locking it.
  @Test func `a lock on a folder that has gone is none`() throws {
    let stage = try Repairer.filled()
    let disk = stage.builder.disk
    let record = try stage.store.find(stage.empty().id)
    let probe = FaultyDisk(disk)
    let calls = Guarded<[Int]>([])
    // The call that locks: found by what it is refused while another holds the lock.
    let other = Guarded<FileHandle?>(try hold(disk))
    let last = Guarded(0)
    probe.watch(before: { number in last.withLock { $0 = number } }) {
      calls.withLock { $0.append(last.withLock { $0 }) }
      if let handle = other.withLock({ $0.take() }) { disk.close(handle) }
    }
    #expect(Audit("/data", disk: probe).append(purged: record, at: record.time))
    let locking = try #require(calls.withLock { $0.first })

    let faulty = FaultyDisk(disk)
    let blocked = Guarded(0)
    faulty.watch { number in
      guard number == locking else { return }
      try? disk.rename(Self.home, to: "/data/gone")
      disk.plantFolder(Self.home)
      let handle = try? disk.open(Self.home, .directory)
      if let handle, (try? disk.lock(handle, .exclusive)) == true {
        other.withLock { $0 = handle }
      }
    } blocked: {
      blocked.withLock { $0 += 1 }
      if let handle = other.withLock({ $0.take() }) { disk.close(handle) }
    }
    #expect(Audit("/data", disk: faulty).append(purged: record, at: record.time))
    #expect(blocked.withLock { $0 } == 1)
  }

  /// Ten seconds of trying, since nothing tells when a lock is free.
  @Test func `a lock that is never given back is told as in use`() throws {
    let stage = try Repairer.filled()
    let disk = stage.builder.disk
    try stage.empty()
    let held = Guarded<FileHandle?>(try hold(disk))
    let faulty = FaultyDisk(disk)
    let tries = Guarded(0)
    faulty.watch(before: { _ in }) {
      // One who waits for ever gets it in the end, and no error.
      let isMuch = tries.withLock {
        $0 += 1
        return $0 > 3000
      }
      if isMuch, let handle = held.withLock({ $0.take() }) { disk.close(handle) }
    }
    let error = #expect(throws: DiskQueueError.self) { try stage.on(faulty).skip(3) }
    #expect(error?.code == .inUse)
    if let handle = held.withLock({ $0.take() }) { disk.close(handle) }
  }

  @Test(arguments: [0, 5]) func `a line that does not fit leaves the log as it was`(written: Int)
    throws
  {
    let stage = try Repairer.filled()
    let disk = stage.builder.disk
    let record = try stage.store.find(stage.empty().id)
    let before = disk.bytes(Audit.path("/data"))
    let faulty = FaultyDisk(disk)
    faulty.inject(
      .init(.write, cause: .noSpace, written: written, suffix: "audit.jsonl"))
    #expect(!Audit("/data", disk: faulty).append(purged: record, at: record.time))
    #expect(disk.bytes(Audit.path("/data")) == before)
  }
}
