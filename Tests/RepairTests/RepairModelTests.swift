import DiskQueue
import DiskQueueTesting
import Foundation
import QueueInspection
import QueueOperations
import SystemPackage
import Testing

/// Random damage to random queues: what a repair must keep, and what an undo must give back.
///
/// A failure names its seed; DISKQ_DAMAGES sets how many are tried, DISKQ_FROM the first of
/// them, DISKQ_SEED tries one.
@Suite struct RepairModelTests {
  static var seeds: [UInt64] {
    let environment = ProcessInfo.processInfo.environment
    if let one = environment["DISKQ_SEED"].flatMap({ UInt64($0) }) { return [one] }
    let first = environment["DISKQ_FROM"].flatMap { UInt64($0) } ?? 0
    let count = environment["DISKQ_DAMAGES"].flatMap { UInt64($0) } ?? 500
    return Array(first..<(first + count))
  }

  @Test func `damage costs no message that can be told apart, and a repair can be undone`() throws {
    for seed in RepairModelTests.seeds {
      var life = RepairLife(seed: seed)
      do { try life.run() } catch {
        Issue.record("DISKQ_SEED=\(seed): \(error)")
      }
    }
  }
}

/// One queue, one damage, one repair.
private struct RepairLife {
  let seed: UInt64
  var random: SeededGenerator
  let disk = InMemoryDisk()
  let builder: DirectoryBuilder
  var options = DiskQueue.Options()
  /// Messages put.
  var count = 0

  init(seed: UInt64) {
    self.seed = seed
    random = SeededGenerator(seed: seed)
    builder = DirectoryBuilder(disk: disk)
  }

  private mutating func number(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &random)
  }

  /// A message nobody can take for another: its number at both ends.
  private mutating func message(_ index: Int) -> [UInt8] {
    let fill = number(0...40)
    let body = "<\(10_000 + index)" + String(repeating: "abcdefgh", count: fill / 8) + "\(index)>"
    guard isNSQ else { return Array(body.utf8) }
    let hex = String(0x1000_0000_0000_0000 + UInt64(index), radix: 16)
    return NSQEnvelope(
      timestamp: 1_795_000_000_000_000_000 + Int64(index), attempts: 1, id: hex,
      body: Array(body.utf8)
    ).payload
  }

  private var isNSQ: Bool { seed.isMultiple(of: 3) }

  mutating func run() throws {
    options.maxBytesPerFile = Int64([120, 400, 2000][number(0...2)])
    options.minMessageSize = 1
    options.syncsInline = true
    let queue = try builder.open(options)
    var payloads: [[UInt8]] = []
    for index in 0..<number(1...60) { payloads.append(message(index)) }
    count = payloads.count
    try queue.put(contentsOf: payloads)
    let taken = number(0...(payloads.count / 2))
    _ = try queue.take(taken)
    try queue.close()

    let hit = try damage()
    let before = disk.files(in: "/data").filter { !$0.key.hasPrefix(".diskq") }
    let worker = Operator(
      "/data", options: options, disk: disk, processes: FakeProcesses(),
      now: { Timestamp(nanoseconds: 1_795_000_000_000_000_000) })
    let request = RepairPlanner.Request(bad: true, requeuesBad: true)
    let plan = try worker.planner.repair(builder.queue, request)
    var operation: String?
    if !plan.isEmpty { operation = try worker.apply(plan).id }

    let report = try Checker("/data", disk: disk, limits: options.limits)
      .check(builder.queue, bad: true)
    let errors = report.findings.filter { $0.severity == .error }
    guard errors.isEmpty else { throw Failure("after repair: \(errors.map(\.text)); \(hit)") }
    let second = try worker.planner.repair(builder.queue, request)
    guard second.isEmpty else {
      throw Failure("a second repair: \(second.steps.map(\.why)); \(hit)")
    }

    try expectMessages(payloads, taken, hit, plan)

    guard let operation else { return }
    let record = try OperationStore(of: "/data", disk: disk).find(operation)
    let undo: Plan
    do throws(DiskQueueError) { undo = try UndoPlanner(worker.planner, record).plan() } catch {
      throw Failure("undo: \(error)")
    }
    _ = try worker.apply(undo)
    let after = disk.files(in: "/data").filter { !$0.key.hasPrefix(".diskq") }
    guard after == before else {
      throw Failure("undo left \(after.keys.sorted()) of \(before.keys.sorted()); \(hit)")
    }
  }

  /// Takes everything and holds it against what was put.
  private func expectMessages(_ payloads: [[UInt8]], _ taken: Int, _ hit: Damage, _ plan: Plan)
    throws
  {
    let probe = InMemoryDisk()
    for (path, bytes) in disk.files(in: "/data") where !path.hasPrefix(".diskq") {
      probe.plantDeep(FilePath("/data/" + path), bytes)
    }
    let queue = try DirectoryBuilder(disk: probe).open(options)
    let depth = queue.depth
    let got = try queue.take(.max).map(\.payload)
    guard got.count == depth else { throw Failure("depth \(depth), \(got.count) came; \(hit)") }
    let known = Set(payloads)
    let unknown = got.filter { !known.contains($0) }
    guard unknown.count <= 1 || hit.mayHideMore else {
      throw Failure("\(unknown.count) unknown messages; \(hit)")
    }
    // In order, each whose bytes lie outside the damage.
    var rest = got[...]
    for (index, payload) in payloads.enumerated().dropFirst(taken)
    where !hit.messages.contains(index) {
      guard let at = rest.firstIndex(of: payload) else {
        throw Failure(
          "message \(index) of \(payloads.count) is lost, taken \(taken); \(hit); "
            + "\(plan.steps.map { $0.step + ": " + $0.why })")
      }
      rest = rest[(at + 1)...]
    }
  }

  // MARK: Damage

  /// What was done, and which messages it may have cost.
  struct Damage: CustomStringConvertible {
    var description: String
    var messages: Set<Int> = []
    /// Whole segments are swapped or doubled: what comes can be in another order, or twice.
    var mayHideMore = false
  }

  private mutating func damage() throws -> Damage {
    let files = try QueueFiles(builder.queue, in: "/data", disk: disk)
    let metadata = FilePath("/data").file(.metadata, of: builder.queue)
    guard let segment = files.segments.randomElement(using: &random), number(0...5) > 0 else {
      var bytes = disk.bytes(metadata) ?? []
      let kind = number(0...3)
      switch kind {
      case 0: disk.plant(metadata, [])
      case 1: try disk.remove(metadata)
      case 2: disk.plant(metadata, Array("garbage".utf8))
      default:
        bytes.removeLast(min(bytes.count, number(1...4)))
        disk.plant(metadata, bytes)
      }
      return Damage(description: "metadata \(kind)")
    }
    let path = FilePath("/data").file(.segment(segment.number), of: builder.queue)
    var bytes = disk.bytes(path) ?? []
    guard !bytes.isEmpty else { return Damage(description: "none") }
    let spans = spans(of: bytes, after: try earlier(files, segment.number))
    let at = number(0...(bytes.count - 1))
    let count = number(1...min(30, bytes.count - at))
    var hit = at..<(at + count)
    var what: String
    switch number(0...5) {
    case 0:
      let bit = number(0...7)
      bytes[at] ^= 1 << UInt8(bit)
      hit = at..<(at + 1)
      what = "bit \(bit) of \(at)"
    case 1:
      bytes.replaceSubrange(hit, with: (0..<count).map { _ in UInt8(number(0...255)) })
      what = "noise at \(hit)"
    case 2:
      bytes.replaceSubrange(hit, with: repeatElement(0, count: count))
      what = "zeros at \(hit)"
    case 3:
      bytes.removeSubrange(hit)
      what = "\(hit) gone"
    case 4:
      bytes.insert(contentsOf: bytes[hit], at: at)
      // What is doubled is there twice; the message in which it begins is torn apart.
      hit = at..<at + 1
      what = "\(at)..<\(at + count) doubled"
    default:
      hit = at..<bytes.count
      bytes.removeLast(bytes.count - at)
      what = "cut at \(at)"
    }
    disk.plant(path, bytes)
    // Where bytes before the read position are gone or added, it points to something else.
    let read = files.metadata?.reading.read
    let shifts = what.contains("gone") || what.contains("doubled")
    var unsure: Range<Int>?
    if shifts, let read, read.file == segment.number, Int(read.offset) > hit.lowerBound {
      unsure = Int(read.offset)..<Int(read.offset) + count
    }
    let regions = try Salvage(disk: disk, limits: options.limits)
      .read(path, size: Int64(bytes.count), trusted: Int64(bytes.count)).regions
      .map { "\($0.start)-\($0.end) \($0.kind)" }
    // A message that swallows just as many whole records as it has lost bytes cannot be told.
    if what.contains("gone"), regions.count == 1,
      let end = spans.values.first(where: { $0.contains(hit.lowerBound) })?.upperBound
    {
      hit = hit.lowerBound..<max(hit.upperBound, end + count)
    }
    // Nor can one that what was doubled happens to give just the right length.
    if what.contains("doubled"), regions.count == 1 { hit = at..<(at + count + 1) }
    let lost = spans.filter { span in
      span.value.overlaps(hit) || unsure.map { span.value.overlaps($0) } == true
    }.map(\.key)
    return Damage(
      description:
        "segment \(segment.number): \(what) of \(spans.sorted { $0.key < $1.key }); \(regions)",
      messages: Set(lost), mayHideMore: what.contains("doubled"))
  }

  /// How many messages lie in segments that are gone or before this one.
  private func earlier(_ files: QueueFiles, _ number: Int64) throws -> Int {
    var total = 0
    var last = 0
    for segment in files.segments {
      let bytes = disk.bytes(FilePath("/data").file(.segment(segment.number), of: builder.queue))
      let count = spans(of: bytes ?? [], after: 0).count
      if segment.number < number { last += count }
      total += count
    }
    return self.count - total + last
  }

  private func spans(of bytes: [UInt8], after first: Int) -> [Int: Range<Int>] {
    var spans: [Int: Range<Int>] = [:]
    var at = 0
    while at + 4 <= bytes.count {
      let end = at + 4 + Record.length(in: bytes.span, at: at)
      spans[first + spans.count] = at..<end
      at = end
    }
    return spans
  }
}

/// What went wrong in one life.
private struct Failure: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
