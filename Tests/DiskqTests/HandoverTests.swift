import DiskQueue
import DiskQueueTesting
import QueueOperations
import SystemPackage
import Testing

/// How messages leave a queue: each batch is kept first, and no more are asked for than are wanted.
@Suite struct HandoverTests {
  /// Ten messages, and a log of what is done with them.
  private struct Source: MessageSource {
    let log: Recorder<String>
    var left: Int64 = 10

    mutating func next(_ most: Int64) throws(DiskQueueError) -> MessageBatch? {
      let count = min(most, left)
      guard count > 0 else { return nil }
      left -= count
      let place = Position(file: 0, offset: 0)
      return .messages((0..<count).map { _ in Message(payload: [65], position: place) })
    }

    mutating func commit(_ batch: MessageBatch) throws(DiskQueueError) {
      log.append("left \(batch.count)")
    }
  }

  private func run(
    _ handover: Handover, _ log: Recorder<String> = .init(),
    _ keep: @escaping (MessageBatch) throws -> Void = { _ in }
  ) throws -> (Handover.Done, [String]) {
    var source = Source(log: log)
    var done = Handover.Done()
    let sink = ClosureSink {
      try keep($0)
      log.append("kept \($0.count)")
    }
    try handover.run(from: &source, to: sink, done: &done)
    return (done, log.values)
  }

  @Test func `each batch is kept before it leaves`() throws {
    let (done, log) = try run(Handover(batch: 4))
    #expect(log == ["kept 4", "left 4", "kept 4", "left 4", "kept 2", "left 2"])
    #expect(done.kept == 10 && done.left == 10 && done.bytes == 10)
  }

  @Test func `no more than are wanted`() throws {
    let (done, log) = try run(Handover(most: 5, batch: 4))
    #expect(log == ["kept 4", "left 4", "kept 1", "left 1"])
    #expect(done.kept == 5)
    #expect(try run(Handover(most: 0)).1.isEmpty)
  }

  @Test func `no batch follows once it is not to go on`() throws {
    #expect(try run(Handover(batch: 4) { $0.left < 4 }).1 == ["kept 4", "left 4"])
    #expect(try run(Handover { _ in false }).1.isEmpty)
  }

  @Test func `what could not be kept does not leave`() throws {
    struct Failure: Error {}
    let log = Recorder<String>()
    let error = #expect(throws: DiskQueueError.self) {
      try run(Handover(), log) { _ in throw Failure() }
    }
    #expect(error?.code == .inputOutput && log.values.isEmpty)
  }

  @Test func `a queue is no target for its own messages`() throws {
    let directory = try TemporaryDirectory()
    let (jobs, other) = (try QueueName("jobs"), try QueueName("other"))
    let encoder = MessageEncoder(.frames, nsq: false, queue: jobs)
    let target = MessageTarget(.queue(jobs, in: directory.path), encoder: encoder)
    try target.check(from: other, at: directory.path)
    let error = #expect(throws: DiskQueueError.self) {
      try target.check(from: jobs, at: directory.path)
    }
    #expect(error?.code == .refused)
  }
}
