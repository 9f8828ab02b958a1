import DiskQueue
import DiskQueueTesting
import InMemoryLogging
import Logging
import SystemPackage
import Testing

/// What a queue tells the logger it was opened with.
@Suite struct LoggerTests {
  @Test func `a finding of opening is logged with its code and file`() throws {
    let builder = DirectoryBuilder()
    builder.segment(0, ["AAAAAA"], then: [0, 0, 0, 9, 1])
    builder.metadata("1\n0,0\n0,10\n")
    let handler = InMemoryLogHandler()
    var options = DiskQueue.Options()
    options.logger = Logger(label: "test") { _ in handler }
    let queue = try builder.open(options)
    let entry = try #require(handler.entries.first)
    #expect(handler.entries.count == 1)
    #expect(entry.level == .warning)
    #expect(entry.metadata["queue"] == "jobs")
    #expect(entry.metadata["code"] == "torn-tail")
    #expect(entry.metadata["file"] == "jobs.diskqueue.000000.dat")
    try queue.close()
  }

  @Test func `damage met while reading is logged`() throws {
    let builder = DirectoryBuilder()
    builder.segment(0, ["AAAAAA", "BBBBBB"], then: [0xff, 0xff, 0xff, 0xff, 1])
    builder.segment(1, ["CCCCCC"])
    builder.metadata("3\n0,0\n1,10\n")
    let handler = InMemoryLogHandler()
    var options = DiskQueue.Options()
    options.logger = Logger(label: "test") { _ in handler }
    let queue = try builder.open(options)
    handler.clear()
    #expect(try queue.takeAllText() == ["AAAAAA", "BBBBBB", "CCCCCC"])
    #expect(handler.entries.map { $0.metadata["code"] } == ["bad-length"])
  }

  @Test func `a failed background sync is an error in the log`() throws {
    let disk = FaultyDisk(InMemoryDisk())
    let handler = InMemoryLogHandler()
    var options = DiskQueue.Options()
    options.syncsInline = true
    options.syncEvery = 1
    options.logger = Logger(label: "test") { _ in handler }
    let queue = try DiskQueue(
      QueueName("jobs"), directory: "/data", options: options, disk: disk,
      processes: FakeProcesses())
    disk.inject(.init(.syncData))
    try queue.put("first")
    #expect(handler.entries.map(\.level) == [.error])
    #expect(queue.depth == 1)
  }
}
