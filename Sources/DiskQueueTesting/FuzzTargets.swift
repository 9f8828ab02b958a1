import DiskQueue
import QueueInspection
import QueueOperations
import SystemPackage

/// What is fuzzed, and replayed over the corpus in the tests: each takes any bytes and traps when a rule
/// is broken.
package enum FuzzTargets: String, CaseIterable, Sendable {
  case metadata
  case names
  case segments
  case truths

  package func run(_ bytes: [UInt8]) {
    switch self {
    case .metadata: FuzzTargets.metadata(bytes)
    case .names: FuzzTargets.names(bytes)
    case .segments: FuzzTargets.segments(bytes)
    case .truths: FuzzTargets.truths(bytes)
    }
  }

  /// Whole metadata is written back as numbers that are read the same, and opening never fails on it.
  private static func metadata(_ bytes: [UInt8]) {
    let reading = MetadataReading(bytes)
    if let whole = reading.whole {
      let again = MetadataReading(Array(whole.text.utf8))
      precondition(again.whole == whole, "metadata changes when written back")
    }
    let builder = DirectoryBuilder()
    builder.metadata(String(decoding: bytes, as: UTF8.self))
    builder.disk.plant("/data/jobs.diskqueue.meta.dat", bytes)
    builder.segment(0, ["AAAAAA", "BBBBBB"])
    builder.segment(1, ["CCCCCC"])
    live(builder)
  }

  /// A parsed name is written back byte for byte and stays in its directory.
  private static func names(_ bytes: [UInt8]) {
    guard !bytes.contains(0), !bytes.contains(UInt8(ascii: "/")) else { return }
    guard let (queue, file) = FileName.parse(bytes) else { return }
    precondition(file.entry(of: queue) == bytes, "a name changes when written back")
    precondition(
      FilePath("/data").file(file, of: queue).removingLastComponent() == "/data",
      "a name leaves its directory")
  }

  /// Any bytes in a segment: opening ends, depth is what comes out, whole records at the start come
  /// first, and no byte vanishes.
  private static func segments(_ bytes: [UInt8]) {
    let builder = DirectoryBuilder()
    builder.disk.plant("/data/jobs.diskqueue.000000.dat", bytes)
    if bytes.first.map({ $0 & 1 == 1 }) == true { builder.segment(1, ["CCCCCC"]) }
    if bytes.count % 3 == 0 { builder.metadata("1\n0,0\n0,\(bytes.count)\n") }
    live(builder)
  }

  /// A queue that the bytes describe, damaged as they say: the kind of messages, how many, a seed, then four
  /// bytes a place: how it is damaged, where, how far.
  ///
  /// Every byte is told of once, what is whole before the first damaged place is certain but for the last
  /// message of it, and a repair gets what its plan says.
  private static func truths(_ bytes: [UInt8]) {
    guard bytes.count >= 3 else { return }
    let kinds = MessageKind.allCases.filter { $0 != .large && $0 != .giant }
    var random = SeededGenerator(seed: UInt64(bytes[2]))
    let kind = kinds[Int(bytes[0]) % kinds.count]
    let payloads = kind.payloads(1 + Int(bytes[1]) % 100, &random)
    var segment = DamagedSegment(payloads)
    // What lies before it is as it was.
    var first = Int64.max
    for place in stride(from: 3, to: min(bytes.count - 3, 83), by: 4) where !segment.bytes.isEmpty {
      let damage = DamageKind.allCases[Int(bytes[place]) % DamageKind.allCases.count]
      let start = (Int(bytes[place + 1]) << 8 | Int(bytes[place + 2])) % segment.bytes.count
      segment.damage(damage, start..<(start + 1 + Int(bytes[place + 3])), &random)
      first = min(first, Int64(start))
    }
    let builder = DirectoryBuilder()
    builder.disk.plant(builder.directory.file(.segment(0), of: builder.queue), segment.bytes)
    builder.metadata("\(payloads.count)\n0,0\n0,\(segment.bytes.count)\n")
    let size = Int64(segment.bytes.count)
    do {
      for isRight in [false, true] {
        let report = try Salvage(
          disk: builder.disk, limits: RecordLimits(maximum: 1 << 20), trustsEmpties: isRight
        ).read(builder.directory.file(.segment(0), of: builder.queue), size: size, trusted: size)
        var at: Int64 = 0
        for region in report.regions {
          precondition(region.start == at && region.end > at, "a byte is told of twice, or not")
          at = region.end
        }
        precondition(at == size, "\(size - at) bytes are not told of")
        guard [.json, .text, .nsq].contains(kind) else { continue }
        let sure = report.regions.prefix { $0.start == 0 && !$0.isDamaged }.first?.end ?? 0
        let last = segment.truth.records.keys.filter { $0 < first }.max() ?? 0
        precondition(sure >= min(last, first), "what is whole before \(first) is not certain")
      }
    } catch { preconditionFailure("salvage failed: \(error)") }
    mend(builder)
  }

  private static func copy(_ builder: DirectoryBuilder) -> DirectoryBuilder {
    let copy = DirectoryBuilder()
    for (name, bytes) in builder.disk.files(in: "/data") {
      copy.disk.plant(FilePath("/data/" + name), bytes)
    }
    return copy
  }

  /// A repair ends, leaves no error and nothing for a second one, and what it says can be read can.
  private static func mend(_ builder: DirectoryBuilder) {
    let copy = copy(builder)
    var options = DiskQueue.Options()
    options.maxMessageSize = 1 << 20
    let worker = Operator(
      "/data", options: options, disk: copy.disk, processes: FakeProcesses(),
      now: { Timestamp(nanoseconds: 1_795_000_000_000_000_000) })
    do {
      let request = RepairPlanner.Request(bad: true, requeuesBad: true)
      let plan = try worker.planner.repair(copy.queue, request)
      if !plan.isEmpty { _ = try worker.apply(plan.confirmed(by: .yes)) }
      let report = try Checker("/data", disk: copy.disk, limits: options.limits)
        .check(copy.queue, bad: true)
      let errors = report.findings.filter { $0.severity == .error }
      precondition(errors.isEmpty, "after a repair: \(errors)")
      let second = try worker.planner.repair(copy.queue, request)
      precondition(second.isEmpty, "a second repair: \(second.steps)")
      let queue = try copy.open(options)
      precondition(
        queue.depth == Int(plan.messages), "depth \(queue.depth), planned \(plan.messages)")
      let taken = try queue.take(.max).count
      precondition(taken == Int(plan.messages), "\(taken) came out of \(plan.messages)")
      try queue.close()
    } catch { preconditionFailure("repairing failed: \(error)") }
    precondition(copy.disk.openCount == 0, "files are left open")
  }

  private static func live(_ builder: DirectoryBuilder) {
    mend(builder)
    for policy in DiskQueue.DamagePolicy.allCases where policy != .stop {
      let copy = copy(builder)
      var options = DiskQueue.Options()
      options.damage = policy
      options.maxMessageSize = 1 << 20
      do {
        let queue = try copy.open(options)
        try queue.standing.checkInvariants()
        let depth = queue.depth
        var count = 0
        while try queue.take() != nil {
          count += 1
          try queue.standing.checkInvariants()
          precondition(
            queue.depth == depth - count, "depth \(queue.depth) after \(count) of \(depth)")
        }
        precondition(count == depth, "\(count) came out of a depth of \(depth)")
        try queue.put("fresh")
        try queue.close()
        let again = try copy.open(options)
        let left = try again.take(.max).map(\.text)
        precondition(left == ["fresh"], "\(left) instead of a fresh message")
        try again.close()
      } catch { preconditionFailure("opening or taking failed: \(error)") }
      precondition(copy.disk.openCount == 0, "files are left open")
    }
  }
}
