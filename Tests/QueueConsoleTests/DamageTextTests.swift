import DiskQueue
import DiskQueueTesting
import QueueConsole
import QueueInspection
import SystemPackage
import Testing

/// What is told of all damaged places at once.
@Suite struct DamageTextTests {
  @Test func `the numbers are those of the places`() throws {
    let builder = DirectoryBuilder()
    let segment = DamagedSegment(.text, .init(messages: [300], places: [8]), [.noise], seed: 4)
    builder.disk.plant(builder.directory.file(.segment(0), of: builder.queue), segment.bytes)
    builder.metadata("300\n0,0\n0,\(segment.bytes.count)\n")
    let report = try Checker("/data", disk: builder.disk, processes: FakeProcesses())
      .check(builder.queue)
    let text = try #require(DamageText.summary(of: report))
    let numbers = text.split { !$0.isNumber }.compactMap { Int64($0) }
    let damage = report.damage
    #expect(
      numbers == [
        Int64(damage.count), report.segments[0].messages ?? 0, damage.reduce(0) { $0 + $1.likely },
        damage.reduce(0) { $0 + $1.guess },
      ])
    #expect(damage.count > 1)
  }

  @Test func `where none is damaged nothing is told`() throws {
    let builder = DirectoryBuilder()
    builder.segment(0, ["one"])
    let report = try Checker("/data", disk: builder.disk, processes: FakeProcesses())
      .check(builder.queue)
    #expect(DamageText.summary(of: report) == nil)
  }
}
