import DiskQueue
import DiskQueueTesting
import SystemPackage
import Testing

/// A queue's lock is of the file that has the name, and its holder the process that has that very file.
@Suite struct LockIdentityTests {
  private func lock(_ stage: Repairer, _ disk: any Disk, _ processes: FakeProcesses = .init())
    throws(DiskQueueError) -> QueueLock
  {
    try QueueLock(stage.builder.queue, in: "/data", disk: disk, processes: processes)
  }

  /// Its last holder removes the file, and another makes it anew, between opening and locking it.
  @Test func `a lock on a file that has gone is none`() throws {
    let stage = try Repairer.filled(1)
    let disk = stage.builder.disk
    let path = QueueLock.path(of: stage.builder.queue, in: "/data")
    let probe = FaultyDisk(disk)
    let count = Guarded(0)
    probe.watch(before: { number in count.withLock { $0 = number } }, blocked: {})
    try lock(stage, probe).release(disk)
    let calls = count.withLock { $0 }
    var replaced = 0
    for call in 1...calls {
      let faulty = FaultyDisk(disk)
      faulty.watch { number in
        guard number == call, disk.bytes(path) != nil else { return }
        disk.plant(path, [])
        count.withLock { $0 += 1 }
      } blocked: {
      }
      count.withLock { $0 = 0 }
      let held = try lock(stage, faulty)
      replaced += count.withLock { $0 }
      // Whoever opens the name now must find it locked, unless it was replaced afterwards.
      let handle = try disk.open(path, .write)
      let isFree = try disk.lock(handle, .exclusive)
      disk.close(handle)
      #expect(!isFree, "call \(call)")
      held.release(disk)
    }
    #expect(replaced > 0)
    #expect(disk.openCount == 0)
  }

  @Test(arguments: [(UInt64(1), Int32(7)), (2, nil)] as [(UInt64, Int32?)])
  func `the holder has the same number on the same device`(device: UInt64, holder: Int32?) throws {
    let stage = try Repairer.filled(1)
    let disk = stage.builder.disk
    let held = try lock(stage, disk)
    let path = QueueLock.path(of: stage.builder.queue, in: "/data")
    var processes = FakeProcesses()
    processes.held = [
      .init(process: 7, exclusive: true, device: device, inode: try disk.status(at: path).inode)
    ]
    let error = #expect(throws: DiskQueueError.self) { try lock(stage, disk, processes) }
    #expect(error?.code == .inUse)
    #expect(error?.holder == holder)
    held.release(disk)
  }

  /// A queue of many segments has the one that is read and the one that is written open.
  @Test(arguments: [0, 7]) func `whoever has the first or the last segment open is noticed`(
    number: Int
  ) throws {
    let stage = try Repairer.filled(100)
    let disk = stage.builder.disk
    disk.tellOpenings()
    var processes = FakeProcesses()
    processes.open = OpenFiles(complete: false)
    let handle = try disk.open(FilePath("/data/jobs.diskqueue.00000\(number).dat"), .read)
    let worker = stage.on(disk, processes: processes)
    let error = #expect(throws: DiskQueueError.self) { try worker.empty() }
    #expect(error?.code == .inUse)
    disk.close(handle)
    try worker.empty()
  }
}
