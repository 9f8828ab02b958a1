import DiskQueue
import Foundation
import QueueConsole
import SystemPackage
import Testing

/// Every screen as text, held against what was reviewed once.
///
/// Set DISKQ_RECORD=1 to write them anew, then read the difference.
@Suite struct GoldenScreenTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Golden")

  private func expect(_ model: Model, _ name: String) throws {
    let lines = Screen.draw(model).lines
    let url = GoldenScreenTests.folder.appendingPathComponent(name + ".txt")
    if ProcessInfo.processInfo.environment["DISKQ_RECORD"] != nil {
      try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: url)
    }
    let golden = try String(contentsOf: url, encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    #expect(lines == golden, "\(name)")
  }

  static let sizes = [(80, 24), (120, 40), (40, 10), (20, 5), (1, 1), (200, 60)]

  @Test(arguments: sizes)
  func `the list`(columns: Int, rows: Int) throws {
    try expect(Sample.model(columns: columns, rows: rows), "list-\(columns)x\(rows)")
  }

  @Test(arguments: sizes)
  func `a queue's page`(columns: Int, rows: Int) throws {
    var model = try Sample.model(columns: columns, rows: rows)
    model.press(.enter)
    try expect(model, "detail-\(columns)x\(rows)")
  }

  @Test func `pages of queues with damage`() throws {
    for name in ["audit", "broken"] {
      var model = try Sample.model()
      model.press(.character("/"))
      model.type(name)
      model.press(.enter, .enter)
      try expect(model, "detail-\(name)")
    }
  }

  @Test(arguments: [(80, 24), (120, 40), (40, 10)])
  func `the .bad files`(columns: Int, rows: Int) throws {
    var model = try Sample.model(columns: columns, rows: rows)
    model.press(.character("/"))
    model.type("audit")
    #expect(model.press(.enter, .character("b")) == [.judge(try QueueName("audit"))])
    if rows == 24 { try expect(model, "bad-reading") }
    _ = model.update(.judged(try QueueName("audit"), [try Sample.judgement()]))
    try expect(model, "bad-\(columns)x\(rows)")
  }

  @Test func `a check while it runs and when it is done`() throws {
    var model = try Sample.model()
    model.press(.character("/"))
    model.type("broken")
    let name = try QueueName("broken")
    #expect(model.press(.enter, .character("c")) == [.check(name)])
    _ = model.update(.passed(40, seconds: 2))
    try expect(model, "check-running")
    var report = try #require(model.report?.queues.first { $0.name == name })
    report.segments[0].messages = 3
    _ = model.update(.checked(report))
    try expect(model, "check-done")
  }

  @Test(arguments: [(80, 24), (120, 40), (40, 10)])
  func `the help`(columns: Int, rows: Int) throws {
    var model = try Sample.model(columns: columns, rows: rows)
    model.press(.character("?"))
    try expect(model, "help-\(columns)x\(rows)")
  }

  @Test func `ASCII only`() throws {
    var model = try Sample.model(ascii: true)
    model.press(.character("W"))
    try expect(model, "unlock-ascii")
  }

  @Test func `a directory without queues, and before the first look`() throws {
    var model = Model(directory: "/empty")
    _ = model.update(.resized(columns: 80, rows: 24))
    try expect(model, "list-first")
    var report = try Sample.report()
    report.queues = []
    _ = model.update(.surveyed(report))
    try expect(model, "list-empty")
    _ = model.update(
      .surveyFailed(DiskQueueError(.permissionDenied, "opendir failed", path: "/empty")))
    try expect(model, "list-failed")
  }

  @Test func `the dialogs of an act`() throws {
    var model = try Sample.model()
    _ = model.update(.writing(unlocked: true))
    model.press(.character("D"))
    try expect(model, "drain-file")
    let request = PlanRequest(.drain, try QueueName("orders:billing"), path: "/tmp/out")
    let plan = Plan.sample(request)
    model.overlay = .planning(request)
    _ = model.update(.planned(plan, request))
    model.type("orders:bil")
    try expect(model, "drain-plan")
    model.type("ling")
    model.press(.enter)
    _ = model.update(.progress(40))
    try expect(model, "drain-running")
    _ = model.update(.applied(.sample(plan)))
    try expect(model, "drain-result")
  }
}
