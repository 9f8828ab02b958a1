import DiskQueue
import DiskQueueTesting
import Testing

@testable import QueueInspection

/// A report's JSON is refused where it says what nobody knows, and says all that was seen.
@Suite struct ReportGuardTests {
  /// A queue with an owner, a finding and a file in the quarantine.
  private func report() throws -> Report {
    let directory = try TemporaryDirectory()
    let queue = try DiskQueue(QueueName("jobs"), directory: directory.path)
    try queue.put("one")
    try queue.close()
    var survey = Survey(directory.path)
    var report = try survey.look().report
    report.queues[0].owner = Owner(pid: 77, command: "worker", lock: .queue)
    report.queues[0].findings = [Finding(.tornTail, .error, "half a message")]
    report.queues[0].quarantined = [
      BadFileReport(
        name: "jobs.diskqueue.000000.dat@9", file: 0, bytes: 5,
        modifiedAt: Timestamp(nanoseconds: 0))
    ]
    return report
  }

  @Test func `a file in the quarantine is read back`() throws {
    let read = try ReportJSON.read(Array(ReportJSON.document(report()).utf8))
    #expect(read.queues.first?.quarantined.map(\.name) == ["jobs.diskqueue.000000.dat@9"])
    #expect(read.queues.first?.quarantined.map(\.bytes) == [5])
  }

  @Test(arguments: [
    (#""code":"torn-tail""#, #""code":"odd""#), (#""severity":"error""#, #""severity":"odd""#),
    (#""lock":"queue""#, #""lock":"odd""#),
  ])
  func `what is not known is not read as something else`(word: String, other: String) throws {
    let document = try ReportJSON.document(report())
    #expect(document.contains(word))
    let changed = Array(document.replacing(word, with: other).utf8)
    let error = #expect(throws: DiskQueueError.self) { try ReportJSON.read(changed) }
    #expect(error?.code == .damaged)
  }
}
