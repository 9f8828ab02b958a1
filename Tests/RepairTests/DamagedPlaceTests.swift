import DiskQueueTesting
import QueueInspection
import QueueOperations
import SystemPackage
import Testing

@testable import DiskQueue

/// What a check lists is what a repair gets.
@Suite struct DamagedPlaceTests {
  /// Two hundred messages with so many places written over.
  private func damaged(_ places: [Int], with byte: UInt8) -> DirectoryBuilder {
    let builder = DirectoryBuilder()
    var bytes = DirectoryBuilder.records((0..<200).map { "message number \(1000 + $0)" })
    for place in places { for index in place..<(place + 40) { bytes[index] = byte } }
    builder.disk.plant(builder.directory.file(.segment(0), of: builder.queue), bytes)
    builder.metadata("200\n0,0\n0,\(bytes.count)\n")
    return builder
  }

  @Test(arguments: [0xFF, 0x41, 0] as [UInt8])
  func `each place is listed with what is behind it, and that is what comes back`(byte: UInt8)
    throws
  {
    let builder = damaged([501, 2000, 2900], with: byte)
    let report = try Checker("/data", disk: builder.disk, processes: FakeProcesses())
      .check(builder.queue)
    #expect(report.damage.count == 3)
    for (place, start) in zip(report.damage, [501, 2000, 2900] as [Int64]) {
      #expect(place.segment == 0)
      #expect(place.offset < start + 23 && place.offset + place.bytes >= start + 1)
      #expect(place.certain > 10)
    }
    let repairer = Repairer(builder)
    let plan = try repairer.plan(.init())
    let told = report.segments.reduce(0) { $0 + ($1.messages ?? 0) }
    #expect(plan.messages == told)
    // But for those before the first place, each of them is told of once.
    let first = try #require(report.damage.first)
    let beside = report.damage.reduce(0) { $0 + $1.certain + $1.likely }
    #expect(first.offset / 23 - first.likely + beside == told)
    _ = try repairer.worker.apply(plan)
    #expect(try builder.open(repairer.options).takeAll().count == Int(plan.messages))
  }

  @Test func `a place stands in the document, and a queue without one has none`() throws {
    let builder = damaged([501], with: 0xFF)
    let report = try Checker("/data", disk: builder.disk, processes: FakeProcesses())
      .check(builder.queue)
    var json = JSONText()
    json.object { ReportJSON.members(report, &$0) }
    let places = try #require(JSONValue(Array(json.text.utf8))?["damage"]?.values)
    #expect(places.count == 1)
    #expect(places[0]["segment"]?.integer == 0)
    #expect(places[0]["offset"]?.integer == report.damage[0].offset)
    #expect(places[0]["certain"]?.integer == report.damage[0].certain)
    let whole = damaged([], with: 0)
    let clean = try Checker("/data", disk: whole.disk, processes: FakeProcesses())
      .check(whole.queue)
    #expect(clean.damage.isEmpty)
  }
}
