import DiskQueue
import DiskQueueTesting
import QueueConsole
import QueueInspection
import QueueOperations
import SystemPackage

/// A directory with a bit of everything, looked at twice, five seconds apart.
enum Sample {
  static let start = Timestamp(nanoseconds: 1_795_341_871_000_000_000)

  static func report(later: Bool = false) throws -> Report {
    let disk = InMemoryDisk(directory: "/var/lib/nsq")
    func plant(_ name: String, _ file: FileName, _ bytes: [UInt8]) throws {
      disk.plant(FilePath("/var/lib/nsq").file(file, of: try QueueName(name)), bytes)
    }
    func records(_ count: Int) -> [UInt8] {
      DirectoryBuilder.records((0..<count).map { "message number \(1000 + $0)" })
    }
    func metadata(_ name: String, _ text: String) throws {
      try plant(name, .metadata, Array(text.utf8))
    }
    try plant("orders:billing", .segment(3), records(40))
    try plant("orders:billing", .segment(4), records(40))
    try plant("orders:billing", .segment(5), records(later ? 30 : 10))
    try metadata("orders:billing", "80\n3,230\n5,230\n")
    try plant("audit", .bad(6, copy: 0), records(20))
    try plant("audit", .segment(7), records(25))
    try metadata("audit", "25\n7,0\n7,575\n")
    try plant("users", .segment(0), records(5))
    try metadata("users", "0\n0,115\n0,115\n")
    try plant("broken", .segment(0), records(3) + [0, 0, 0, 99, 1, 2, 3])
    try plant("e\u{1B}[31mvil\u{202E}name", .segment(0), records(1))
    try metadata("e\u{1B}[31mvil\u{202E}name", "1\n0,0\n0,23\n")
    var processes = FakeProcesses()
    let users = try disk.status(at: "/var/lib/nsq/users.diskqueue.000000.dat")
    processes.open = OpenFiles(
      entries: [.init(process: 2211, device: users.device, inode: users.inode)])
    processes.commands = [2211: "nsqd"]
    let seconds: Int64 = later ? 5_000_000_000 : 0
    let time = Timestamp(nanoseconds: start.nanoseconds + seconds)
    var survey = Survey("/var/lib/nsq", disk: disk, processes: processes) { time }
    return try survey.refresh()
  }

  /// A page of messages: JSON in nsqd's envelope, plain text, bytes that are neither, and damage.
  static func messages() -> [Message] {
    let time = start.nanoseconds - 3_600_000_000_000
    let bodies: [[UInt8]] = [
      Array(
        #"{"id":"inv_88122","amount":1290,"note":"a\u001b[2Jb","lines":[{"sku":"A-1","n":2},[]]}"#
          .utf8),
      Array("plain text with \u{1B}[31mred\u{202E} and 世界\r\nsecond line\twith a tab".utf8),
      [0x1F, 0x8B, 8, 0, 1, 2, 3],
      [0xFF, 0xFE, 0, 1, 0x41],
    ]
    var messages: [Message] = []
    var offset: Int64 = 230
    for (index, body) in bodies.enumerated() {
      var payload = body
      if index != 3 {
        payload =
          NSQEnvelope(
            timestamp: time + Int64(index) * 1_003_000_000, attempts: UInt16(index + 1),
            id: "0a1b2c3d4e5f607\(index)", body: body
          ).payload
      }
      messages.append(Message(payload: payload, position: Position(file: 3, offset: offset)))
      offset += Int64(payload.count + 4)
    }
    return messages
  }

  /// What the pager tells of them.
  static func page() -> Browsed {
    var entries = messages().enumerated().map { index, message in
      MessageEntry(
        position: message.position, number: Int64(index + 1), size: message.payload.count,
        start: Array(message.payload.prefix(MessageEntry.previewSize)))
    }
    entries.append(
      MessageEntry(
        position: Position(file: 4, offset: 99), size: 0, start: [], damage: .badLength(-1)))
    return Browsed(entries: entries, takenAt: start, depth: 4)
  }

  /// A model on the messages of the largest queue, the nth of them open.
  static func browsing(columns: Int = 80, rows: Int = 24, ascii: Bool = false, at index: Int = 0)
    throws -> Model
  {
    var model = try model(columns: columns, rows: rows, ascii: ascii)
    let queue = try QueueName("orders:billing")
    model.press(.character("m"))
    _ = model.update(.browsed(queue, .first, page()))
    for _ in 0..<index { model.press(.character("j")) }
    _ = model.update(.opened(queue, messages()[index]))
    return model
  }

  /// Two lines of an audit log, read back.
  static func audit() throws -> [AuditEntry] {
    let disk = InMemoryDisk(directory: "/var/lib/nsq")
    disk.plantDeep(
      "/var/lib/nsq/.diskq/audit.jsonl",
      Array(
        """
        {"time":"2026-11-22T09:00:00Z","user":"ops","kind":"empty","queue":"users",\
        "operation":"20261122T090000Z","messages":12,"result":"done"}
        {"time":"2026-11-22T09:59:00Z","user":"ops","kind":"drain","queue":"orders:billing",\
        "operation":"20261122T095900Z","messages":188004,"target":"/var/tmp/x.ndjson",\
        "result":"done"}

        """.utf8))
    return try Audit("/var/lib/nsq", disk: disk).entries()
  }

  /// What reading the `.bad` file of “audit” might find.
  static func judgement() throws -> BadFileJudge.Judgement {
    BadFileJudge.Judgement(
      file: BadFile(number: 6, copy: 0, size: 460, modified: start), verdict: .salvageable,
      salvage: SalvageReport(regions: [
        SalvageRegion(start: 0, end: 115, kind: .records(5, .certain)),
        SalvageRegion(start: 115, end: 138, kind: .message(.guess)),
        SalvageRegion(start: 138, end: 414, kind: .records(12, .certain)),
        SalvageRegion(start: 414, end: 460, kind: .damage(.tornTail)),
      ]), messages: 12, from: 115)
  }

  /// A model that has seen both reports.
  static func model(columns: Int = 80, rows: Int = 24, ascii: Bool = false) throws -> Model {
    var model = Model(directory: "/var/lib/nsq", ascii: ascii)
    _ = model.update(.resized(columns: columns, rows: rows))
    _ = model.update(.surveyed(try report(), changed: nil))
    _ = model.update(.surveyed(try report(later: true), changed: nil))
    return model
  }
}

extension Model {
  /// Presses keys one after another; returns what the model wished for at the last.
  @discardableResult
  mutating func press(_ keys: Key...) -> [Effect] {
    var effects: [Effect] = []
    for key in keys { effects = update(.key(key)) }
    return effects
  }

  /// Lets the job that is shown tell something.
  @discardableResult
  mutating func tell(_ news: JobNews) -> [Effect] {
    update(.job(job?.id ?? JobID(0), news))
  }

  /// Brings plans onto the screen as if they had been asked for.
  mutating func planned(_ plans: [Plan], _ request: PlanRequest) {
    overlay = .planning(request)
    job = Job(JobID(77), .plan(request), "plan", queue: request.queues.first)
    tell(.planned(plans, request))
  }

  /// Types text; returns what the model wished for at the last character.
  @discardableResult
  mutating func type(_ text: String) -> [Effect] {
    var effects: [Effect] = []
    for character in text { effects = update(.key(.character(character))) }
    return effects
  }
}

extension [Effect] {
  /// The jobs that are to start; nil when something else is wished for, too.
  var jobs: [JobRequest]? {
    var requests: [JobRequest] = []
    for effect in self {
      guard case .start(_, let request) = effect else { return nil }
      requests.append(request)
    }
    return requests
  }
}
