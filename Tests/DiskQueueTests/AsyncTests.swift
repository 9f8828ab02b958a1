import DiskQueue
import DiskQueueTesting
import SystemPackage
import Testing

@Suite struct AsyncTests {
  private func open(clock: any Clock<Duration> = ContinuousClock()) throws -> (
    DiskQueue, DirectoryBuilder
  ) {
    let builder = DirectoryBuilder()
    return (
      try DiskQueue(
        builder.queue, directory: "/data", disk: builder.disk, processes: FakeProcesses(),
        clock: clock), builder
    )
  }

  @Test func `several consumers get each message exactly once`() async throws {
    let (queue, _) = try open()
    let seen = Recorder<String>()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          for try await message in queue.messages {
            if seen.append(message.text) == 1000 { try queue.close() }
          }
        }
      }
      group.addTask { for number in 0..<1000 { try queue.put("\(number)") } }
      try await group.waitForAll()
    }
    #expect(seen.values.sorted() == (0..<1000).map { "\($0)" }.sorted())
  }

  @Test func `closing ends the sequence of a waiting consumer`() async throws {
    let (queue, _) = try open()
    let seen = Recorder<String>()
    let consumer = Task { for try await message in queue.messages { seen.append(message.text) } }
    try queue.put("one")
    await seen.reached(1)
    try queue.close()
    try await consumer.value
    #expect(seen.values == ["one"])
  }

  @Test func `a cancelled consumer takes nothing with it`() async throws {
    let (queue, _) = try open()
    let seen = Recorder<String>()
    let consumers = (0..<4).map { _ in
      Task { for try await message in queue.messages { seen.append(message.text) } }
    }
    for consumer in consumers.dropFirst() { consumer.cancel() }
    for number in 0..<100 { try queue.put("\(number)") }
    await seen.reached(100)
    try queue.close()
    for consumer in consumers { try await consumer.value }
    #expect(seen.values.count == 100)
  }

  @Test func `a take that waits gives up when its time is over`() async throws {
    let clock = ManualClock()
    let (queue, _) = try open(clock: clock)
    async let outcome = queue.take(within: .seconds(5))
    await clock.sleepers(1)
    clock.advance(by: .seconds(5))
    #expect(try await outcome == nil)
    async let second = queue.take(within: .seconds(5))
    await clock.sleepers(1)
    try queue.put("came in time")
    #expect(try await second?.text == "came in time")
  }

  @Test func `a sync follows a put after the timeout`() async throws {
    let clock = ManualClock()
    let builder = DirectoryBuilder()
    let disk = FaultyDisk(builder.disk)
    let queue = try DiskQueue(
      builder.queue, directory: "/data", disk: disk, processes: FakeProcesses(), clock: clock)
    try queue.put("AAAAAA")
    let new = "0\n0,0\n0,0\n"
    #expect(builder.metadataText == new)
    await clock.sleepers(1)
    let renamed = Recorder<String>()
    disk.watch(
      before: { [disk = builder.disk] _ in
        guard let text = disk.bytes("/data/jobs.diskqueue.meta.dat") else { return }
        let metadata = String(decoding: text, as: UTF8.self)
        if metadata != new { renamed.append(metadata) }
      }, blocked: {})
    clock.advance(by: .seconds(2))
    await renamed.reached(1)
    #expect(renamed.values[0] == "1\n0,0\n0,10\n")
    try queue.close()
  }
}
