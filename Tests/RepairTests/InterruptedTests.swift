import DiskQueue
import DiskQueueTesting
import QueueInspection
import QueueOperations
import SystemPackage
import Testing

/// An act that is killed at any moment, a Go program, and then diskq again: nobody's messages are lost.
@Suite struct InterruptedTests {
  enum Act: String, CaseIterable, Sendable { case repair, empty, skip, move, undo, undoMove }

  /// Forty messages over many segments, the first three taken.
  private func build() throws -> Repairer {
    let repairer = Repairer(DirectoryBuilder(disk: InMemoryDisk()))
    let queue = try repairer.builder.open(repairer.options)
    for text in InterruptedTests.texts(0..<40) { try queue.put(text) }
    _ = try queue.take(3)
    try queue.close()
    return repairer
  }

  private static func texts(_ range: Range<Int>) -> [String] { range.map { "message \(100 + $0)" } }

  /// A disk to act on, what is on it before the act, and what after it.
  private func stage(_ act: Act) throws -> (disk: InMemoryDisk, before: [String], after: [String]) {
    let repairer = try build()
    let disk = repairer.builder.disk
    let all = InterruptedTests.texts(3..<40)
    switch act {
    case .repair:
      // A wrong length in a segment in the middle costs one message.
      var bytes = try #require(disk.bytes("/data/jobs.diskqueue.000001.dat"))
      bytes.replaceSubrange(15..<19, with: [0xff, 0xff, 0xff, 0xff])
      disk.plant("/data/jobs.diskqueue.000001.dat", bytes)
      let plan = try repairer.plan(.init())
      #expect(plan.changes.contains { if case .renumber = $0 { true } else { false } })
      return (disk, all, all)
    case .empty: return (disk, all, [])
    case .skip: return (disk, all, Array(all.dropFirst(15)))
    case .move: return (disk, all, all.filter { !$0.hasSuffix("5") })
    case .undoMove:
      try run(.move, repairer)
      return (disk, all.filter { !$0.hasSuffix("5") }, all)
    case .undo:
      let plan = try repairer.worker.planner.skip(repairer.builder.queue, 15)
      _ = try repairer.worker.apply(plan)
      return (disk, Array(all.dropFirst(15)), all)
    }
  }

  private func run(_ act: Act, _ repairer: Repairer) throws {
    let (worker, queue) = (repairer.worker, repairer.builder.queue)
    switch act {
    case .repair: _ = try repairer.repair()
    case .empty: _ = try worker.apply(worker.planner.empty(queue))
    case .skip: _ = try worker.apply(worker.planner.skip(queue, 15))
    case .move:
      let selection = MessageSelection(matches: { $0.last == UInt8(ascii: "5") })
      let plan = try worker.planner.move(queue, selection, to: "a test")
      _ = try worker.move(by: plan, of: selection) { _ in }
    case .undo, .undoMove:
      let store = OperationStore(of: "/data", disk: worker.disk)
      let record = try #require(try store.last(queue))
      _ = try worker.apply(UndoPlanner(worker.planner, record).plan())
    }
  }

  /// The disks that a kill at each call of an act leaves.
  private func kills(_ act: Act, _ body: (InMemoryDisk, Int) throws -> Void) throws -> Int {
    let stage = try stage(act).disk
    let builder = DirectoryBuilder(disk: stage)
    let whole = CrashingDisk(stage.copy())
    try run(act, Repairer(builder, disk: whole))
    for call in 1...whole.calls {
      let disk = CrashingDisk(stage.copy())
      disk.crash(at: call)
      do {
        try run(act, Repairer(builder, disk: disk))
        // The last calls write the log and tidy up, which no act depends on.
        #expect(call > whole.calls / 2, "call \(call) was not made")
      } catch is DiskQueueError {}
      var random = SeededGenerator(seed: 1)
      try body(disk.afterCrash(.nothing, &random), call)
    }
    return whole.calls
  }

  /// F33: at no instant is there less than the queue before or after the act.
  @Test(arguments: [Act.empty, .skip, .move, .undo])
  func `a Go program sees the queue before or after, whenever it looks`(act: Act) throws {
    let (_, before, after) = try stage(act)
    let calls = try kills(act) { disk, call in
      let queue = DirectoryBuilder(disk: disk).queue
      var program = try GoProgram(queue, in: "/data", disk: disk, limit: 200)
      let texts = try program.takeAll()
      #expect(texts == before || texts == after, "call \(call): \(texts.count)")
      #expect(program.given.isEmpty)
    }
    #expect(calls > 20)
  }

  /// F32: what a Go program puts in between is there, and nothing of what was there before is lost.
  @Test(arguments: Act.allCases, [1, 30])
  func `a Go program writes in between`(act: Act, count: Int) throws {
    let (_, before, after) = try stage(act)
    let news = (0..<count).map { "from Go \($0)" }
    _ = try kills(act) { disk, call in
      let builder = DirectoryBuilder(disk: disk)
      var program = try GoProgram(builder.queue, in: "/data", disk: disk, limit: 200)
      for text in news { try program.put(text) }
      try program.persist()
      let options = Repairer(builder).options
      let queue = try builder.open(options)
      let texts = try queue.takeAll()
      try queue.close()
      let ofGo = texts.filter { $0.hasPrefix("from Go") }
      let rest = texts.filter { !$0.hasPrefix("from Go") }
      #expect(ofGo == news, "call \(call)")
      if act == .repair {
        // The damaged one, and what a reader makes of a damaged segment, is not this test's.
        #expect(Set(rest).isSuperset(of: after.dropFirst(23)), "call \(call) \(texts)")
      } else {
        #expect(rest == before || rest == after, "call \(call): \(rest.count)")
      }
      #expect(try !disk.exists(Journal.path(of: builder.queue, in: "/data")))
    }
  }

  /// An error at any call ends an act whole or not at all, as a kill does.
  @Test(arguments: Act.allCases, [Errno.ioError, .noSpace])
  func `an error at every call`(act: Act, cause: Errno) throws {
    let (stage, before, after) = try stage(act)
    let builder = DirectoryBuilder(disk: stage)
    let probe = FaultyDisk(stage.copy())
    probe.watch(before: { _ in }, blocked: {})
    try run(act, Repairer(builder, disk: probe))
    #expect(probe.calls > 20)
    for call in 1...probe.calls {
      let disk = stage.copy()
      let faulty = FaultyDisk(disk)
      faulty.inject(.init(nil, nth: call, cause: cause))
      do { try run(act, Repairer(builder, disk: faulty)) } catch is DiskQueueError {}
      #expect(disk.openCount == 0, "call \(call)")
      let next = DirectoryBuilder(disk: disk)
      let queue = try next.open(Repairer(next).options)
      let texts = try queue.takeAll()
      try queue.close()
      if act == .repair {
        #expect(Set(texts).isSuperset(of: after.dropFirst(23)), "call \(call)")
      } else {
        #expect(texts == before || texts == after, "call \(call): \(texts.count)")
      }
    }
  }

  /// The first act after a kill finishes the old one and then does its own.
  @Test(arguments: Act.allCases) func `an interrupted act is told, and the next one goes on`(
    act: Act
  )
    throws
  {
    var told = 0
    _ = try kills(act) { disk, call in
      let repairer = Repairer(DirectoryBuilder(disk: disk))
      let queue = repairer.builder.queue
      let report = try Checker("/data", disk: disk, limits: repairer.options.limits).check(queue)
      let isTold = report.findings.contains { $0.code == .unfinishedOperation }
      let isThere = try disk.exists(Journal.path(of: queue, in: "/data"))
      guard isTold else {
        #expect(!isThere || isTorn(disk, queue), "call \(call)")
        return
      }
      told += 1
      var survey = Survey(
        "/data", disk: disk, processes: FakeProcesses(), now: { Timestamp(nanoseconds: 0) })
      let seen = try #require(try survey.refresh().queues.first)
      #expect(seen.findings.contains { $0.code == .unfinishedOperation })
      let error = #expect(throws: DiskQueueError.self) {
        try repairer.worker.planner.empty(queue)
      }
      #expect(error?.code == .refused)
      let plan = try repairer.plan(.init())
      #expect(plan.finishes != nil)
      _ = try repairer.worker.apply(plan)
      #expect(try !disk.exists(Journal.path(of: queue, in: "/data")))
      _ = try repairer.worker.apply(repairer.worker.planner.empty(queue))
      // Nothing waits for ever to be finished.
      let states = try OperationStore(of: "/data", disk: disk).list(queue).map(\.state)
      #expect(!states.contains(.interrupted), "call \(call)")
      if [.undo, .undoMove].contains(act) { #expect(states.contains(.undone), "call \(call)") }
    }
    #expect(told > 3)
  }

  /// What was interrupted waits while a program has the queue's files open.
  @Test(arguments: Act.allCases) func `nothing is finished under an owner`(act: Act) throws {
    var asked = 0
    _ = try kills(act) { disk, call in
      let builder = DirectoryBuilder(disk: disk)
      guard try disk.exists(Journal.path(of: builder.queue, in: "/data")) else { return }
      asked += 1
      let files = try QueueFiles(builder.queue, in: "/data", disk: disk)
      let inode = try #require(files.statuses.values.first { $0.size > 0 }).inode
      var processes = FakeProcesses()
      processes.open = OpenFiles(entries: [.init(process: 7, device: 1, inode: inode)])
      let repairer = Repairer(builder, disk: disk, processes: processes)
      let before = disk.files(in: "/data")
      let plan = try repairer.plan(.init())
      for attempt in [
        { _ = try repairer.worker.settle(builder.queue) },
        { _ = try repairer.worker.apply(plan) },
        {
          _ = try DiskQueue(
            builder.queue, directory: "/data", options: repairer.options, disk: disk,
            processes: processes)
        },
      ] {
        let error = #expect(throws: DiskQueueError.self) { try attempt() }
        #expect(error?.code == .inUse)
      }
      // A lock is given back and a line is logged; no file of the queue or of the act may change.
      let after = disk.files(in: "/data")
      let changed = before.filter { name, bytes in
        after[name] != bytes && !name.hasPrefix(".diskq/locks/") && name != ".diskq/audit.jsonl"
      }.keys
      #expect(changed.isEmpty, "call \(call)")
    }
    #expect(asked > 3)
  }

  /// For whoever looks, the queue is as it was or as it is to be, whatever is in the directory.
  @Test(arguments: Act.allCases) func `what has only come, or is still to leave, is not seen`(
    act: Act
  ) throws {
    let (stage, before, after) = try stage(act)
    let queue = DirectoryBuilder(disk: stage).queue
    _ = try kills(act) { disk, call in
      var browser = try QueueBrowser(queue, in: "/data", disk: disk, limits: .init(minimum: 1))
      var texts: [String] = []
      while let message = try browser.next() { texts.append(message.text) }
      var pager = try MessagePager(queue, in: "/data", disk: disk, limits: .init(minimum: 1))
      let page = try pager.page(.first, count: 100).filter { $0.damage == nil }
      #expect(page.map { String(decoding: $0.start, as: UTF8.self) } == texts, "call \(call)")
      var survey = Survey(
        "/data", disk: disk, processes: FakeProcesses(), now: { Timestamp(nanoseconds: 0) })
      let report = try #require(try survey.refresh().queues.first)
      let checked = try Checker("/data", disk: disk, limits: .init(minimum: 1)).check(queue)
      #expect(!report.findings.contains { $0.code == .missingSegment }, "call \(call)")
      #expect(!checked.findings.contains { $0.code == .missingSegment }, "call \(call)")
      guard act != .repair else { return }
      #expect(texts == before || texts == after, "call \(call): \(texts.count)")
      #expect(Int(report.depth) == texts.count, "call \(call)")
      #expect(Int(checked.depth) == texts.count, "call \(call)")
    }
  }

  /// An act that is at work is no interrupted one: who plans meanwhile may wait for it.
  @Test func `what is at work is told as in use, not as interrupted`() throws {
    var asked = 0
    _ = try kills(.skip) { disk, call in
      let builder = DirectoryBuilder(disk: disk)
      guard try Interrupted.pending(builder.queue, Ledger("/data", disk: disk)) != nil,
        let lock = try? disk.status(at: QueueLock.path(of: builder.queue, in: "/data"))
      else { return }
      asked += 1
      var processes = FakeProcesses()
      processes.held = [
        .init(process: 7, exclusive: true, device: lock.device, inode: lock.inode)
      ]
      let repairer = Repairer(builder, disk: disk, processes: processes)
      for plan in [
        { try repairer.worker.planner.empty(builder.queue) }, { try repairer.plan(.init()) },
      ] {
        let error = #expect(throws: DiskQueueError.self) { try plan() }
        #expect(error?.code == .inUse)
        #expect(error?.holder == 7)
      }
      let report = try Checker("/data", disk: disk, processes: processes).check(builder.queue)
      #expect(!report.findings.contains { $0.code == .unfinishedOperation })
    }
    #expect(asked > 3)
  }

  private func isTorn(_ disk: InMemoryDisk, _ queue: QueueName) -> Bool {
    let bytes = disk.bytes(Journal.path(of: queue, in: "/data")) ?? []
    if case .unfinished = Journal.read(bytes, of: queue, usual: "/data/.diskq/backup", other: nil) {
      return true
    }
    return false
  }
}
