import DiskQueue
import DiskQueueTesting
import QueueInspection
import QueueOperations
import SystemPackage
import Testing

/// What a `.bad` file is judged to be, and what a repair puts back of it.
@Suite struct BadFileTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// Messages 0 to 4 are in the `.bad` file of segment 0, 5 to 7 in segment 1.
    var metadata: String
    /// The byte of the `.bad` file that is overwritten; nil leaves it whole.
    var damage: Int?
    var verdict: BadFileVerdict
    var salvageable: Int64
    var from: Int64
    /// What comes after `repair --bad --requeue-bad`.
    var expected: [Int]
    /// What comes after `--requeue-bad-all`.
    var all: [Int]
  }

  private static func whole(_ name: String, _ metadata: String) -> Case {
    Case(
      testDescription: name, metadata: metadata, verdict: .whole, salvageable: 0, from: 70,
      expected: metadata.hasPrefix("0") ? [] : [5, 6, 7],
      all: (metadata.hasPrefix("0") ? [] : [5, 6, 7]) + [0, 1, 2, 3, 4])
  }

  static let cases: [Case] = [
    whole("F34 whole, and the depth does not ask for it", "3\n1,0\n1,42\n"),
    whole("F34 whole, and the depth asks for all of it", "8\n1,0\n1,42\n"),
    whole("F34 whole, and the depth asks for its last two", "5\n1,0\n1,42\n"),
    whole("F34 whole, caught up and drained since", "0\n1,42\n1,42\n"),
    whole("F35 whole, beside metadata that is garbage", "what?"),
    Case(
      testDescription: "damaged, with messages behind", metadata: "6\n1,0\n1,42\n", damage: 14,
      verdict: .salvageable, salvageable: 3, from: 14, expected: [5, 6, 7, 2, 3, 4],
      all: [5, 6, 7, 0, 2, 3, 4]),
    Case(
      testDescription: "F35 damaged, and the depth asks for all", metadata: "99\n1,0\n1,42\n",
      damage: 14, verdict: .salvageable, salvageable: 3, from: 14, expected: [5, 6, 7, 2, 3, 4],
      all: [5, 6, 7, 0, 2, 3, 4]),
    Case(
      testDescription: "damaged at its last record", metadata: "4\n1,0\n1,42\n", damage: 56,
      verdict: .hopeless, salvageable: 0, from: 56, expected: [5, 6, 7],
      all: [5, 6, 7, 0, 1, 2, 3]),
    Case(
      testDescription: "damaged, and everything else was read", metadata: "0\n1,42\n1,42\n",
      damage: 14, verdict: .salvageable, salvageable: 3, from: 14, expected: [2, 3, 4],
      all: [0, 2, 3, 4]),
  ]

  private func text(_ number: Int) -> String { "message \(10 + number)" }

  private func build(_ test: Case) -> DirectoryBuilder {
    let builder = DirectoryBuilder()
    var bytes = DirectoryBuilder.records((0..<5).map(text))
    if let damage = test.damage {
      bytes.replaceSubrange(damage..<(damage + 4), with: [0x80, 0xff, 0xff, 0xff])
    }
    builder.disk.plant("/data/jobs.diskqueue.000000.dat.bad", bytes)
    builder.segment(1, (5..<8).map(text))
    builder.metadata(test.metadata)
    return builder
  }

  @Test(arguments: cases) func `verdict`(test: Case) throws {
    let builder = build(test)
    let limits = RecordLimits(minimum: 1)
    let report = try Checker("/data", disk: builder.disk, limits: limits)
      .check(builder.queue, bad: true)
    let bad = try #require(report.badFiles.first)
    #expect(bad.verdict == test.verdict)
    #expect(bad.salvageable == test.salvageable)
    #expect(bad.from == test.from)
  }

  @Test(arguments: cases, [false, true])
  func `what is put back`(test: Case, all: Bool) throws {
    let builder = build(test)
    let path: FilePath = "/data/jobs.diskqueue.000000.dat.bad"
    let before = builder.disk.bytes(path)
    let repairer = Repairer(builder)
    let request = RepairPlanner.Request(requeuesBad: true, requeuesAllBad: all)
    let plan = try repairer.plan(request)
    let stays = test.verdict == .whole && !all
    #expect(plan.remaining.map(\.code) == (stays ? [.badFile] : []))
    let result = try repairer.repair(request)
    #expect(
      try builder.open(repairer.options).takeAll() == (all ? test.all : test.expected).map(text))
    if stays {
      #expect(builder.disk.bytes(path) == before)
    } else {
      let id = try #require(result?.id)
      // The original is never altered.
      let kept = FilePath("/data/.diskq/backup/\(id)/old/jobs.diskqueue.000000.dat.bad")
      #expect(builder.disk.bytes(kept) == before)
    }
  }

  @Test func `a whole file is set aside when that is asked for`() throws {
    let builder = build(BadFileTests.cases[0])
    let repairer = Repairer(builder)
    _ = try #require(try repairer.repair(.init(setsBadAside: true)))
    #expect(builder.disk.bytes("/data/jobs.diskqueue.000000.dat.bad") == nil)
    #expect(try builder.open(repairer.options).takeAll() == [5, 6, 7].map(text))
  }

  @Test func `F36 the rest of an older record behind a head written over is no damage met`() throws
  {
    let builder = DirectoryBuilder()
    let old = DirectoryBuilder.records((0..<5).map { "an older message \(10 + $0)" })
    let new = DirectoryBuilder.records(["new one", "new two"])
    builder.disk.plant(
      "/data/jobs.diskqueue.000000.dat.bad", new + Array(old.dropFirst(new.count)))
    builder.segment(1, ["later"])
    builder.metadata("1\n1,0\n1,9\n")
    let repairer = Repairer(builder)
    _ = try repairer.repair(.init(requeuesBad: true))
    let wanted = ["later", "new one", "new two"] + (1..<5).map { "an older message \(10 + $0)" }
    #expect(try builder.open(repairer.options).takeAll() == wanted)
  }

  @Test func `what was read to its end is no orphan once something is put back behind it`() throws {
    let builder = build(BadFileTests.cases[8])
    let repairer = Repairer(builder)
    _ = try #require(try repairer.repair(.init(requeuesBad: true)))
    let checker = Checker("/data", disk: builder.disk, limits: RecordLimits(minimum: 1))
    #expect(try checker.check(builder.queue, bad: true).findings.isEmpty)
    #expect(try repairer.repair(.init(requeuesBad: true)) == nil)
  }

  @Test func `without being asked a repair leaves .bad files alone`() throws {
    for test in BadFileTests.cases {
      let builder = build(test)
      let plan = try Repairer(builder).plan(.init())
      #expect(!plan.steps.contains { $0.file?.hasSuffix(".bad") == true })
    }
  }
}

extension DiskQueue {
  /// Takes all messages as text.
  func takeAll() throws -> [String] { try take(.max).map(\.text) }
}
