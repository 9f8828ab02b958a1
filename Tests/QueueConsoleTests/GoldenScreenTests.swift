import DiskQueueTesting
import Foundation
import QueueConsole
import QueueOperations
import SystemPackage
import Testing

@testable import DiskQueue
@testable import QueueInspection

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
  static let usual = [(80, 24), (120, 40), (40, 10)]

  @Test(arguments: sizes)
  func `the list`(columns: Int, rows: Int) throws {
    var model = try Sample.model(columns: columns, rows: rows)
    model.press(.character(" "))
    try expect(model, "list-\(columns)x\(rows)")
  }

  @Test(arguments: sizes)
  func `a queue's summary`(columns: Int, rows: Int) throws {
    var model = try Sample.model(columns: columns, rows: rows)
    model.press(.enter)
    try expect(model, "summary-\(columns)x\(rows)")
  }

  @Test(arguments: usual)
  func `a queue's segments`(columns: Int, rows: Int) throws {
    var model = try Sample.model(columns: columns, rows: rows)
    model.press(.character("2"), .character("j"))
    try expect(model, "segments-\(columns)x\(rows)")
  }

  @Test func `pages of queues with damage`() throws {
    for name in ["audit", "broken"] {
      var model = try Sample.model()
      model.press(.character("/"))
      model.type(name)
      model.press(.enter, .enter)
      try expect(model, "summary-\(name)")
      model.press(.character("2"), .character("g"))
      try expect(model, "segments-\(name)")
    }
  }

  @Test(arguments: sizes)
  func `messages, JSON in an envelope`(columns: Int, rows: Int) throws {
    try expect(
      try Sample.browsing(columns: columns, rows: rows), "messages-\(columns)x\(rows)")
  }

  @Test func `payloads as text and hex, in ASCII, and while they load`() throws {
    var model = try Sample.browsing(rows: 30, at: 1)
    try expect(model, "messages-text")
    model.press(.character("t"), .character("t"))
    try expect(model, "messages-hex")
    var ascii = try Sample.browsing(rows: 30, ascii: true, at: 1)
    ascii.press(.tab)
    try expect(ascii, "messages-ascii")
    var binary = try Sample.browsing(columns: 120, rows: 24, at: 3)
    binary.press(.character("t"), .character("t"), .character(" "))
    try expect(binary, "messages-binary")
    var loading = try Sample.model()
    loading.press(.character("m"))
    try expect(loading, "messages-loading")
  }

  @Test(arguments: usual)
  func `the .bad files`(columns: Int, rows: Int) throws {
    var model = try Sample.model(columns: columns, rows: rows)
    model.press(.character("/"))
    model.type("audit")
    #expect(model.press(.enter, .character("b")).jobs == [.judge(try QueueName("audit"))])
    if rows == 24 { try expect(model, "bad-reading") }
    model.tell(.judged(try QueueName("audit"), [try Sample.judgement()]))
    try expect(model, "bad-\(columns)x\(rows)")
  }

  @Test func `what is in quarantine, on the page of the .bad files`() throws {
    var model = try Sample.model()
    var report = try #require(model.report)
    let name = try QueueName("orders:billing")
    let file = BadFile(
      number: 3, copy: 0, size: 460, modified: Sample.start,
      quarantined: Array("orders:billing.diskqueue.000003.dat@1234".utf8))
    let index = try #require(report.queues.firstIndex { $0.name == name })
    report.queues[index].note([file])
    _ = model.update(.surveyed(report, changed: nil))
    model.press(.character("/"))
    model.type("billing")
    #expect(model.press(.enter, .character("b")).jobs == [.judge(name)])
    var judgement = try Sample.judgement()
    judgement.file = file
    judgement.from = 0
    model.tell(.judged(name, [judgement]))
    try expect(model, "bad-quarantined")
  }

  @Test func `a check while it runs and when it is done`() throws {
    var model = try Sample.model()
    model.press(.character("/"))
    model.type("broken")
    let name = try QueueName("broken")
    #expect(model.press(.enter, .character("c")).jobs == [.check(name)])
    model.tell(.progress(40, seconds: 2))
    try expect(model, "check-running")
    var report = try #require(model.report?.queue(name))
    report.segments[0].messages = 3
    model.tell(.checked(report))
    model.press(.enter)
    try expect(model, "check-done")
  }

  @Test(arguments: usual)
  func `events and the audit log`(columns: Int, rows: Int) throws {
    var model = try Sample.model(columns: columns, rows: rows)
    var report = try Sample.report(later: true)
    report.takenAt.nanoseconds += 60_000_000_000
    report.owner = Owner(pid: 2211, command: "nsqd", lock: .directory)
    report.queues.removeAll { $0.name.description == "broken" }
    _ = model.update(.surveyed(report, changed: nil))
    _ = model.update(.audited(try Sample.audit()))
    model.press(.character("L"))
    try expect(model, "events-\(columns)x\(rows)")
    if rows == 24 {
      model.press(.character("g"), .enter)
      try expect(model, "event-detail")
    }
  }

  @Test(arguments: usual)
  func `the help`(columns: Int, rows: Int) throws {
    var model = try Sample.model(columns: columns, rows: rows)
    model.press(.character("?"))
    try expect(model, "help-\(columns)x\(rows)")
    model.press(.character("/"))
    model.type("drain")
    try expect(model, "help-search-\(columns)x\(rows)")
  }

  @Test func `the menu, the command line and its completion`() throws {
    var model = try Sample.model()
    model.press(.character("a"), .down)
    try expect(model, "menu-locked")
    model.press(.escape)
    _ = model.update(.writing(unlocked: true))
    model.press(.character("a"))
    try expect(model, "menu")
    model.press(.escape, .character(":"))
    try expect(model, "command")
    model.type("queue ")
    model.press(.tab, .tab)
    try expect(model, "command-completed")
  }

  @Test func `ASCII only`() throws {
    var model = try Sample.model(ascii: true)
    model.press(.character("W"))
    try expect(model, "unlock-ascii")
    model.press(.escape, .enter)
    try expect(model, "summary-ascii")
  }

  @Test func `looking back`() throws {
    var model = try Sample.model()
    model.press(.character("["))
    try expect(model, "history")
  }

  @Test func `a directory without queues, and before the first look`() throws {
    var model = Model(directory: "/empty")
    _ = model.update(.resized(columns: 80, rows: 24))
    try expect(model, "list-first")
    var report = try Sample.report()
    report.queues = []
    _ = model.update(.surveyed(report, changed: nil))
    try expect(model, "list-empty")
    _ = model.update(
      .surveyFailed(DiskQueueError(.permissionDenied, "opendir failed", path: "/empty")))
    try expect(model, "list-failed")
  }

  @Test func `the dialogs of an act`() throws {
    var model = try Sample.model()
    _ = model.update(.writing(unlocked: true))
    model.press(.character("i"))
    try expect(model, "inject-form")
    model.press(.escape, .character("D"))
    try expect(model, "drain-form")
    var request = PlanRequest(.drain, try QueueName("orders:billing"))
    request.target = .file("/tmp/out", .ndjson)
    let plan = Plan.sample(request)
    model.planned([plan], request)
    model.type("orders:bil")
    try expect(model, "drain-plan")
    model.type("ling")
    model.press(.enter)
    model.tell(.progress(40, seconds: 2))
    try expect(model, "drain-running")
    model.tell(.applied([.sample(plan)], request, failure: nil))
    try expect(model, "drain-result")
  }

  @Test func `an act on marked queues`() throws {
    let names = try ["audit", "orders:billing"].map { try QueueName($0) }
    var model = try Sample.model()
    _ = model.update(.writing(unlocked: true))
    let request = PlanRequest(.empty, names)
    model.planned(names.map { Plan.sample(request, $0) }, request)
    model.type("empty")
    try expect(model, "empty-many")
  }
}
