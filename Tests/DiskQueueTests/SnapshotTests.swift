import DiskQueueTesting
import QueueInspection
import SystemPackage
import Testing

@testable import DiskQueue

/// A look at a queue whose owner removes a segment at that moment is made again.
@Suite struct SnapshotTests {
  private func queue() -> DirectoryBuilder {
    let builder = DirectoryBuilder()
    builder.segment(0, ["one", "two"])
    builder.segment(1, ["three"])
    builder.metadata("3\n0,0\n1,9\n")
    return builder
  }

  @Test(arguments: [1, 2])
  func `a segment that has gone is looked for again`(times: Int) throws {
    let builder = queue()
    let disk = FaultyDisk(builder.disk)
    disk.inject(.init(.open, times: times, cause: .noSuchFileOrDirectory, suffix: "000000.dat"))
    var browser = try QueueBrowser(builder.queue, in: "/data", disk: disk)
    #expect(try browser.next()?.text == "one")
    var pages = try MessagePager(builder.queue, in: "/data", disk: disk)
    #expect(try pages.page(.first, count: 10).count == 3)
  }

  @Test func `files that go on going are of an owner at work`() throws {
    let builder = queue()
    let disk = FaultyDisk(builder.disk)
    disk.inject(
      .init(.open, times: 1000, cause: .noSuchFileOrDirectory, suffix: "000000.dat"))
    let error = #expect(throws: DiskQueueError.self) {
      _ = try QueueBrowser(builder.queue, in: "/data", disk: disk)
    }
    #expect(error?.code == .inUse)
  }
}
