import DiskQueue
import DiskQueueTesting
import Foundation
import QueueInspection
import QueueOperations
import SystemPackage
import Testing

/// Two operators at work in one directory: the first stands still before one of its calls until the
/// second has come to one of its own, for pairs of calls all over both acts.
@Suite struct RaceTests {
  enum Act: String, CaseIterable, Sendable { case empty, skip, move, repair, undo, purge, drain }

  struct Case: Sendable, CustomTestStringConvertible {
    var first: Act
    var second: Act
    /// Whether both are about one queue.
    var isShared: Bool
    var testDescription: String {
      "\(first.rawValue) and \(second.rawValue) of \(isShared ? "one queue" : "two queues")"
    }
  }

  static let cases: [Case] =
    Act.allCases.map { Case(first: $0, second: .empty, isShared: false) }
    + Act.allCases.map { Case(first: .empty, second: $0, isShared: true) }
    + [
      Case(first: .purge, second: .undo, isShared: true),
      Case(first: .undo, second: .purge, isShared: true),
      Case(first: .drain, second: .move, isShared: true),
      Case(first: .purge, second: .purge, isShared: true),
    ]

  /// What a second act on a queue may be told.
  private static let words: Set<DiskQueueError.Code> = [.inUse, .planVoid, .refused, .notFound]

  /// How many pairs of calls each case tries; the others are left out evenly.
  private static let pairs =
    Int(ProcessInfo.processInfo.environment["DISKQ_RACES"] ?? "") ?? 20

  private static func texts(_ name: String) -> [String] { (0..<12).map { "\(name) \(10 + $0)" } }

  /// Two queues of twelve messages in several segments; both have had an act that can be undone or
  /// purged, and one segment of each has a torn end.
  private func stage() throws -> InMemoryDisk {
    let disk = InMemoryDisk()
    for name in ["a", "b"] {
      let builder = try DirectoryBuilder(of: name, disk: disk)
      let repairer = Repairer(builder)
      let queue = try builder.open(repairer.options)
      for text in ["\(name) skipped"] + Self.texts(name) { try queue.put(text) }
      try queue.close()
      _ = try repairer.worker.apply(
        repairer.worker.planner.skip(builder.queue, 1))
    }
    return disk
  }

  private func run(_ act: Act, _ repairer: Repairer, _ handedOn: Guarded<[String]>) throws {
    func keep(_ batch: [Message]) { handedOn.withLock { $0 += batch.map(\.text) } }
    let (worker, queue) = (repairer.worker, repairer.builder.queue)
    let store = OperationStore(of: "/data", disk: worker.disk)
    switch act {
    case .empty: _ = try worker.apply(worker.planner.empty(queue))
    case .skip: _ = try worker.apply(worker.planner.skip(queue, 3))
    case .repair: _ = try worker.apply(repairer.plan(.init(bad: true)))
    case .move:
      let selection = MessageSelection(matches: { $0.last == UInt8(ascii: "5") })
      _ = try worker.move(
        by: worker.planner.move(queue, selection, to: "a test"), of: selection
      ) { keep($0) }
    case .drain:
      _ = try worker.drain(by: worker.planner.drain(queue, to: "a test"), most: 4) {
        keep($0)
      }
    case .undo:
      guard let record = try store.last(queue) else { return }
      _ = try worker.apply(UndoPlanner(worker.planner, record).plan())
    case .purge:
      guard let record = try store.list(queue).first else { return }
      try store.purge(record, processes: FakeProcesses())
    }
  }

  private func calls(_ act: Act, _ name: String) throws -> Int {
    let stage = try stage()
    let disk = FaultyDisk(stage)
    disk.watch(before: { _ in }, blocked: {})
    try run(act, Repairer(DirectoryBuilder(of: name, disk: stage), disk: disk), Guarded([]))
    return disk.calls
  }

  @Test(arguments: cases) func `each keeps what is its own`(test: Case) async throws {
    let second = test.isShared ? "a" : "b"
    let counts = (try calls(test.first, "a"), try calls(test.second, second))
    let step = max(1, Int((Double(counts.0 * counts.1) / Double(Self.pairs)).squareRoot()))
    for pause in stride(from: 1, through: counts.0, by: step) {
      for stop in stride(from: 1 + pause % step, through: counts.1, by: step) {
        let disk = try stage()
        let race = Race(disk, pause: pause, stop: stop)
        let handedOn = Guarded<[String]>([])
        let errors = await race.run(
          {
            try run(test.first, Repairer(DirectoryBuilder(of: "a", disk: disk), disk: $0), handedOn)
          },
          {
            try run(
              test.second, Repairer(DirectoryBuilder(of: second, disk: disk), disk: $0), handedOn)
          })
        let what = "stopped at \(pause) and \(stop)"
        for error in errors {
          let code = (error as? DiskQueueError)?.code
          #expect(code.map { Self.words.contains($0) } == true, "\(what) \(error)")
        }
        #expect(test.isShared || errors.isEmpty, "\(what) \(errors)")
        try check(disk, handedOn.withLock { $0 }, "\(what) \(errors)")
      }
    }
  }

  /// Whatever came of both, each message is in its queue, or in an operation's folder, or was handed on.
  private func check(_ disk: InMemoryDisk, _ handedOn: [String], _ what: String) throws {
    let files = disk.files(in: "/data")
    let kept = files.values.map { String(decoding: $0, as: UTF8.self) } + handedOn
    for text in ["a", "b"].flatMap(Self.texts) {
      #expect(kept.contains { $0.contains(text) }, "\(what): \(text)")
    }
    #expect(!files.keys.contains { $0.hasPrefix(".diskq/journal/") }, "\(what)")
    #expect(!files.keys.contains { $0.hasPrefix(".diskq/locks/") }, "\(what)")
    #expect(disk.openCount == 0, "\(what)")
    for (name, bytes) in files where name.hasSuffix("audit.jsonl") {
      let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
      let entries = try Audit("/data", disk: disk).entries()
      #expect(bytes.last == UInt8(ascii: "\n") && entries.count == lines.count, "\(what)")
    }
    let operations = try OperationStore(of: "/data", disk: disk).list()
    #expect(operations.allSatisfy { $0.state != .interrupted }, "\(what)")
    let folders = Set(
      files.keys.filter { $0.hasPrefix(".diskq/backup/") }.map { name in
        name.split(separator: "/").dropFirst(2).first.map(String.init) ?? name
      })
    #expect(folders == Set(operations.map(\.id)), "\(what)")
    for name in ["a", "b"] {
      let builder = try DirectoryBuilder(of: name, disk: disk)
      let report = try Checker("/data", disk: disk, limits: .init(minimum: 1)).check(builder.queue)
      #expect(report.findings.isEmpty, "\(what)")
      let queue = try builder.open(Repairer(builder).options)
      let texts = try queue.takeAll()
      #expect(Set(texts).count == texts.count, "\(what)")
      try queue.close()
    }
  }
}

/// Two acts on one disk, the first of which pauses.
private final class Race: Sendable {
  private let first: FaultyDisk
  private let second: FaultyDisk
  private let secondStarts = DispatchSemaphore(value: 0)
  private let firstGoesOn = DispatchSemaphore(value: 0)
  private let secondGoesOn = DispatchSemaphore(value: 0)
  private let hasStopped = Guarded(false)
  private let pause: Int
  private let stop: Int

  init(_ disk: InMemoryDisk, pause: Int, stop: Int) {
    first = FaultyDisk(disk)
    second = FaultyDisk(disk)
    (self.pause, self.stop) = (pause, stop)
  }

  /// Runs both; returns what they threw.
  func run(
    _ one: @escaping @Sendable (FaultyDisk) throws -> Void,
    _ other: @escaping @Sendable (FaultyDisk) throws -> Void
  ) async -> [any Error] {
    first.watch(
      before: { [self] call in
        guard call == pause else { return }
        secondStarts.signal()
        firstGoesOn.wait()
      }, blocked: { [self] in secondGoesOn.signal() })
    second.watch(
      before: { [self] call in if call == stop { standStill() } },
      blocked: { [self] in standStill() })
    async let ended = onThread { [self] in
      defer {
        secondStarts.signal()
        secondGoesOn.signal()
      }
      try one(first)
    }
    async let too = onThread { [self] in
      secondStarts.wait()
      defer { standStill(waits: false) }
      try other(second)
    }
    return await [ended, too].compactMap { $0 }
  }

  /// Lets the first go on, and waits until it has ended, or needs what this one holds.
  private func standStill(waits: Bool = true) {
    let isFirstTime = hasStopped.withLock { hasStopped in
      defer { hasStopped = true }
      return !hasStopped
    }
    guard isFirstTime else { return }
    firstGoesOn.signal()
    if waits { secondGoesOn.wait() }
  }

  private func onThread(_ body: @escaping @Sendable () throws -> Void) async -> (any Error)? {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        do {
          try body()
          continuation.resume(returning: nil)
        } catch { continuation.resume(returning: error) }
      }
    }
  }
}
