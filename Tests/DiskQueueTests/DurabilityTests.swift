import DiskQueue
import DiskQueueTesting
import Dispatch
import SystemPackage
import Testing

/// What a put promises, by option.
@Suite struct DurabilityTests {
  private func open(
    _ disk: any Disk, _ durability: DiskQueue.Durability, inline: Bool = true
  ) throws -> DiskQueue {
    var options = DiskQueue.Options()
    options.durability = durability
    options.syncsInline = inline
    return try DiskQueue(
      QueueName("jobs"), directory: "/data", options: options, disk: disk,
      processes: FakeProcesses())
  }

  @Test func `F23 a durable put returns after its fdatasync and that of the new name`() throws {
    let disk = InMemoryDisk()
    let queue = try open(disk, .everyPut)
    disk.recordCalls()
    try queue.put("first")
    // The metadata of a new queue comes before its first message.
    #expect(
      disk.calls.filter { !$0.hasPrefix("open") && !$0.contains("meta.dat") }.drop(while: {
        $0 == "fsync data"
      }) == [
        "write jobs.diskqueue.000000.dat 9", "fdatasync jobs.diskqueue.000000.dat", "fsync data",
      ])
    disk.recordCalls()
    try queue.put("second")
    #expect(
      disk.calls == [
        "write jobs.diskqueue.000000.dat 10", "fdatasync jobs.diskqueue.000000.dat",
      ])
    disk.recordCalls()
    try queue.put(contentsOf: [[1], [2], [3]])
    #expect(
      disk.calls == [
        "write jobs.diskqueue.000000.dat 15", "fdatasync jobs.diskqueue.000000.dat",
      ])
  }

  @Test func `a batched queue syncs after as many operations as asked`() throws {
    let disk = InMemoryDisk()
    let queue = try open(disk, .batched(every: 3, within: .seconds(60)))
    disk.recordCalls()
    for number in 0..<2 { try queue.put("\(number)") }
    #expect(!disk.calls.contains { $0.hasPrefix("fdatasync") })
    try queue.put("2")
    #expect(disk.calls.contains("fdatasync jobs.diskqueue.000000.dat"))
    #expect(disk.bytes("/data/jobs.diskqueue.meta.dat") == Array("3\n0,0\n0,15\n".utf8))
  }

  @Test(arguments: [DiskQueue.Durability.batched(), .everyPut])
  func `F16 an empty message is there after a kill`(durability: DiskQueue.Durability) throws {
    let disk = InMemoryDisk()
    let queue = try open(disk, durability)
    try queue.put("first")
    try queue.put("")
    try queue.put(contentsOf: [[7], [], []])
    // Killed: neither closed nor synced, and the locks went with the process.
    let left = InMemoryDisk()
    for (path, bytes) in disk.files(in: "/data") where !path.hasPrefix(".diskq") {
      left.plantDeep(FilePath("/data/" + path), bytes)
    }
    let again = try open(left, durability)
    #expect(try again.take(.max).map(\.payload.count) == [5, 0, 1, 0, 0])
    #expect(again.findings.isEmpty)
  }

  @Test func `concurrent durable puts share their syncs and all are in`() throws {
    let disk = FaultyDisk(InMemoryDisk())
    let queue = try open(disk, .everyPut, inline: false)
    DispatchQueue.concurrentPerform(iterations: 8) { producer in
      for number in 0..<50 { try? queue.put("\(producer).\(number)") }
    }
    #expect(queue.depth == 400)
    #expect(disk.counts[.syncData, default: 0] <= 400)
    let texts = try queue.take(.max).map(\.text)
    for producer in 0..<8 {
      // Each producer's own order is kept.
      #expect(
        texts.filter { $0.hasPrefix("\(producer).") } == (0..<50).map { "\(producer).\($0)" })
    }
  }

  @Test func `F21 after a failed sync nothing is acknowledged until it is written again`() throws {
    let memory = InMemoryDisk()
    let disk = FaultyDisk(memory)
    let queue = try open(disk, .everyPut)
    try queue.put("first")
    disk.inject(.init(.syncData, times: 2))
    for text in ["second", "third"] {
      let error = #expect(throws: DiskQueueError.self) { try queue.put(text) }
      #expect(error?.code == .syncFailed)
      #expect(error?.cause == .ioError)
    }
    memory.recordCalls()
    try queue.put("fourth")
    // What was not durable goes to the disk once more, before the sync that is believed.
    #expect(
      memory.calls == [
        "write jobs.diskqueue.000000.dat 10", "write jobs.diskqueue.000000.dat 29",
        "fdatasync jobs.diskqueue.000000.dat",
      ])
    #expect(try queue.take(.max).map(\.text) == ["first", "second", "third", "fourth"])
  }

  @Test func `F21 metadata never passes bytes whose sync failed`() throws {
    let memory = InMemoryDisk()
    let disk = FaultyDisk(memory)
    let queue = try open(disk, .batched())
    try queue.put("first")
    try queue.sync()
    let metadata = memory.bytes("/data/jobs.diskqueue.meta.dat")
    try queue.put("second")
    disk.inject(.init(.syncData))
    let error = #expect(throws: DiskQueueError.self) { try queue.sync() }
    #expect(error?.code == .syncFailed)
    #expect(memory.bytes("/data/jobs.diskqueue.meta.dat") == metadata)
    try queue.sync()
    #expect(memory.bytes("/data/jobs.diskqueue.meta.dat") == Array("2\n0,0\n0,19\n".utf8))
    try queue.close()
  }

  @Test(arguments: FaultyDisk.Call.allCases, 1...12)
  func `any call may fail once, and nothing acknowledged is lost`(
    call: FaultyDisk.Call, nth: Int
  ) throws {
    let memory = InMemoryDisk()
    let disk = FaultyDisk(memory)
    var acknowledged: [String] = []
    var taken: [String] = []
    var options = DiskQueue.Options()
    options.maxBytesPerFile = 40
    options.syncsInline = true
    options.durability = .batched(every: 3, within: .seconds(2))
    func open() throws -> DiskQueue {
      try DiskQueue(
        QueueName("jobs"), directory: "/data", options: options, disk: disk,
        processes: FakeProcesses())
    }
    disk.inject(.init(call, nth: nth))
    let queue = try (try? open()) ?? open()
    for number in 0..<12 {
      let text = "message \(number)"
      do {
        try queue.put(text)
        acknowledged.append(text)
      } catch {}
      if number % 4 == 3, let message = try? queue.take() { taken.append(message.text) }
    }
    try? queue.sync()
    while let message = try? queue.take() { taken.append(message.text) }
    try? queue.close()
    disk.inject(nil)
    let again = try open()
    taken += try again.take(.max).map(\.text)
    try again.close()
    // A put that failed at a sync may be in all the same; a take that failed comes again.
    let seen = Set(taken)
    for text in acknowledged { #expect(seen.contains(text)) }
    #expect(!memory.files(in: "/data").keys.contains { $0.contains(".bad") })
    #expect(!memory.files(in: "/data").keys.contains { $0.hasSuffix(".tmp") })
    #expect(memory.openCount == 0)
  }
}
