import DiskQueue
import DiskQueueTesting
import QueueInspection
import SystemPackage
import Testing

/// What the salvage scanner makes of a segment, place by place.
@Suite struct SalvageTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var bytes: [UInt8]
    var regions: [SalvageRegion]

    init(_ name: String, _ bytes: [UInt8], _ regions: [(Int64, Int64, SalvageRegion.Kind)]) {
      testDescription = name
      self.bytes = bytes
      self.regions = regions.map { SalvageRegion(start: $0.0, end: $0.1, kind: $0.2) }
    }
  }

  /// Records of ten bytes, fourteen on disk.
  private static func records(_ range: Range<Int>) -> [UInt8] {
    DirectoryBuilder.records(range.map { "message \(10 + $0)" })
  }

  private static func nsq(_ range: Range<Int>) -> [[UInt8]] {
    range.map { number in
      NSQEnvelope(
        timestamp: 1_795_000_000_000_000_000, attempts: 1, id: "0123456789abcde\(number % 10)",
        body: Array("body \(number)".utf8)
      ).payload
    }
  }

  private static func chain(_ payloads: [[UInt8]]) -> [UInt8] {
    var bytes: [UInt8] = []
    for payload in payloads { Record.append(payload, to: &bytes) }
    return bytes
  }

  private static func changed(_ bytes: [UInt8], _ at: Int, _ new: [UInt8]) -> [UInt8] {
    var bytes = bytes
    bytes.replaceSubrange(at..<(at + new.count), with: new)
    return bytes
  }

  static let cases: [Case] = [
    Case("a whole segment", records(0..<5), [(0, 70, .records(5, .certain))]),
    Case(
      "a torn last record", records(0..<3) + [0, 0, 0, 9, 1],
      [(0, 42, .records(3, .certain)), (42, 47, .damage(.tornTail))]),
    Case(
      "a zero tail", records(0..<3) + [UInt8](repeating: 0, count: 90),
      [(0, 42, .records(3, .certain)), (42, 132, .damage(.zeroTail))]),
    Case(
      "a negative length", changed(records(0..<8), 28, [0xff, 0xff, 0xff, 0xff]),
      [
        (0, 28, .records(2, .certain)), (28, 42, .message(.guess)),
        (42, 112, .records(5, .certain)),
      ]),
    Case(
      "one flipped bit in a length", changed(records(0..<8), 31, [0x4a]),
      [
        (0, 14, .records(1, .certain)), (14, 28, .records(1, .likely)),
        (28, 42, .message(.guess)), (42, 112, .records(5, .certain)),
      ]),
    Case(
      "a length that is plausible and too long", changed(records(0..<8), 31, [17]),
      [
        (0, 14, .records(1, .certain)), (14, 28, .records(1, .likely)),
        (28, 42, .message(.guess)), (42, 112, .records(5, .certain)),
      ]),
    Case(
      "a length that is plausible and too short", changed(records(0..<8), 31, [8]),
      [
        (0, 28, .records(2, .certain)), (28, 40, .records(1, .likely)),
        (40, 42, .damage(.badLength)), (42, 112, .records(5, .certain)),
      ]),
    Case(
      "two places", changed(changed(records(0..<12), 28, [0xff]), 98, [0xff]),
      [
        (0, 14, .records(1, .certain)), (14, 28, .records(1, .likely)),
        (28, 42, .message(.guess)), (42, 84, .records(3, .certain)), (84, 98, .records(1, .likely)),
        (98, 112, .message(.guess)),
        (112, 168, .records(4, .certain)),
      ]),
    Case(
      "a hole of zeros over several records",
      changed(records(0..<12), 30, [UInt8](repeating: 0, count: 40)),
      [
        (0, 28, .records(2, .certain)), (28, 70, .message(.guess)),
        (70, 168, .records(7, .certain)),
      ]),
    Case(
      "noise without any record", [UInt8](repeating: 0xee, count: 50),
      [(0, 50, .damage(.badLength))]),
    Case(
      "an envelope lets one record be believed",
      changed(chain(nsq(0..<6)), 36, [0x7f, 0xff, 0xff, 0xff]),
      [
        (0, 36, .records(1, .likely)), (36, 72, .message(.guess)),
        (72, 216, .records(4, .certain)),
      ]),
    Case("nothing at all", [], []),
  ]

  @Test(arguments: cases) func `regions`(test: Case) throws {
    let file = InMemoryDiskFile(test.bytes)
    let report = try Salvage(disk: file.disk, limits: RecordLimits(minimum: 1))
      .read(file.path, size: Int64(test.bytes.count))
    #expect(report.regions == test.regions)
  }

  @Test(arguments: [0, 14, 42])
  func `zeros that nobody vouches for are no empty messages`(trusted: Int64) throws {
    let bytes = Self.records(0..<3) + [UInt8](repeating: 0, count: 64)
    let file = InMemoryDiskFile(bytes)
    let report = try Salvage(disk: file.disk, limits: RecordLimits())
      .read(file.path, size: Int64(bytes.count), trusted: trusted)
    #expect(
      report.regions == [
        SalvageRegion(start: 0, end: 42, kind: .records(3, .certain)),
        SalvageRegion(start: 42, end: 106, kind: .damage(.zeroTail)),
      ])
    let whole = try Salvage(disk: file.disk, limits: RecordLimits())
      .read(file.path, size: Int64(bytes.count), trusted: Int64(bytes.count))
    #expect(whole.messages(.certain) == 19)
  }

  @Test func `frames inside a damaged message are not taken for messages`() throws {
    // The third message holds frames of its own, far smaller than the messages around it.
    let inner = SalvageTests.chain((0..<6).map { Array("in\($0)".utf8) })
    var payloads = (0..<8).map { Array("message \($0) of a usual length, forty bytes".utf8) }
    payloads[2] = inner + Array("and more".utf8)
    var bytes = SalvageTests.chain(payloads)
    let at = 2 * (4 + payloads[0].count)
    bytes.replaceSubrange(at..<(at + 4), with: [0xff, 0xff, 0xff, 0xff])
    let file = InMemoryDiskFile(bytes)
    let report = try Salvage(disk: file.disk, limits: RecordLimits(minimum: 1))
      .read(file.path, size: Int64(bytes.count))
    #expect(report.messages(.likely) == 7)
    #expect(report.regions.last?.kind == .records(5, .certain))
  }

  @Test func `a file that shrinks while it is read ends the pass`() throws {
    let file = InMemoryDiskFile(SalvageTests.records(0..<5))
    let report = try Salvage(disk: file.disk, limits: RecordLimits(minimum: 1))
      .read(file.path, size: 500)
    #expect(report.messages(.likely) == 5)
    #expect(report.regions.last?.end == 500)
  }
}

/// One file on a disk in memory.
private struct InMemoryDiskFile {
  let disk = InMemoryDisk()
  let path: FilePath = "/data/file"

  init(_ bytes: [UInt8]) { disk.plant(path, bytes) }
}
