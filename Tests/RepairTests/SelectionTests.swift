import DiskQueue
import DiskQueueTesting
import QueueInspection
import QueueOperations
import SystemPackage
import Testing

/// Chosen messages leave a queue; the others stay in their order, and an undo gives back every byte.
@Suite struct SelectionTests {
  /// Forty messages over many segments, the first three taken.
  private func build(_ options: DiskQueue.Options) throws -> DirectoryBuilder {
    let builder = DirectoryBuilder(disk: InMemoryDisk())
    let queue = try builder.open(options)
    for index in 0..<40 { try queue.put("message \(100 + index)") }
    _ = try queue.take(3)
    try queue.close()
    return builder
  }

  private func setUp() throws -> Repairer {
    let options = Repairer(DirectoryBuilder(disk: InMemoryDisk())).options
    return Repairer(try build(options))
  }

  private func texts(_ repairer: Repairer) throws -> [String] {
    var browser = try QueueBrowser(
      repairer.builder.queue, in: "/data", disk: repairer.builder.disk)
    var texts: [String] = []
    while let message = try browser.next() { texts.append(message.text) }
    return texts
  }

  private func positions(_ repairer: Repairer, _ chosen: Set<Int>) throws -> Set<Position> {
    var browser = try QueueBrowser(
      repairer.builder.queue, in: "/data", disk: repairer.builder.disk)
    var places: Set<Position> = []
    var index = 3
    while let message = try browser.next() {
      if chosen.contains(index) { places.insert(message.position) }
      index += 1
    }
    return places
  }

  /// What is left must be a queue every reader takes: no finding, the depth as counted.
  private func expectSound(_ repairer: Repairer, _ wanted: [String]) throws {
    #expect(try texts(repairer) == wanted)
    let report = try Checker(
      "/data", disk: repairer.builder.disk, limits: repairer.options.limits
    ).check(repairer.builder.queue)
    #expect(report.findings.isEmpty)
    #expect(report.depth == wanted.count)
  }

  static let choices: [Set<Int>] = [
    [3], [39], [20], [3, 4, 5, 6], [5, 17, 18, 19, 30], Set(3..<40), Set(3..<20), Set(20..<40),
    Set(10..<30), Set(stride(from: 3, to: 40, by: 2)), Set(stride(from: 4, to: 40, by: 3)),
  ]

  @Test(arguments: choices)
  func `chosen messages are handed over and gone, and an undo brings them back`(chosen: Set<Int>)
    throws
  {
    let repairer = try setUp()
    let before = Repairer.files(repairer.builder.disk)
    let selection = MessageSelection(positions: try positions(repairer, chosen))
    let plan = try repairer.worker.planner.move(repairer.builder.queue, selection, to: "a test")
    #expect(plan.messages == chosen.count)
    #expect(Repairer.files(repairer.builder.disk) == before)
    var moved: [String] = []
    let result = try repairer.worker.move(by: plan, of: selection, batch: 4) {
      batch in
      moved += batch.map(\.text)
    }
    #expect(moved == chosen.sorted().map { "message \(100 + $0)" })
    try expectSound(
      repairer, (3..<40).filter { !chosen.contains($0) }.map { "message \(100 + $0)" })
    let record = try OperationStore(of: "/data", disk: repairer.worker.disk)
      .find(result.id)
    let undo = try UndoPlanner(repairer.worker.planner, record).plan()
    _ = try repairer.worker.apply(undo)
    #expect(Repairer.files(repairer.builder.disk) == before)
    #expect(repairer.builder.disk.openCount == 0)
  }

  @Test(arguments: [1, 2, 12, 36, 37, 100] as [Int64])
  func `skipping passes over the first, keeps them, and is undone`(count: Int64) throws {
    let repairer = try setUp()
    let before = Repairer.files(repairer.builder.disk)
    let plan = try repairer.worker.planner.skip(repairer.builder.queue, count)
    #expect(plan.messages == min(count, 37))
    let result = try repairer.worker.apply(plan)
    try expectSound(repairer, (3..<40).dropFirst(Int(count)).map { "message \(100 + $0)" })
    let kept = repairer.builder.disk.files(in: repairer.worker.root)
      .filter { !$0.key.hasSuffix("operation") && !$0.key.hasSuffix("result") }
    for index in 3..<(3 + Int(plan.messages)) {
      let text = Array("message \(100 + index)".utf8)
      #expect(kept.values.contains { $0.firstRange(of: text) != nil }, "\(index)")
    }
    let record = try OperationStore(of: "/data", disk: repairer.worker.disk)
      .find(result.id)
    let undo = try UndoPlanner(repairer.worker.planner, record).plan()
    _ = try repairer.worker.apply(undo)
    #expect(Repairer.files(repairer.builder.disk) == before)
  }

  @Test func `a filter chooses by content, and skip and limit count what matches`() throws {
    let repairer = try setUp()
    let selection = MessageSelection(
      skip: 1, limit: 3, matches: { $0.last == UInt8(ascii: "5") })
    let plan = try repairer.worker.planner.move(repairer.builder.queue, selection, to: "a test")
    var moved: [String] = []
    _ = try repairer.worker.move(by: plan, of: selection) {
      moved += $0.map(\.text)
    }
    #expect(moved == ["message 115", "message 125", "message 135"])
  }

  @Test func `what a failing sink has kept is gone, and the rest stays`() throws {
    struct Full: Error {}
    for failing in 1...3 {
      let repairer = try setUp()
      let before = Repairer.files(repairer.builder.disk)
      let selection = MessageSelection(limit: 10)
      let plan = try repairer.worker.planner.move(repairer.builder.queue, selection, to: "a test")
      var batches = 0
      let error = #expect(throws: DiskQueueError.self) {
        try repairer.worker.move(by: plan, of: selection, batch: 4) { _ in
          batches += 1
          if batches == failing { throw Full() }
        }
      }
      #expect(error?.code == .inputOutput)
      if failing == 1 { #expect(Repairer.files(repairer.builder.disk) == before) }
      let gone = (failing - 1) * 4
      try expectSound(repairer, (3..<40).dropFirst(gone).map { "message \(100 + $0)" })
    }
  }

  @Test func `stopping between two batches keeps to whole batches`() throws {
    let repairer = try setUp()
    let before = Repairer.files(repairer.builder.disk)
    let selection = MessageSelection(limit: 10)
    let plan = try repairer.worker.planner.move(repairer.builder.queue, selection, to: "a test")
    let stopped = #expect(throws: DiskQueueError.self) {
      try repairer.worker.move(
        by: plan, of: selection, batch: 4, goesOn: { _ in false }
      ) { _ in }
    }
    #expect(stopped?.code == .refused)
    #expect(Repairer.files(repairer.builder.disk) == before)
    var moved = 0
    let result = try repairer.worker.move(
      by: plan, of: selection, batch: 4, goesOn: { $0 < 8 }
    ) { moved += $0.count }
    #expect(moved == 8 && result.messages == 8)
    try expectSound(repairer, (11..<40).map { "message \(100 + $0)" })
  }

  @Test func `a damaged queue is refused until it is repaired`() throws {
    let builder = DirectoryBuilder(disk: InMemoryDisk())
    builder.segment(0, ["one", "two"], then: [0xFF, 0xFF, 0xFF, 0xFF])
    builder.segment(1, ["three"])
    builder.metadata("3\n0,0\n1,9\n")
    let repairer = Repairer(builder)
    let error = #expect(throws: DiskQueueError.self) {
      try repairer.worker.planner.skip(builder.queue, 1)
    }
    #expect(error?.code == .damaged)
  }

  @Test func `purging frees what operations kept, and then nothing can be undone`() throws {
    let repairer = try setUp()
    let plan = try repairer.worker.planner.skip(repairer.builder.queue, 5)
    let result = try repairer.worker.apply(plan)
    let store = OperationStore(of: "/data", disk: repairer.worker.disk)
    let purge = try repairer.worker.planner.purge(
      try store.list(repairer.builder.queue), of: repairer.builder.queue,
      root: repairer.worker.root)
    #expect(purge.operations == [result.id])
    #expect(purge.bytes > 0)
    _ = try repairer.worker.purge(purge)
    #expect(try store.list().isEmpty)
  }

  /// With each kind of loss: what the next run finds is the queue as it was or as it was to be, and
  /// nothing leaves it before it was handed over.
  @Test(arguments: [Plan.Kind.move, .skip])
  func `a crash at any call is finished or was nothing`(kind: Plan.Kind) throws {
    let chosen: Set<Int> = kind == .move ? [3, 4, 11, 12, 13, 14, 15, 30] : Set(3..<18)
    let all = (3..<40).map { "message \(100 + $0)" }
    let without = (3..<40).filter { !chosen.contains($0) }.map { "message \(100 + $0)" }
    var calls = Int.max
    var call = 0
    while call < calls {
      call += 1
      for loss in CrashingDisk.Loss.allCases {
        var random = SeededGenerator(seed: UInt64(call))
        let stage = try setUp()
        let disk = CrashingDisk(stage.builder.disk)
        let crashing = Repairer(stage.builder, disk: disk)
        let planner = crashing.worker.planner
        let selection = MessageSelection(positions: try positions(stage, chosen))
        let plan =
          kind == .move
          ? try planner.move(stage.builder.queue, selection, to: "a test")
          : try planner.skip(stage.builder.queue, Int64(chosen.count))
        let planned = disk.calls
        disk.crash(at: planned + call)
        var handed = 0
        do {
          _ =
            try kind == .move
            ? crashing.worker.move(by: plan, of: selection, batch: 3) {
              handed += $0.count
            }
            : crashing.worker.apply(plan)
          calls = disk.calls - planned
        } catch {}
        let left = DirectoryBuilder(disk: disk.afterCrash(loss, &random))
        let queue = try left.open(stage.options)
        let texts = try queue.takeAll()
        try queue.close()
        #expect(texts == all || texts == without, "crash at call \(call), \(loss)")
        if texts == without, kind == .move { #expect(handed == chosen.count) }
      }
    }
    #expect(calls > 20 && calls < .max)
  }
}
