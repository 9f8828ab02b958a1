import DiskQueue
import DiskQueueTesting
import QueueInspection
import SystemPackage
import Testing

/// A report that was written as JSON, perhaps on another machine, is read back.
@Suite struct ReportReadingTests {
  @Test(arguments: Fixture.all())
  func `what is read back is written the same`(fixture: Fixture) throws {
    let directory = try fixture.copy()
    var survey = Survey(directory.path)
    let report = try survey.look().report
    let document = ReportJSON.document(report)
    let read = try ReportJSON.read(Array(document.utf8))
    #expect(ReportJSON.document(read) == document)
    #expect(read.queues.map(\.depth) == report.queues.map(\.depth))
    #expect(read.queues.map(\.severity) == report.queues.map(\.severity))
  }

  @Test func `damaged places are read back`() throws {
    let builder = DirectoryBuilder()
    var random = SeededGenerator(seed: 1)
    var segment = DamagedSegment(MessageKind.text.payloads(90, &random))
    segment.damage(.ones, 3000..<3300, &random)
    segment.damage(.zeros, 6000..<6300, &random)
    builder.disk.plant(builder.directory.file(.segment(0), of: builder.queue), segment.bytes)
    builder.metadata("90\n0,0\n0,\(segment.bytes.count)\n")
    let checked = try Checker("/data", disk: builder.disk, processes: FakeProcesses())
      .check(builder.queue)
    #expect(checked.damage.count == 2)
    // Each of them is a finding, too.
    #expect(checked.findings.count { $0.severity == .error } == 2)
    var survey = Survey(
      "/data", disk: builder.disk, processes: FakeProcesses(),
      now: { Timestamp(nanoseconds: 1_795_000_000_000_000_000) })
    var report = try survey.look().report
    report.queues = [checked]
    let read = try ReportJSON.read(Array(ReportJSON.document(report).utf8))
    #expect(read.queues.map(\.damage) == [checked.damage])
  }

  @Test func `names that are no text are read back, too`() throws {
    let directory = try TemporaryDirectory()
    let name = try #require(QueueName(bytes: [0xFF, 65]))
    let queue = try DiskQueue(name, directory: directory.path)
    try queue.put("one")
    try queue.close()
    var survey = Survey(directory.path)
    let report = try survey.look().report
    let read = try ReportJSON.read(Array(ReportJSON.document(report).utf8))
    #expect(read.queues.map(\.name) == [name])
  }

  @Test(arguments: [
    "", "{}", "[]", "null", #"{"directory":"x","takenAt":"now","queues":[]}"#,
    #"{"directory":"x","takenAt":"2026-11-22T12:04:31Z","queues":[{}]}"#,
    #"{"directory":"x","takenAt":"2026-11-22T12:04:31Z","queues":[1]} "# + "x",
  ])
  func `what is no report is refused`(text: String) {
    let error = #expect(throws: DiskQueueError.self) { try ReportJSON.read(Array(text.utf8)) }
    #expect(error?.code == .damaged)
  }

  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59.999999999Z"),
      (1_795_435_471_250_000_000, "2026-11-23T12:04:31.25Z"),
      (951_782_400_000_000_000, "2000-02-29T00:00:00Z"),
      (4_102_444_800_000_000_001, "2100-01-01T00:00:00.000000001Z"),
    ] as [(Int64, String)])
  func `times are read as they are written`(nanoseconds: Int64, text: String) {
    #expect(Timestamp(rfc3339: text)?.nanoseconds == nanoseconds)
    #expect(Timestamp(nanoseconds: nanoseconds).rfc3339Full == text)
  }

  @Test(arguments: [
    "", "2026-11-23", "2026-11-23T12:04:31", "2026-13-23T12:04:31Z", "2026-11-23 12:04:31Z",
    "2026-11-23T24:04:31Z", "2026-11-23T12:04:31.Z", "2026-11-23T12:04:31.1234567890Z",
    "+026-11-23T12:04:31Z",
  ])
  func `what is no time is none`(text: String) { #expect(Timestamp(rfc3339: text) == nil) }
}
