import DiskQueue
import DiskQueueTesting
import SystemPackage
import Testing

/// Random damage to one file of a closed queue, held against what was put.
@Suite struct DamageModelTests {
  private static let perSegment = 5

  /// Six segments of five messages, the first two of which are read.
  private func closed() throws -> InMemoryDisk {
    let disk = InMemoryDisk()
    var options = DiskQueue.Options()
    options.maxBytesPerFile = 80
    let queue = try DiskQueue(
      QueueName("jobs"), directory: "/data", options: options, disk: disk,
      processes: FakeProcesses())
    for number in 10..<40 { try queue.put("message \(number).") }
    _ = try queue.take(2)
    try queue.close()
    return disk
  }

  private func damage(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
    let at = Int.random(in: 0..<bytes.count, using: &random)
    let count = Int.random(in: 1...min(12, bytes.count - at), using: &random)
    switch Int.random(in: 0..<5, using: &random) {
    case 0: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: bytes.removeLast(count)
    case 2: bytes.replaceSubrange(at..<(at + count), with: repeatElement(0, count: count))
    case 3: bytes.insert(contentsOf: bytes[at..<(at + count)], at: at)
    default: bytes.removeSubrange(at..<(at + count))
    }
  }

  @Test(arguments: [DiskQueue.DamagePolicy.quarantine, .salvage])
  func `damage to one file costs nothing that lies in another`(policy: DiskQueue.DamagePolicy)
    throws
  {
    for seed in 0..<500 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      let disk = try closed()
      let names = disk.files(in: "/data").keys.sorted()
      let name = try #require(names.randomElement(using: &random))
      var bytes = try #require(disk.bytes(FilePath("/data/" + name)))
      damage(&bytes, &random)
      disk.plant(FilePath("/data/" + name), bytes)
      var options = DiskQueue.Options()
      options.damage = policy
      options.minMessageSize = 1
      options.syncsInline = true
      let queue = try DiskQueue(
        QueueName("jobs"), directory: "/data", options: options, disk: disk,
        processes: FakeProcesses())
      let depth = queue.depth
      let texts = try queue.take(.max).map(\.text)
      try queue.standing.checkInvariants()
      #expect(texts.count == depth, "seed \(seed): depth")
      // A metadata number that is wrong but possible can hide what it says was read.
      if !name.contains("meta") {
        let hit = names.firstIndex(of: name) ?? 0
        let safe = (12..<40).filter { ($0 - 10) / DamageModelTests.perSegment != hit }
          .map { "message \($0)." }
        // A flipped digit can make one message look like another, so only the first of each counts.
        var left = safe[...]
        for text in texts where text == left.first { left.removeFirst() }
        #expect(left.isEmpty, "seed \(seed): \(left) of \(name), in order")
      }
      try queue.put("fresh")
      try queue.close()
      let again = try DiskQueue(
        QueueName("jobs"), directory: "/data", options: options, disk: disk,
        processes: FakeProcesses())
      #expect(try again.take(.max).map(\.text) == ["fresh"], "seed \(seed)")
    }
  }
}
