import DiskQueueTesting
import SystemPackage
import Testing

@testable import DiskQueue
@testable import QueueConsole
@testable import QueueInspection

/// What watching tells: rates, stalls, peaks, events, alerts, history.
@Suite struct WatchingTests {
  private static let name = "orders:billing"

  /// A report with one queue, so many seconds after the start.
  private func report(
    depth: Int64, read: Position = Position(file: 0, offset: 0), write: Int64, at seconds: Int64,
    owner: Owner? = nil, bad: [String] = []
  ) throws -> Report {
    let disk = InMemoryDisk(directory: "/d")
    let queue = try QueueName(Self.name)
    disk.plant(FilePath("/d").file(.segment(0), of: queue), [UInt8](repeating: 0, count: 8))
    var survey = Survey("/d", disk: disk, processes: FakeProcesses()) {
      Timestamp(nanoseconds: Sample.start.nanoseconds + seconds * 1_000_000_000)
    }
    var report = try survey.refresh()
    report.queues[0].depth = depth
    report.queues[0].read = read
    report.queues[0].write = Position(file: 0, offset: write)
    report.queues[0].unreadBytes = write - read.offset
    report.queues[0].segments[0].bytes = write
    report.queues[0].findings = []
    report.queues[0].badFiles = bad.map {
      BadFileReport(name: $0, file: 0, bytes: 10, modifiedAt: Sample.start)
    }
    report.owner = owner
    report.queues[0].owner = owner
    return report
  }

  private func model(_ reports: Report...) -> Model {
    var model = Model(directory: "/d")
    _ = model.update(.resized(columns: 80, rows: 24))
    for report in reports { _ = model.update(.surveyed(report, changed: nil)) }
    return model
  }

  private func queue() throws -> QueueName { try QueueName(Self.name) }

  @Test func `a queue nobody reads shows what comes, exactly`() throws {
    let model = model(
      try report(depth: 100, write: 10_000, at: 0), try report(depth: 150, write: 15_000, at: 5))
    let rates = model.rates(try queue())
    #expect(rates.in == 10 && rates.out == 0 && rates.net == 10)
  }

  @Test func `a queue nobody fills shows what goes, exactly`() throws {
    let model = model(
      try report(depth: 100, write: 10_000, at: 0),
      try report(depth: 50, read: Position(file: 0, offset: 5000), write: 10_000, at: 5))
    let rates = model.rates(try queue())
    #expect(rates.in == 0 && rates.out == 10 && rates.net == -10)
    #expect(model.watched[try queue()]?.secondsToDrain(50) == 5)
  }

  @Test func `with both, bytes tell what came and the depth what stayed`() throws {
    let model = model(
      try report(depth: 100, write: 10_000, at: 0),
      try report(depth: 120, read: Position(file: 0, offset: 3000), write: 15_000, at: 5))
    let rates = model.rates(try queue())
    #expect(rates.net == 4)
    #expect(rates.in == 10 && rates.out == 6)
  }

  @Test func `rates go back to nothing when nothing happens`() throws {
    var model = model(
      try report(depth: 100, write: 10_000, at: 0), try report(depth: 150, write: 15_000, at: 5))
    for second in 6...30 as ClosedRange<Int64> {
      _ = model.update(
        .surveyed(try report(depth: 150, write: 15_000, at: second), changed: []))
    }
    #expect(model.rates(try queue()) == Rates())
    #expect(model.moving.isEmpty)
    // After a rest, the rate is over the time since the last look, not over the rest.
    _ = model.update(
      .surveyed(try report(depth: 160, write: 16_000, at: 31), changed: [try queue()]))
    #expect(model.rates(try queue()).in > 0.9)
  }

  @Test func `a quiet look leaves the screen alone, but for ages and pictures every ten seconds`()
    throws
  {
    var model = model(try report(depth: 5, write: 100, at: 0))
    var drawn = 0
    for second in 1...60 as ClosedRange<Int64> {
      let next = try report(depth: 5, write: 100, at: second)
      // The interval's end is told just before each look.
      _ = model.update(.tick(next.takenAt))
      if !model.staysTheSame(next, changed: []) { drawn += 1 }
      _ = model.update(.surveyed(next, changed: []))
    }
    #expect(drawn == 6)
    let owned = try report(
      depth: 5, write: 100, at: 60, owner: Owner(pid: 1, command: "nsqd", lock: .directory))
    #expect(!model.staysTheSame(owned, changed: []))
  }

  @Test func `a read position that stands still is a stall, told once`() throws {
    var model = model(try report(depth: 100, write: 10_000, at: 0))
    for second in stride(from: 5, through: 120, by: 5) as StrideThrough<Int64> {
      _ = model.update(
        .surveyed(
          try report(depth: 100 + second, write: 10_000 + second * 100, at: second), changed: nil))
    }
    #expect(model.events.all.count { $0.kind == .stall } == 1)
    #expect(model.alerts.contains { $0.text.contains("not read for 2m") })
    _ = model.update(
      .surveyed(
        try report(depth: 90, read: Position(file: 0, offset: 1), write: 22_000, at: 125),
        changed: nil))
    #expect(model.alerts.isEmpty)
  }

  @Test func `an empty queue never stalls`() throws {
    let end = Position(file: 0, offset: 10_000)
    var model = model(try report(depth: 0, read: end, write: 10_000, at: 0))
    _ = model.update(
      .surveyed(try report(depth: 0, read: end, write: 10_000, at: 500), changed: nil))
    #expect(model.alerts.isEmpty && model.events.all.isEmpty)
  }

  @Test func `a peak is told when it is past, and not for each ripple`() throws {
    var model = model(try report(depth: 100, write: 100, at: 0))
    for (second, depth) in [
      (1, 500), (2, 1000), (3, 980), (4, 1005), (5, 700), (6, 1010), (7, 500),
    ]
      as [(Int64, Int64)]
    {
      _ = model.update(
        .surveyed(try report(depth: depth, write: depth * 10, at: second), changed: nil))
    }
    let peaks = model.events.all.filter { $0.kind == .peak }
    #expect(peaks.count == 1)
    #expect(peaks[0].text.contains("1,005"))
    #expect(model.watched[try queue()]?.peak.depth == 1010)
  }

  @Test func `a .bad file, owners, and queues that come and go are events`() throws {
    let owner = Owner(pid: 7, command: "nsqd", lock: .directory)
    let worker = Owner(pid: 8, command: "worker", lock: .none)
    var gone = try report(depth: 1, write: 100, at: 5)
    gone.queues = []
    var owned = try report(depth: 1, write: 100, at: 3)
    owned.queues[0].owner = worker
    let model = model(
      try report(depth: 1, write: 100, at: 0),
      try report(depth: 1, write: 100, at: 1, owner: owner, bad: ["x.bad"]),
      try report(depth: 1, write: 100, at: 2, bad: ["x.bad"]), owned, gone,
      try report(depth: 1, write: 100, at: 6))
    #expect(model.events.all.map(\.kind) == [.owner, .bad, .owner, .owner, .gone, .new])
  }

  @Test func `one goes back in history and forth again, and acts are off there`() throws {
    var model = model(
      try report(depth: 1, write: 100, at: 0), try report(depth: 2, write: 200, at: 1),
      try report(depth: 3, write: 300, at: 2))
    _ = model.update(.writing(unlocked: true))
    model.press(.character("["))
    #expect(model.shown?.queues[0].depth == 2)
    #expect(model.press(.character("X")).isEmpty)
    model.press(.character("["))
    #expect(model.shown?.queues[0].depth == 1)
    // What is new meanwhile does not move what is looked at.
    _ = model.update(.surveyed(try report(depth: 4, write: 400, at: 3), changed: nil))
    #expect(model.shown?.queues[0].depth == 1)
    #expect(model.report?.queues[0].depth == 4)
    model.press(.character("["))
    #expect(model.shown?.queues[0].depth == 1)
    model.press(.character("]"))
    #expect(model.shown?.queues[0].depth == 2)
    model.press(.escape)
    #expect(model.shown?.queues[0].depth == 4 && model.pastSteps == 0)
  }

  @Test func `history is bounded, and quiet looks do not fill it`() throws {
    var model = model(try report(depth: 1, write: 100, at: 0))
    for second in 1...4000 as ClosedRange<Int64> {
      _ = model.update(
        .surveyed(try report(depth: 1 + second % 2, write: 100, at: second), changed: nil))
    }
    #expect(model.history.count <= 3600)
    let count = model.history.count
    _ = model.update(.surveyed(try report(depth: 1, write: 100, at: 4001), changed: []))
    #expect(model.history.count == count)
  }

  @Test func `depths are kept by slots, and only where they change`() {
    var series = DepthSeries()
    for second in 0..<100_000 as Range<Int64> { series.note(5, at: second) }
    #expect(series.values(3, at: 99_999) == [5, 5, 5])
    series.note(7, at: 100_000)
    series.note(9, at: 100_009)
    #expect(series.values(3, at: 100_010) == [5, 9, 9])
    for slot in 0..<10_000 as Range<Int64> { series.note(slot, at: 200_000 + slot * 10) }
    #expect(series.values(2, at: 299_990) == [9998, 9999])
    #expect(series.values(400, at: 299_990).compactMap { $0 }.count == 180)
  }

  @Test func `segments that come and go between two looks count`() throws {
    var old = try report(depth: 100, write: 1000, at: 0).queues[0]
    var new = old
    old.segments = [SegmentReport(file: 0, bytes: 1000)]
    new.write = Position(file: 3, offset: 50)
    new.read = Position(file: 3, offset: 0)
    new.segments = [SegmentReport(file: 3, bytes: 50)]
    // The rest of 0 (nothing), 1 and 2 as large as the largest known, and the start of 3.
    #expect(Flow(from: old, to: new).arrived == 2050)
    #expect(Flow(from: old, to: new).left == 3000)
  }

  @Test func `a full disk and a depth over the limit are alerts`() throws {
    var preferences = Preferences()
    preferences.thresholds.depth = 50
    var model = Model(directory: "/d", preferences: preferences)
    var report = try report(depth: 100, write: 100, at: 0)
    report.totalBytes = 1000
    report.freeBytes = 10
    _ = model.update(.surveyed(report, changed: nil))
    #expect(model.alerts.map(\.severity) == [.error, .warning])
  }

  @Test func `a slow line stretches the interval, and a quick one brings it back`() throws {
    var model = model(try report(depth: 1, write: 100, at: 0))
    for _ in 0..<10 { _ = model.update(.line(isSlow: true)) }
    #expect(model.slowdown == 16)
    for _ in 0..<10 { _ = model.update(.line(isSlow: false)) }
    #expect(model.slowdown == 1)
  }

  @Test(arguments: [
    (0.0, "0"), (0.04, "0"), (0.44, "0.4"), (5, "5"), (711.4, "711"), (17_700, "17.7k"),
    (1_240_000, "1.2M"),
  ])
  func `rates are short`(rate: Double, text: String) {
    #expect(Numbers.rate(rate) == text)
  }

  @Test func `pictures have one sign a column, in Unicode and ASCII`() {
    let values: [Int64?] = [nil, 0, 1, 50, 100]
    #expect(Sparkline.line(values, columns: 5, ascii: false) == " ▁▁▅█")
    #expect(Sparkline.line(values, columns: 5, ascii: true) == " __=#")
    let graph = Sparkline.graph(
      values, columns: 5, rows: 2, least: 0, most: 100, ascii: false)
    #expect(graph.map(\.count) == [5, 5])
    #expect(graph[0].last == "█")
  }
}
