import DiskQueueTesting
import SystemPackage
import Testing

@testable import DiskQueue

/// When a sync comes, and that a waiting taker is never forgotten.
@Suite struct SyncTimesTests {
  private func syncs(_ builder: DirectoryBuilder) -> Int {
    builder.disk.calls.count { $0.hasPrefix("fdatasync jobs.diskqueue.") }
  }

  @Test func `a sync comes with every so manyeth operation, and only then`() throws {
    let builder = DirectoryBuilder()
    var options = DiskQueue.Options()
    options.syncEvery = 10
    let queue = try builder.open(options)
    try queue.put("first")
    try queue.sync()
    builder.disk.recordCalls()
    for number in 1...35 {
      try queue.put("\(number)")
      #expect(syncs(builder) == number / 10, "\(number)")
    }
    try queue.sync()
    #expect(syncs(builder) == 4)
    try queue.close()
  }

  @Test func `a segment is synced before the metadata speaks of the next one`() throws {
    let builder = DirectoryBuilder()
    var options = DiskQueue.Options()
    options.maxBytesPerFile = 30
    let queue = try builder.open(options)
    for _ in 0..<2 { try queue.put("AAAAAA") }
    builder.disk.recordCalls()
    for _ in 0..<2 { try queue.put("BBBBBB") }
    let calls = builder.disk.calls
    let sync = try #require(calls.firstIndex(of: "fdatasync jobs.diskqueue.000000.dat"))
    let flip = try #require(calls.firstIndex { $0.hasSuffix("to jobs.diskqueue.meta.dat") })
    #expect(sync < flip)
    try queue.close()
  }

  /// The first timer must leave room for the next.
  @Test func `each put after a sync by time is followed by another`()
    async throws
  {
    let builder = DirectoryBuilder()
    let clock = ManualClock()
    let disk = FaultyDisk(builder.disk)
    let (texts, told) = AsyncStream.makeStream(of: String.self)
    disk.watch(before: { _ in told.yield(builder.metadataText ?? "") }, blocked: {})
    let queue = try DiskQueue(
      builder.queue, directory: "/data", disk: disk, processes: FakeProcesses(), clock: clock)
    var seen = texts.makeAsyncIterator()
    for number in 1...3 {
      try queue.put("AAAAAA")
      await clock.sleepers(1)
      clock.advance(by: .seconds(10))
      while let text = await seen.next(), text != "\(number)\n0,0\n0,\(number * 10)\n" {}
    }
    try queue.close()
  }

  /// On one thread: the message wakes the first taker, which is cancelled before it can go on.
  @MainActor @Test func `a taker that is woken and cancelled at once wakes the next`() async throws
  {
    let builder = DirectoryBuilder()
    let queue = try DiskQueue(
      builder.queue, directory: "/data", disk: builder.disk, processes: FakeProcesses())
    let takers = (0..<2).map { _ in
      Task { @MainActor in try await queue.next()?.text }
    }
    // Behind them in the same line: by then both wait.
    await Task { @MainActor in }.value
    try queue.put("one")
    takers[0].cancel()
    #expect(try await takers[0].value == nil)
    await Task { @MainActor in }.value
    #expect(queue.depth == 0)
    try queue.close()
    #expect(try await takers[1].value == "one")
  }

  /// On one thread: nothing but its own cancelling wakes the taker.
  @MainActor @Test func `a taker that is cancelled goes on at once`() async throws {
    let builder = DirectoryBuilder()
    let queue = try DiskQueue(
      builder.queue, directory: "/data", disk: builder.disk, processes: FakeProcesses())
    var isOver = false
    let taker = Task { @MainActor in
      _ = try await queue.next()
      isOver = true
    }
    await Task { @MainActor in }.value
    #expect(!isOver)
    taker.cancel()
    await Task { @MainActor in }.value
    #expect(isOver)
    try queue.close()
    try await taker.value
  }

  // MARK: Names that are no files

  @Test func `a folder with a segment's name is refused before anything is touched`() throws {
    let builder = DirectoryBuilder()
    builder.segment(0, ["AAAAAA"])
    builder.metadata("1\n0,0\n0,10\n")
    builder.disk.plantFolder("/data/jobs.diskqueue.000001.dat")
    let files = try QueueFiles(builder.queue, in: "/data", disk: builder.disk)
    #expect(files.foreign == [Array("jobs.diskqueue.000001.dat".utf8)])
    #expect(files.segments.map(\.number) == [0])
    let before = builder.disk.files(in: "/data")
    let error = #expect(throws: DiskQueueError.self) { try builder.open() }
    #expect(error?.code == .refused)
    #expect(builder.disk.files(in: "/data") == before)
  }

  @Test(arguments: [511, 513]) func `only metadata within one sector is written over`(size: Int)
    throws
  {
    let builder = DirectoryBuilder()
    builder.segment(0, ["AAAAAA", "BBBBBB"])
    let text = "2\n0,0\n0,20\n"
    builder.metadata(text + String(repeating: "\n", count: size - text.utf8.count))
    builder.disk.setMostFiles(builder.disk.fileCount)
    let before = builder.metadataText
    do throws(DiskQueueError) {
      let queue = try builder.open()
      _ = try queue.take()
      try queue.sync()
      #expect(size < 512)
      #expect(builder.metadataText == "1\n0,10\n0,20\n")
      try queue.close()
    } catch {
      #expect(error.code == .noSpace && size > 512)
      #expect(builder.metadataText == before)
    }
  }
}
