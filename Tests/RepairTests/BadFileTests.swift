import DiskQueue
import DiskQueueTesting
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
    var verdict: BadFileReport.Verdict
    var salvageable: Int64
    var from: Int64
    /// What comes after `repair --bad --requeue-bad`.
    var expected: [Int]
  }

  static let cases: [Case] = [
    Case(
      testDescription: "whole, and the depth does not ask for it", metadata: "3\n1,0\n1,42\n",
      verdict: .wholeDelivered, salvageable: 0, from: 70, expected: [5, 6, 7]),
    Case(
      testDescription: "whole, and the depth asks for all of it", metadata: "8\n1,0\n1,42\n",
      verdict: .whole, salvageable: 5, from: 0, expected: [5, 6, 7, 0, 1, 2, 3, 4]),
    Case(
      testDescription: "whole, and the depth asks for its last two", metadata: "5\n1,0\n1,42\n",
      verdict: .whole, salvageable: 2, from: 42, expected: [5, 6, 7, 3, 4]),
    Case(
      testDescription: "damaged, with messages behind", metadata: "6\n1,0\n1,42\n", damage: 14,
      verdict: .salvageable, salvageable: 3, from: 14, expected: [5, 6, 7, 2, 3, 4]),
    Case(
      testDescription: "damaged at its last record", metadata: "4\n1,0\n1,42\n", damage: 56,
      verdict: .hopeless, salvageable: 0, from: 56, expected: [5, 6, 7]),
    Case(
      testDescription: "caught up and drained since", metadata: "0\n1,42\n1,42\n",
      verdict: .wholeDelivered, salvageable: 0, from: 70, expected: []),
    Case(
      testDescription: "damaged, and everything else was read", metadata: "0\n1,42\n1,42\n",
      damage: 14, verdict: .salvageable, salvageable: 3, from: 14, expected: [2, 3, 4]),
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

  @Test(arguments: cases) func `what is put back`(test: Case) throws {
    let builder = build(test)
    let before = builder.disk.bytes("/data/jobs.diskqueue.000000.dat.bad")
    let repairer = Repairer(builder)
    let result = try repairer.repair(.init(bad: true, requeuesBad: true))
    #expect(try builder.open(repairer.options).takeAll() == test.expected.map(text))
    let id = try #require(result?.id)
    // The original is never altered.
    #expect(
      builder.disk.bytes(
        FilePath("/data/.diskq/backup/\(id)/old/jobs.diskqueue.000000.dat.bad")) == before)
  }

  @Test func `without being asked a repair leaves .bad files alone`() throws {
    for test in BadFileTests.cases where test.expected.count != 0 {
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
