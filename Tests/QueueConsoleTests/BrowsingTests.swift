import DiskQueue
import DiskQueueTesting
import QueueInspection
import QueueOperations
import SystemPackage
import Testing

@testable import QueueConsole

/// Looking at messages: what is asked for, and what keys do with it.
@Suite struct BrowsingTests {
  private static func entries(_ numbers: Range<Int64>) -> [MessageEntry] {
    numbers.map {
      MessageEntry(
        position: Position(file: 3, offset: $0 * 10), number: $0, size: 6, start: [65, 66])
    }
  }

  private static func browsed(_ numbers: Range<Int64>) -> Browsed {
    Browsed(entries: entries(numbers), takenAt: Sample.start, depth: 1_000_000)
  }

  private func queue() throws -> QueueName { try QueueName("orders:billing") }

  private func model(_ numbers: Range<Int64> = 0..<150) throws -> Model {
    var model = try Sample.model()
    #expect(model.press(.character("m")) == [.browse(try queue(), .first, isFresh: true)])
    #expect(
      model.update(.browsed(try queue(), .first, Self.browsed(numbers)))
        == [.open(try queue(), Position(file: 3, offset: numbers.lowerBound * 10))])
    return model
  }

  @Test func `more is asked for before the end of what is loaded, and once`() throws {
    var model = try model()
    var asked: [Effect] = []
    for _ in 0..<120 {
      asked += model.press(.down).filter { if case .browse = $0 { true } else { false } }
    }
    #expect(
      asked == [.browse(try queue(), .after(Position(file: 3, offset: 1490)), isFresh: false)])
    _ = model.update(
      .browsed(
        try queue(), .after(Position(file: 3, offset: 1490)), Self.browsed(150..<300)))
    #expect(model.messages?.entries.count == 300)
    #expect(model.messages?.current?.number == 120)
  }

  @Test func `what is held is bounded at both ends, and the cursor stays on its message`() throws {
    var model = try model()
    for start in stride(from: 150, to: 3000, by: 150) as StrideTo<Int64> {
      let last = Position(file: 3, offset: (start - 1) * 10)
      model.press(.end)
      _ = model.update(
        .browsed(try queue(), .after(last), Self.browsed(start..<(start + 150))))
      #expect((model.messages?.entries.count ?? 0) <= LoadedMessages.most)
    }
    #expect(model.messages?.reachesStart == false)
    let first = try #require(model.messages?.entries.first)
    let number = try #require(first.number)
    model.messages?.selected = 0
    let current = model.messages?.current
    _ = model.update(
      .browsed(
        try queue(), .before(first.position), Self.browsed((number - 150)..<number)))
    #expect(model.messages?.current == current)
  }

  @Test func `the ends are the queue's, not those of what is loaded`() throws {
    var model = try model()
    #expect(
      model.press(.character("G")) == [.browse(try queue(), .last, isFresh: false)])
    _ = model.update(
      .browsed(try queue(), .last, Self.browsed(999_850..<1_000_000)))
    #expect(model.messages?.current?.number == 999_999)
    #expect(
      model.press(.character("g")) == [.browse(try queue(), .first, isFresh: false)])
  }

  @Test func `an answer for another queue, or an older page, is dropped`() throws {
    var model = try model()
    let before = model.messages?.entries
    _ = model.update(.browsed(try QueueName("audit"), .first, Self.browsed(7..<9)))
    _ = model.update(
      .browsed(
        try queue(), .after(Position(file: 9, offset: 9)), Self.browsed(7..<9)))
    #expect(model.messages?.entries == before)
  }

  @Test func `searching asks from the cursor on and puts it on what was found`() throws {
    var model = try model()
    model.press(.character("/"))
    model.type("inv_88")
    let here = Position(file: 3, offset: 0)
    #expect(
      model.press(.enter).jobs == [.find(try queue(), "inv_88", from: here, forward: true)])
    #expect(model.job != nil)
    model.tell(.found(try queue(), Position(file: 3, offset: 70)))
    #expect(model.job == nil && model.messages?.current?.number == 7)
    #expect(
      model.press(.character("N")).jobs
        == [.find(try queue(), "inv_88", from: Position(file: 3, offset: 70), forward: false)])
    #expect(
      model.tell(.found(try queue(), Position(file: 9, offset: 70)))
        == [.browse(try queue(), .at(Position(file: 9, offset: 70)), isFresh: false)])
  }

  @Test func `marked messages are what is moved, exported and counted`() throws {
    var model = try model()
    _ = model.update(.writing(unlocked: true))
    model.press(.character(" "), .character(" "), .down, .character(" "))
    let places = [0, 10, 30].map { Position(file: 3, offset: $0) }
    #expect(model.messages?.chosen == places)
    model.press(.character("M"))
    model.press(.control("u"))
    model.type("/tmp/x")
    var request = PlanRequest(.move, try queue())
    request.positions = Set(places)
    request.target = .file("/tmp/x", .ndjson)
    #expect(model.press(.enter).jobs == [.plan(request)])
    model.press(.escape)
    model.tell(.failed(DiskQueueError(.refused, "cancelled")))
    model.press(.character("e"), .control("u"))
    model.type("/tmp/y")
    #expect(
      model.press(.enter).jobs == [.export(try queue(), places, path: "/tmp/y", .ndjson)])
  }

  @Test func `skipping reaches through the message under the cursor`() throws {
    var model = try model(1..<151)
    _ = model.update(.writing(unlocked: true))
    for _ in 0..<4 { model.press(.down) }
    model.press(.character("S"))
    var request = PlanRequest(.skip, try queue())
    request.count = 5
    #expect(model.press(.enter).jobs == [.plan(request)])
  }

  @Test func `a copy is the body without its envelope, and not more than a clipboard takes`()
    throws
  {
    var model = try Sample.browsing(at: 0)
    let body = try #require(NSQEnvelope(Sample.messages()[0].payload)).body
    #expect(model.press(.character("y")) == [.copy(body)])
    model.messages?.opened?.payload = [UInt8](repeating: 65, count: 80_000)
    #expect(model.press(.character("y")).isEmpty)
  }

  @Test func `the tail is followed while it is wanted`() throws {
    var model = try model()
    #expect(
      model.press(.character("f")) == [.browse(try queue(), .last, isFresh: true)])
    _ = model.update(.browsed(try queue(), .last, Self.browsed(0..<150)))
    var report = try Sample.report(later: true)
    report.takenAt.nanoseconds += 1_000_000_000
    report.queues[4].depth += 1
    #expect(
      model.update(.surveyed(report, changed: [try queue()]))
        == [.browse(try queue(), .last, isFresh: true)])
    model.press(.up)
    #expect(model.messages?.follows == false)
  }

  /// No byte of a payload can reach the terminal as a control.
  @Test(arguments: 0...60 as ClosedRange<UInt64>)
  func `payloads of any bytes are drawn without a control`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let pool: [UInt8] = Array("{}[]\",:\\u001b".utf8) + [0x1B, 0x9B, 0xC2, 0xE2, 0x80, 0xAE, 0, 7]
    let payload = (0..<Int.random(in: 0...400, using: &random)).map { _ in
      Bool.random(using: &random)
        ? pool.randomElement(using: &random) ?? 0 : UInt8.random(in: 0...255, using: &random)
    }
    var model = try Sample.browsing()
    let place = Position(file: 3, offset: 230)
    for view in LoadedMessages.View.allCases {
      model.messages?.view = view
      model.messages?.entries[0].start = Array(payload.prefix(256))
      model.messages?.opened = Message(payload: payload, position: place)
      for cell in Screen.draw(model).cells {
        for scalar in cell.text.unicodeScalars {
          #expect(scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value))
          #expect(scalar.properties.generalCategory != .format)
        }
      }
    }
  }

  @Test(arguments: [
    (
      #"{"a":1,"b":[],"c":{"d":[1,2]}}"#,
      [
        "{", "  \"a\": 1,", "  \"b\": [],", "  \"c\": {", "    \"d\": [", "      1,", "      2",
        "    ]", "  }", "}",
      ]
    ),
    ("[]", ["[]"]), ("12", ["12"]), (#"{"a":"x\u001b"}"#, ["{", #"  "a": "x\u001b""#, "}"]),
  ])
  func `JSON is laid out as it was written`(text: String, lines: [String]) throws {
    var page = LoadedMessages(try queue())
    page.opened = Message(payload: Array(text.utf8), position: Position(file: 0, offset: 0))
    let rows = PayloadText(page, width: 60).rows.dropFirst(2)
    #expect(Array(rows) == lines.map { .text($0) })
  }
}

/// The line after `:`.
@Suite struct CommandLineTests {
  private func run(_ line: String, unlocked: Bool = true) throws -> (Model, [Effect]) {
    var model = try Sample.model()
    if unlocked { _ = model.update(.writing(unlocked: true)) }
    model.press(.character(":"))
    model.type(line)
    let effects = model.press(.enter)
    return (model, effects)
  }

  @Test(
    arguments: [
      ("q", [.quit]), ("interval 2.5", [.interval(2.5)]), ("interval 0", []), ("nonsense", []),
      ("check", [.check]), ("events", [.readAudit]), ("sort name", []), ("write", [.lock]),
      ("", []),
    ] as [(String, [Expected])])
  func `words do what keys do`(line: String, expected: [Expected]) throws {
    let (_, effects) = try run(line)
    let name = try QueueName("orders:billing")
    #expect(effects == expected.map { $0.effect(name) })
  }

  /// What a line leads to, without the queue it is about.
  enum Expected: Sendable {
    case quit, check, readAudit, lock
    case interval(Double)

    func effect(_ queue: QueueName) -> Effect {
      switch self {
      case .quit: .quit
      case .check: .start(JobID(1), .check(queue))
      case .readAudit: .readAudit
      case .lock: .lock
      case .interval(let seconds): .interval(seconds)
      }
    }
  }

  @Test func `acts make a plan, and a locked console makes none`() throws {
    var drain = PlanRequest(.drain, try QueueName("orders:billing"))
    drain.target = .file("/tmp/x", .ndjson)
    #expect(try run("drain /tmp/x").1.jobs == [.plan(drain)])
    drain.target = .queue(try QueueName("other"))
    #expect(try run("drain-queue other").1.jobs == [.plan(drain)])
    drain.target = .command("kcat -P -t x", .lines)
    #expect(try run("exec kcat -P -t x").1.jobs == [.plan(drain)])
    var skip = PlanRequest(.skip, try QueueName("orders:billing"))
    skip.count = 3
    #expect(try run("skip 3").1.jobs == [.plan(skip)])
    for line in ["drain /tmp/x", "empty", "repair", "skip 1", "inject hello", "purge", "undo"] {
      #expect(try run(line, unlocked: false).1.isEmpty, "\(line)")
    }
    for line in ["drain", "skip 0", "skip x", "drain-queue a/b"] {
      #expect(try run(line).1.isEmpty, "\(line)")
    }
  }

  @Test func `a place leads to its message, a name to its queue`() throws {
    let queue = try QueueName("orders:billing")
    #expect(
      try run("goto 000004@460").1
        == [.browse(queue, .at(Position(file: 4, offset: 460)), isFresh: true)])
    #expect(try run("goto here").1.isEmpty)
    let (model, _) = try run("queue audit")
    #expect(model.screen == .queue(try QueueName("audit"), .summary))
    #expect(try run("queue nowhere").0.screen == .list)
  }

  @Test func `Tab goes through what fits, and takes the only one`() throws {
    let model = try Sample.model()
    #expect(model.completions(of: "in") == ["interval ", "inject "])
    #expect(model.completions(of: "queue or") == ["queue orders:billing"])
    #expect(model.completions(of: "sort ").count == Model.Order.allCases.count)
    #expect(model.completions(of: "nowhere x").isEmpty)
    var typing = model
    typing.press(.character(":"))
    typing.type("que")
    typing.press(.tab)
    typing.type("aud")
    typing.press(.tab)
    typing.press(.enter)
    #expect(typing.screen == .queue(try QueueName("audit"), .summary))
  }

  @Test func `every word of the command line is known to it`() throws {
    for command in TypedCommand.all {
      let (model, _) = try run(command.word + " 1")
      #expect(!model.message.contains("there is no command"), "\(command.word)")
    }
  }
}
