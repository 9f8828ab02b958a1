import DiskQueue
import DiskQueueTesting
import SystemPackage
import Testing

/// The machine goes down at every call of a queue's life, and loses what was not synced.
@Suite struct PowerLossTests {
  /// What was promised when the machine went down.
  private struct Promise {
    var put: [String] = []
    /// Puts that returned, and those of them that are promised to survive.
    var acknowledged = 0
    var durable = 0
    var taken = 0
    /// Takes before the last sync that returned: they must not come again.
    var settled = 0
  }

  private func options(_ durability: DiskQueue.Durability) -> DiskQueue.Options {
    var options = DiskQueue.Options()
    options.maxBytesPerFile = 60
    options.durability = durability
    options.syncsInline = true
    options.minMessageSize = 1
    return options
  }

  /// A life with every kind of call in it; stops where a call fails.
  private func live(_ disk: CrashingDisk, _ durability: DiskQueue.Durability) -> Promise {
    var promise = Promise()
    do {
      for round in 0..<3 {
        let queue = try DiskQueue(
          QueueName("jobs"), directory: "/data", options: options(durability), disk: disk,
          processes: FakeProcesses())
        for number in 0..<6 {
          promise.put.append("message \(round).\(number)")
          try queue.put(promise.put[promise.put.count - 1])
          promise.acknowledged = promise.put.count
          if durability == .everyPut { promise.durable = promise.acknowledged }
        }
        promise.taken += try queue.take(4).count
        try queue.sync()
        promise.durable = promise.acknowledged
        promise.settled = promise.taken
        promise.taken += try queue.take(1).count
        try queue.close()
        promise.settled = promise.taken
      }
    } catch {}
    return promise
  }

  @Test(arguments: [DiskQueue.Durability.everyPut, .batched(every: 5, within: .seconds(2))])
  func `what was promised is there after a crash at any call`(durability: DiskQueue.Durability)
    throws
  {
    let whole = CrashingDisk()
    _ = live(whole, durability)
    #expect(whole.calls > 100)
    for call in 1...(whole.calls + 1) {
      for loss in CrashingDisk.Loss.allCases {
        for seed in 0..<(loss == .some ? 4 : 1) as Range<UInt64> {
          var random = SeededGenerator(seed: UInt64(call) << 8 | seed)
          let disk = CrashingDisk()
          disk.crash(at: call)
          let promise = live(disk, durability)
          let left = disk.afterCrash(loss, &random)
          try check(left, promise, loss, "crash at call \(call), \(loss) lost, seed \(seed)")
        }
      }
    }
  }

  private func check(
    _ disk: InMemoryDisk, _ promise: Promise, _ loss: CrashingDisk.Loss, _ what: String
  ) throws {
    var options = options(.everyPut)
    options.damage = .quarantine
    let queue = try DiskQueue(
      QueueName("jobs"), directory: "/data", options: options, disk: disk,
      processes: FakeProcesses())
    let depth = queue.depth
    let texts = try queue.take(.max).map(\.text)
    #expect(texts.count == depth, "\(what): depth")
    let owed = loss == .nothing ? promise.acknowledged : promise.durable
    // Whatever comes is a run of what was put: nothing unknown, nothing out of order or twice.
    guard let first = texts.first else {
      #expect(owed <= promise.taken, "\(what): nothing of \(owed) is left")
      return
    }
    let start = try #require(promise.put.firstIndex(of: first), "\(what): unknown \(first)")
    #expect(
      texts == Array(promise.put[start..<min(promise.put.count, start + texts.count)]), "\(what)")
    #expect(start + texts.count >= owed, "\(what): \(owed) owed, last is \(texts.last ?? "")")
    #expect(start <= promise.taken, "\(what): lost before \(first)")
    #expect(start >= promise.settled, "\(what): \(first) came again after a sync")
    try queue.close()
    try GoRules.check(disk, QueueName("jobs"))
  }
}
