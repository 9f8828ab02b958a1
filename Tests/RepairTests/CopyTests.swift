import DiskQueueTesting
import QueueOperations
import SystemPackage
import Testing

@testable import DiskQueue

/// Copies hold every byte of what they are of, and take no space for long stretches of zeros.
@Suite struct CopyTests {
  private static let window = 1 << 20

  /// Stretches of bytes, by their length and what they are filled with.
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var stretches: [(count: Int, byte: UInt8)]
    /// How many windows are written, each of a megabyte at the most.
    var writes: Int
    var bytes: [UInt8] { stretches.flatMap { [UInt8](repeating: $0.byte, count: $0.count) } }
  }

  static let cases: [Case] = [
    Case(testDescription: "nothing", stretches: [], writes: 0),
    Case(testDescription: "a few bytes", stretches: [(100, 7)], writes: 1),
    Case(testDescription: "zeros at the end", stretches: [(window, 7), (window, 0)], writes: 1),
    Case(
      testDescription: "zeros in the middle", stretches: [(window, 7), (window, 0), (9, 7)],
      writes: 2),
    Case(testDescription: "only zeros", stretches: [(2 * window, 0)], writes: 0),
    Case(testDescription: "zeros and one byte", stretches: [(window - 1, 0), (1, 7)], writes: 1),
  ]

  @Test(arguments: cases) func `a copy has all bytes, and holes for zeros`(test: Case) throws {
    let disk = InMemoryDisk()
    disk.plant("/data/from", test.bytes)
    disk.recordCalls()
    try ChangeSet.keep("/data/from", 0..<Int64(test.bytes.count), at: "/data/to", nil, disk)
    #expect(disk.bytes("/data/to") == test.bytes)
    #expect(disk.calls.count { $0.hasPrefix("write to ") } == test.writes)
  }

  @Test(arguments: cases) func `what is set aside has all bytes, and holes for zeros`(test: Case)
    throws
  {
    let disk = InMemoryDisk()
    disk.plant("/data/from", test.bytes)
    let handle = try disk.open("/data/from", .read)
    disk.recordCalls()
    try Quarantine.keep(
      handle, from: 0, to: Int64(test.bytes.count), as: Array("from".utf8), in: "/data", disk: disk,
      ownership: nil)
    #expect(disk.bytes("/data/.diskq/quarantine/from@0") == test.bytes)
    #expect(disk.calls.count { $0.hasPrefix("write from@0 ") } == test.writes)
  }

  @Test func `a source that has become shorter is not copied`() {
    let disk = InMemoryDisk()
    disk.plant("/data/from", [1, 2, 3])
    let error = #expect(throws: DiskQueueError.self) {
      try ChangeSet.keep("/data/from", 0..<4, at: "/data/to", nil, disk)
    }
    #expect(error?.code == .planVoid)
  }

  @Test(arguments: [(true, 1), (false, 2)])
  func `a second name is a copy only where there are no links`(links: Bool, files: Int) throws {
    let disk = InMemoryDisk()
    if !links { disk.refuseLinks() }
    disk.plant("/data/from", [1, 2, 3])
    #expect(
      try ChangeSet.secondName("/data/from", at: "/data/to", size: 3, nil, disk) == links)
    #expect(disk.bytes("/data/to") == [1, 2, 3])
    let numbers = Set([
      try disk.status(at: "/data/from").inode, try disk.status(at: "/data/to").inode,
    ])
    #expect(numbers.count == files)
  }

  @Test func `a second name over another file is refused`() {
    let disk = InMemoryDisk()
    disk.plant("/data/from", [1, 2, 3])
    disk.plant("/data/to", [9])
    #expect(throws: DiskQueueError.self) {
      try ChangeSet.secondName("/data/from", at: "/data/to", size: 3, nil, disk)
    }
    #expect(disk.bytes("/data/to") == [9])
  }

  @Test(arguments: [true, false])
  func `a segment that gets another number is there once, with links or without`(links: Bool) throws
  {
    let stage = try Repairer.filled()
    let disk = stage.builder.disk
    if !links { disk.refuseLinks() }
    let selection = MessageSelection(matches: { $0 == Array("message 105".utf8) })
    let plan = try stage.worker.planner.move(stage.builder.queue, selection, to: "a test")
    let renamed = plan.changes.compactMap { change -> [UInt8]? in
      if case .renumber(let entry, _) = change { entry } else { nil }
    }
    #expect(renamed.count > 1)
    _ = try stage.worker.move(by: plan, of: selection) { _ in }
    let names = Set(Repairer.files(disk).keys)
    #expect(names.isDisjoint(with: renamed.map { String(decoding: $0, as: UTF8.self) }))
    let queue = try stage.builder.open(stage.options)
    #expect(try queue.takeAll().count == 39)
    try queue.close()
  }
}
