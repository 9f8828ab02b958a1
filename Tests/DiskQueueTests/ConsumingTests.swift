import DiskQueue
import DiskQueueTesting
import SystemPackage
import Testing

/// Taking with a promise: what is not handled stays.
@Suite struct ConsumingTests {
  private struct Failed: Error {}

  private func filled(_ count: Int = 5, bytesPerFile: Int64 = 30) throws -> DiskQueue {
    var options = DiskQueue.Options()
    options.maxBytesPerFile = bytesPerFile
    let queue = try DirectoryBuilder().open(options)
    for number in 0..<count { try queue.put("number\(number)") }
    return queue
  }

  @Test func `a consumer that throws loses nothing`() throws {
    let queue = try filled()
    for _ in 0..<3 {
      #expect(throws: Failed.self) { try queue.withNext { _ in throw Failed() } }
      #expect(throws: Failed.self) { try queue.withNext(3) { _ in throw Failed() } }
    }
    #expect(queue.depth == 5)
    #expect(try queue.withNext { $0.count } == 7)
    #expect(queue.depth == 4)
    #expect(try queue.withNext(2) { $0.map(\.text) } == ["number1", "number2"])
    #expect(try queue.takeAllText() == ["number3", "number4"])
    #expect(try queue.withNext { $0.count } == nil)
    #expect(try queue.withNext(5) { $0.count } == nil)
  }

  @Test func `a put inside a scoped take goes on`() throws {
    let queue = try filled(1)
    try queue.withNext { _ in try queue.put("from inside") }
    #expect(try queue.takeAllText() == ["from inside"])
  }

  @Test func `messages larger than the window are handed over whole`() throws {
    let queue = try filled(0, bytesPerFile: 1 << 20)
    let large = [UInt8](repeating: 7, count: 200_000)
    try queue.put(large)
    #expect(try queue.withNext { $0.count } == 200_000)
    try queue.put(large)
    #expect(try queue.take()?.payload == large)
  }

  @Test func `what was peeked is committed once, and only while it is next`() throws {
    let queue = try filled()
    let peeked = try queue.peek(3)
    try queue.commit(peeked.prefix(2))
    #expect(queue.depth == 3)
    let error = #expect(throws: DiskQueueError.self) { try queue.commit(peeked) }
    #expect(error?.code == .planVoid)
    try queue.commit(peeked.suffix(1))
    #expect(try queue.takeAllText() == ["number3", "number4"])
    try queue.commit([Message]())
  }

  @Test func `emptying under a consumer's hands takes what is next from it`() throws {
    let queue = try filled()
    #expect(try queue.take()?.text == "number0")
    try queue.empty()
    try queue.put("fresh")
    #expect(try queue.take()?.text == "fresh")
    #expect(try queue.take() == nil)
  }
}

@Suite struct CapacityTests {
  private func open(_ capacity: DiskQueue.Capacity) throws -> DiskQueue {
    var options = DiskQueue.Options()
    options.maxBytesPerFile = 22
    options.capacity = capacity
    return try DirectoryBuilder().open(options)
  }

  @Test(arguments: [
    DiskQueue.Capacity(bytes: 55, policy: .refuse), .init(messages: 5, policy: .refuse),
    .init(bytes: 1000, messages: 5, policy: .refuse),
  ])
  func `a full queue refuses, and takes again when there is room`(capacity: DiskQueue.Capacity)
    throws
  {
    let queue = try open(capacity)
    for number in 0..<5 { try queue.put("number\(number)") }
    for _ in 0..<2 {
      let error = #expect(throws: DiskQueueError.self) { try queue.put("number5") }
      #expect(error?.code == .queueFull)
    }
    #expect(queue.depth == 5)
    _ = try queue.take()
    try queue.put("number5")
    #expect(try queue.takeAllText() == (1...5).map { "number\($0)" })
  }

  @Test func `a full queue drops its oldest segment and says so`() async throws {
    let queue = try open(.init(bytes: 66, policy: .dropOldest))
    let events = queue.events
    for number in 0..<9 { try queue.put("number\(number)") }
    #expect(try queue.takeAllText() == (4...8).map { "number\($0)" })
    try queue.close()
    var dropped: Int64 = 0
    for await case .droppedOldest(_, let messages) in events { dropped += messages }
    #expect(dropped == 4)
  }

  @Test func `a message larger than the whole capacity is refused, and nothing dropped for it`()
    throws
  {
    let queue = try open(.init(bytes: 20, policy: .dropOldest))
    try queue.put("small")
    let error = #expect(throws: DiskQueueError.self) {
      try queue.put(String(repeating: "x", count: 30))
    }
    #expect(error?.code == .queueFull)
    #expect(try queue.takeAllText() == ["small"])
  }
}
