import DiskQueue
import DiskQueueTesting
import QueueInspection
import QueueOperations
import SystemPackage
import Testing

/// What was cut from segments can be seen, looked through and put back.
///
/// `OperationTests` crash it at every call.
@Suite struct QuarantineTests {
  static let folder: FilePath = "/data/.diskq/quarantine"

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var bytes: [UInt8]
    /// What can be put back.
    var messages: [String]
  }

  /// A wrong length and three messages behind it, as an older diskq cut them off.
  private static let owing: [UInt8] = {
    var bytes = DirectoryBuilder.records((0..<4).map { "message \(10 + $0)" })
    bytes.replaceSubrange(0..<4, with: [0xff, 0xff, 0xff, 0xff])
    return bytes
  }()

  static let cases: [Case] = [
    Case(
      testDescription: "messages behind a wrong length", bytes: owing,
      messages: (1..<4).map { "message \(10 + $0)" }),
    Case(
      testDescription: "whole messages",
      bytes: DirectoryBuilder.records((0..<4).map { "message \(10 + $0)" }),
      messages: (0..<4).map { "message \(10 + $0)" }),
    Case(testDescription: "a torn record", bytes: [0, 0, 0, 20, 1, 2, 3], messages: []),
    Case(testDescription: "zeros", bytes: [UInt8](repeating: 0, count: 600), messages: []),
    Case(testDescription: "nothing", bytes: [], messages: []),
  ]

  private func build(_ bytes: [UInt8]) -> DirectoryBuilder {
    let builder = DirectoryBuilder()
    builder.segment(0, ["first", "second"])
    builder.metadata("2\n0,0\n0,19\n")
    builder.disk.plantDeep(Self.folder.appending("jobs.diskqueue.000000.dat@19"), bytes)
    return builder
  }

  @Test(arguments: cases) func `it is listed and judged`(test: Case) throws {
    let builder = build(test.bytes)
    let checker = Checker("/data", disk: builder.disk, limits: RecordLimits(minimum: 1))
    let quick = try checker.check(builder.queue)
    #expect(quick.quarantined.map(\.bytes) == [Int64(test.bytes.count)])
    #expect(quick.findings.map(\.code) == [.quarantined])
    #expect(quick.severity == .info)
    let report = try checker.check(builder.queue, bad: true)
    let file = try #require(report.quarantined.first)
    #expect(file.salvageable == Int64(test.messages.count))
    #expect(file.verdict == (test.messages.isEmpty ? .hopeless : .salvageable))
    #expect(report.badFiles.isEmpty)
    #expect(report.severity == (test.messages.isEmpty ? .info : .warning))
    var survey = Survey(
      "/data", disk: builder.disk, processes: FakeProcesses(), now: { Timestamp(nanoseconds: 0) })
    #expect(try survey.refresh().queues.first?.quarantined.map(\.name) == [file.name])
  }

  @Test(arguments: cases) func `what can be read in it is put back, and taken out again`(test: Case)
    throws
  {
    let builder = build(test.bytes)
    let repairer = Repairer(builder)
    let before = Repairer.files(builder.disk, quarantine: true)
    #expect(try repairer.plan(.init()).isEmpty)
    let looked = try repairer.plan(.init(bad: true))
    #expect(looked.changes.isEmpty == !test.messages.isEmpty)
    let plan = try repairer.plan(.init(requeuesBad: true))
    #expect(plan.requeued == Int64(test.messages.count))
    #expect(plan.lost == 0)
    let result = try repairer.worker.apply(plan)
    let kept = FilePath("/data/.diskq/backup/\(result.id)/quarantine/jobs.diskqueue.000000.dat@19")
    #expect(builder.disk.bytes(kept) == test.bytes)
    #expect(try repairer.plan(.init(requeuesBad: true)).isEmpty)
    let after = Repairer.files(builder.disk, quarantine: true)
    let queue = try builder.open(repairer.options)
    #expect(queue.depth == Int64(2 + test.messages.count))
    try queue.close()
    let undone = try undo(result.id, repairer)
    #expect(Repairer.files(builder.disk, quarantine: true) == before)
    _ = try undo(undone, repairer)
    #expect(Repairer.files(builder.disk, quarantine: true) == after)
    let again = try builder.open(repairer.options)
    #expect(try again.takeAll() == ["first", "second"] + test.messages)
  }

  private func undo(_ id: String, _ repairer: Repairer) throws -> String {
    let record = try OperationStore(of: "/data", disk: repairer.builder.disk).find(id)
    let plan = try UndoPlanner(repairer.worker.planner, record).plan()
    return try repairer.worker.apply(plan).id
  }

  @Test func `names that diskq does not make are left alone`() throws {
    let builder = build(Self.owing)
    for name in [
      "x", "jobs.diskqueue.000000.dat", "jobs.diskqueue.000000.dat@",
      "other.diskqueue.000000.dat@3",
      "jobs.diskqueue.000000.dat@-1", "jobs.diskqueue.000000.dat@1.x", "jobs.diskqueue.meta.dat@1",
      "jobs.diskqueue.000000.dat@1.2.3",
    ] { builder.disk.plantDeep(Self.folder.appending(name), Self.owing) }
    let listed = try Quarantine.list(in: "/data", disk: builder.disk)
    #expect(listed[builder.queue]?.map(\.number) == [0])
    #expect(listed.count == 2)
  }

  @Test func `what an opening cuts off is found there`() throws {
    let builder = DirectoryBuilder()
    builder.segment(0, ["first"], then: [0, 0, 0, 9, 1, 2])
    builder.metadata("1\n0,0\n0,9\n")
    try builder.open(Repairer(builder).options).close()
    let report = try Checker("/data", disk: builder.disk).check(builder.queue, bad: true)
    #expect(report.quarantined.map(\.bytes) == [6])
    #expect(report.quarantined.first?.verdict == .hopeless)
    #expect(report.findings.allSatisfy { $0.severity == .info })
  }
}
