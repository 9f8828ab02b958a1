import DiskQueue
import DiskQueueTesting
import Foundation
import SystemPackage
import Testing

/// Random lives of a queue held against a plain array.
///
/// A failure names its seed; DISKQ_SEEDS sets how many are tried, DISKQ_SEED tries one.
@Suite struct ModelTests {
  static var seeds: [UInt64] {
    let environment = ProcessInfo.processInfo.environment
    if let one = environment["DISKQ_SEED"].flatMap({ UInt64($0) }) { return [one] }
    return Array(0..<(environment["DISKQ_SEEDS"].flatMap { UInt64($0) } ?? 300))
  }

  private func options(_ policy: DiskQueue.DamagePolicy, _ random: inout SeededGenerator)
    -> DiskQueue.Options
  {
    var options = DiskQueue.Options()
    options.damage = policy
    options.maxBytesPerFile = Int64([30, 64, 200, 1000].randomElement(using: &random) ?? 64)
    options.rollRule = Bool.random(using: &random) ? .beforeLimit : .afterLimit
    options.durability =
      Bool.random(using: &random)
      ? .everyPut : .batched(every: Int.random(in: 1...20, using: &random), within: .seconds(2))
    options.syncsInline = true
    options.minMessageSize = 1
    return options
  }

  private func message(_ number: Int, _ random: inout SeededGenerator) -> String {
    "\(number)." + String(repeating: "x", count: Int.random(in: 0...40, using: &random))
  }

  @Test func `no random life loses, repeats or reorders a message`() throws {
    for seed in ModelTests.seeds {
      do { try live(seed) } catch { Issue.record("DISKQ_SEED=\(seed): \(error)") }
    }
  }

  /// Breaks the length of one unread record; unless it is salvaged, with it go those behind it in its
  /// segment.
  private func damage(
    _ disk: InMemoryDisk, _ name: QueueName, _ unread: [Message],
    _ policy: DiskQueue.DamagePolicy, _ random: inout SeededGenerator
  ) -> Range<Int>? {
    guard let hit = unread.indices.randomElement(using: &random) else { return nil }
    let at = unread[hit].position
    let path = FilePath("/data").file(.segment(at.file), of: name)
    guard var bytes = disk.bytes(path) else { return nil }
    bytes[Int(at.offset)] = 0xff
    disk.plant(path, bytes)
    if policy == .salvage { return hit..<(hit + 1) }
    let end = unread[hit...].firstIndex { $0.position.file != at.file } ?? unread.count
    return hit..<end
  }

  /// One life: puts, takes, peeks, empties, syncs, and reopenings, clean, by a kill, or to damage.
  private func live(_ seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var disk = InMemoryDisk()
    let name = try QueueName("jobs")
    var model = QueueModel()
    let policy = seed % 4 == 1 ? DiskQueue.DamagePolicy.salvage : .quarantine
    func open() throws -> DiskQueue {
      try DiskQueue(
        name, directory: "/data", options: options(policy, &random), disk: disk,
        processes: FakeProcesses())
    }
    var queue = try open()
    // A single record between two damaged places is not believed, so there is one at a time then.
    // Damage stays on the disk until it is read past and its segment gone.
    var isDamaged = false
    for step in 0..<120 {
      switch Int.random(in: 0..<(seed.isMultiple(of: 2) ? 20 : 21), using: &random) {
      case 0..<7:
        let text = message(model.put.count, &random)
        try queue.put(text)
        model.put.append(text)
      case 7..<9:
        let texts = (0..<Int.random(in: 0...9, using: &random)).map {
          message(model.put.count + $0, &random)
        }
        try queue.put(contentsOf: texts.map { Array($0.utf8) })
        model.put += texts
      case 9..<13:
        let taken = try queue.take()
        try expect(taken?.text, model.unread.first, "take")
        if taken != nil { model.taken += 1 }
      case 13:
        let count = Int.random(in: 0...9, using: &random)
        let taken = try queue.take(count)
        try expect(taken.map(\.text), Array(model.unread.prefix(count)), "take \(count)")
        model.taken += taken.count
      case 14:
        let peeked = try queue.peek(5)
        // A peek ends at damage.
        let wanted = isDamaged ? peeked.count : 5
        try expect(peeked.map(\.text), Array(model.unread.prefix(wanted)), "peek")
        if Bool.random(using: &random) {
          try queue.commit(peeked)
          model.taken += peeked.count
        }
      case 15:
        struct Stop: Error {}
        let fails = Bool.random(using: &random)
        let seen = try? queue.withNext { bytes in
          if fails { throw Stop() }
          return (0..<bytes.count).map { bytes[$0] }
        }
        if let seen = seen ?? nil {
          try expect(String(decoding: seen, as: UTF8.self), model.unread.first, "withNext")
          model.taken += 1
        }
      case 16: try queue.sync()
      case 17 where step % 3 == 0:
        try queue.empty()
        model.taken = model.put.count
        isDamaged = false
      case 18:
        try queue.close()
        if !isDamaged { try GoRules.check(disk, name) }
        queue = try open()
        if !isDamaged {
          try expect(queue.findings.isEmpty, true, "findings after a close: \(queue.findings)")
        }
      case 19:
        // Killed: what is on the disk is there, takes since the last sync come again.
        let left = InMemoryDisk()
        for (path, bytes) in disk.files(in: "/data") where !path.hasPrefix(".diskq/locks") {
          left.plantDeep(FilePath("/data/" + path), bytes)
        }
        if !isDamaged { try GoRules.check(left, name) }
        disk = left
        queue = try open()
        let back = queue.depth - model.unread.count
        guard back >= 0, back <= model.taken else {
          throw Broken(description: "killed: \(queue.depth) messages, owed \(model.unread.count)")
        }
        let texts = try queue.peek(.max).map(\.text)
        let wanted = isDamaged ? texts.count : queue.depth
        try expect(
          texts, Array(model.put.suffix(queue.depth).prefix(wanted)), "after a kill")
        model.taken -= back
      case 20 where policy != .salvage || !isDamaged:
        let unread = try queue.peek(.max)
        if !isDamaged { try expect(unread.map(\.text), Array(model.unread), "before damage") }
        try queue.close()
        if let lost = damage(disk, name, unread, policy, &random) {
          model.put.removeSubrange(
            (lost.lowerBound + model.taken)..<(lost.upperBound + model.taken))
          isDamaged = true
        }
        queue = try open()
      default: break
      }
      let state = try queue.standing
      state.checkInvariants()
      try expect(queue.depth, model.unread.count, "depth")
    }
    try expect(try queue.take(.max).map(\.text), Array(model.unread), "the rest")
    try queue.close()
  }

  private func expect<Value: Equatable>(_ value: Value, _ wanted: Value, _ what: String) throws {
    if value != wanted { throw Broken(description: "\(what): \(value), not \(wanted)") }
  }
}
