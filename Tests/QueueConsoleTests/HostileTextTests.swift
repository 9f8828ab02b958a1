import DiskQueueTesting
import QueueConsole
import SystemPackage
import Testing

@testable import DiskQueue
@testable import QueueInspection
@testable import QueueOperations

/// Whatever disk, processes, logs and people hand to the console: a cell holds what a terminal shows.
@Suite struct HostileTextTests {
  private static let pieces = [
    "\u{1B}[2J", "\u{1B}]0;pwned\u{7}", "\u{9B}31m", "\r\n", "\0", "\t", "\u{7F}", "\u{202E}",
    "\u{2066}",
    "\u{200B}", "\u{FEFF}", "\u{301}\u{301}\u{301}\u{301}\u{301}", "世界", "\u{1F600}", "👩‍👩‍👧‍👦",
    "\u{E000}",
    "\u{1160}", "\u{FE0F}", "\u{2028}", "\u{E0041}", "a", " ", "  ", "é", "name:x", "%n%s",
  ]

  /// Text made of what is worst.
  private static func text(_ random: inout SeededGenerator, _ most: Int = 12) -> String {
    (0..<Int.random(in: 0...most, using: &random)).map { _ in
      pieces.randomElement(using: &random) ?? ""
    }.joined()
  }

  private static func name(_ random: inout SeededGenerator) -> QueueName {
    var bytes = Array(text(&random, 8).utf8)
    for _ in 0..<Int.random(in: 0...3, using: &random) {
      bytes.append(UInt8.random(in: 0x80...0xFF, using: &random))
    }
    bytes.removeAll { $0 == 0 || $0 == 0x2F }
    guard let name = QueueName(bytes: [0x1B] + bytes.prefix(100)) else {
      preconditionFailure("neither empty nor too long, and without what no name has")
    }
    return name
  }

  private static func error(_ random: inout SeededGenerator) -> DiskQueueError {
    DiskQueueError(.inputOutput, text(&random), path: FilePath("/" + text(&random)))
  }

  private static func finding(_ random: inout SeededGenerator) -> Finding {
    Finding(.badFile, .error, file: text(&random), text(&random))
  }

  private static func report(_ random: inout SeededGenerator) throws -> Report {
    var report = try Sample.report(later: Bool.random(using: &random))
    report.owner = Owner(pid: 1, command: text(&random), lock: .directory)
    for index in report.queues.indices {
      report.queues[index].name = name(&random)
      report.queues[index].owner = Owner(pid: 2, command: text(&random), lock: .none)
      report.queues[index].problem = text(&random)
      report.queues[index].findings = [finding(&random), finding(&random)]
      report.queues[index].temporaries = [text(&random)]
      for bad in report.queues[index].badFiles.indices {
        report.queues[index].badFiles[bad].name = text(&random, 40)
      }
    }
    report.queues.sort { $0.name < $1.name }
    return report
  }

  private static func audit(_ random: inout SeededGenerator) -> [AuditEntry] {
    (0..<5).compactMap { _ in
      var json = JSONText()
      json.object { json in
        for key in ["time", "user", "kind", "queue", "operation", "target", "result"] {
          json.member(key, text(&random, 60))
        }
      }
      return AuditEntry(Array(json.text.utf8)[...])
    }
  }

  private static func plan(_ request: PlanRequest, _ random: inout SeededGenerator) -> Plan {
    var plan = Plan.sample(request)
    plan.steps = (0..<3).map { _ in
      Plan.Step(step: text(&random), file: text(&random), why: text(&random, 60))
    }
    plan.target = text(&random)
    plan.undoes = text(&random)
    plan.remaining = [finding(&random)]
    return plan
  }

  private static func page(_ random: inout SeededGenerator) -> Browsed {
    var page = Sample.page()
    for index in page.entries.indices { page.entries[index].start = Array(text(&random).utf8) }
    return page
  }

  /// What jobs bring back, with words from outside in it.
  private static func news(
    _ work: JobRequest, _ random: inout SeededGenerator
  ) throws -> JobNews {
    if Int.random(in: 0..<4, using: &random) == 0 { return .failed(error(&random)) }
    switch work {
    case .plan(let request):
      return .planned(request.queues.map { _ in plan(request, &random) }, request)
    case .apply(let plans, let request):
      var result = OperationResult.sample(plans[0].plan)
      result.remaining = [finding(&random)]
      let id = text(&random)
      result = OperationResult(
        id: id, kind: result.kind, queue: result.queue, messages: 1, bytes: 1,
        after: result.after, remaining: result.remaining)
      return .applied([result], request, failure: error(&random))
    case .check(let queue):
      guard var checked = try report(&random).queues.first else { return .failed(error(&random)) }
      checked.name = queue
      return .checked(checked)
    case .judge(let queue): return .judged(queue, [try Sample.judgement()])
    case .find(let queue, _, _, _): return .found(queue, nil)
    case .export(_, _, let path, _): return .exported(path + text(&random), 3)
    case .write(_, let path): return .written(path + text(&random))
    }
  }

  private static func check(_ frame: Frame, _ context: String) {
    for row in 0..<frame.rows {
      var column = 0
      while column < frame.columns {
        let cell = frame[row, column].text
        if cell.utf8.count == 1, let byte = cell.utf8.first, (0x20...0x7E).contains(byte) {
          column += 1
          continue
        }
        let units = VisibleText.units(cell, ascii: frame.ascii)
        guard units.count == 1, units[0].text == cell else {
          Issue.record("\(cell.debugDescription) at \(row),\(column) \(context)")
          return
        }
        for scalar in cell.unicodeScalars where scalar.properties.generalCategory == .control {
          Issue.record("U+\(scalar.value) at \(row),\(column) \(context)")
        }
        // The second column of a wide character holds nothing.
        if units[0].width == 2 {
          #expect(column + 1 < frame.columns && frame[row, column + 1].text.isEmpty, "\(context)")
        }
        column += units[0].width
      }
    }
  }

  @Test(arguments: 1...15 as ClosedRange<UInt64>)
  func `no view puts into a cell what a terminal would obey`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var preferences = Preferences()
    preferences.complaints = [Self.text(&random)]
    var model = Model(
      directory: "/" + Self.text(&random), ascii: seed % 3 == 0, preferences: preferences)
    let sizes = [(80, 24), (120, 40), (40, 10), (200, 60), (41, 11)]
    let size = sizes[Int(seed) % sizes.count]
    _ = model.update(.resized(columns: size.0, rows: size.1))
    _ = model.update(.writing(unlocked: true))
    // Acts are off where somebody owns the queue; here they shall all be reached.
    let keys = KeyMap.standard.flatMap(\.keys) + ["y", "x"].map { Key.character($0) }
    for step in 0..<240 {
      if step % 40 == 0 {
        var report = try Self.report(&random)
        if step % 80 == 0 {
          report.owner = nil
          for index in report.queues.indices { report.queues[index].owner = nil }
        }
        _ = model.update(.surveyed(report, changed: nil))
      }
      if step % 60 == 1 { _ = model.update(.surveyFailed(Self.error(&random))) }
      if step % 50 == 2 { _ = model.update(.audited(Self.audit(&random))) }
      if step % 9 == 0 { _ = model.update(.pasted(Paste(Array(Self.text(&random).utf8)))) }
      if step % 70 == 3 { _ = model.update(.refused(Self.text(&random))) }
      guard let key = keys.randomElement(using: &random) else { continue }
      for effect in model.update(.key(key)) {
        switch effect {
        case .start(let id, let work):
          if case .plan(let request) = work, Bool.random(using: &random) {
            let plans = request.queues.map { _ in Self.plan(request, &random) }
            _ = model.update(.job(id, .planned(plans, request)))
            Self.check(Screen.draw(model), "plan, seed \(seed)")
            if case .confirm(let plans, let request, _) = model.overlay {
              model.overlay = .confirm(plans, request, LineEditor(request.phrase(plans)))
              for effect in model.press(Model.wantsYes(plans) ? .character("y") : .enter) {
                guard case .start(let id, let work) = effect else { continue }
                Self.check(Screen.draw(model), "applying, seed \(seed)")
                _ = model.update(.job(id, try Self.news(work, &random)))
              }
            }
          } else {
            _ = model.update(.job(id, try Self.news(work, &random)))
          }
        case .browse(let queue, let anchor, _):
          _ = model.update(.browsed(queue, anchor, Self.page(&random)))
        case .open(let queue, let place):
          let message = Message(payload: Array(Self.text(&random, 99).utf8), position: place)
          _ = model.update(.opened(queue, message))
        default: break
        }
      }
      Self.check(Screen.draw(model), "step \(step), seed \(seed)")
    }
  }

  @Test func `an event is one line, on the clipboard and in a file, too`() throws {
    var random = SeededGenerator(seed: 1)
    var model = try Sample.model()
    _ = model.update(.audited(Self.audit(&random)))
    model.press(.character("L"))
    guard case .copy(let bytes)? = model.press(.character("y")).first else {
      Issue.record("nothing was copied")
      return
    }
    #expect(!bytes.contains { $0 < 0x20 || $0 == 0x7F })
    model.press(.character("e"))
    guard case .write(let text, _)? = model.press(.enter).jobs?.first else {
      Issue.record("nothing was written")
      return
    }
    #expect(!text.utf8.contains { $0 < 0x20 && $0 != 10 || $0 == 0x7F })
    #expect(text.split(separator: "\n").count == model.shownEvents.count)
  }

  @Test func `a queue's page shows the audit lines of a hostile name`() throws {
    let queue = try QueueName("e\u{1B}[31mvil\u{202E}name")
    var json = JSONText()
    json.object { json in
      for (key, value) in [
        ("time", "2026-11-22T09:00:00Z"), ("kind", "empty"), ("queue", queue.description),
      ] { json.member(key, value) }
    }
    var model = try Sample.model()
    model.selected = queue
    model.press(.enter, .character("5"))
    let entry = try #require(AuditEntry(Array(json.text.utf8)[...]))
    _ = model.update(.audited([entry]))
    #expect(model.shownEvents.contains { $0.kind == .action })
  }

  /// What is long costs as much as what is shown of it.
  @Test func `a line is wrapped by what a terminal shows, and loses nothing but blanks`() {
    var random = SeededGenerator(seed: 7)
    for _ in 0..<300 {
      let text = Self.text(&random, 40)
      let width = Int.random(in: 8...80, using: &random)
      let lines = Line(text).wrapped(to: width)
      for line in lines { #expect(VisibleText.width(line.text) <= width) }
      func bare(_ text: String) -> String { text.filter { $0 != " " } }
      // A mark that begins a line of its own is spelt out.
      guard !text.contains("\u{301}") else { continue }
      #expect(bare(lines.map(\.text).joined()) == bare(VisibleText.string(text.utf8)))
    }
    let long = Line(String(repeating: "x", count: 1 << 16)).wrapped(to: 76)
    #expect(long.count > 800)
  }

  @Test func `broken bytes are each read once`() {
    let broken = [UInt8](repeating: 0xFF, count: 1 << 16)
    #expect(VisibleText.units(broken).count == broken.count * 4)
    // As much as fits is enough.
    #expect(VisibleText.units(broken, columns: 80).count < 90)
    #expect(VisibleText.string([0xE4, 0xB8, 0xE4, 0xB8, 0x96, 0xF0, 0x9F]) == "<E4><B8>世<F0><9F>")
  }
}
