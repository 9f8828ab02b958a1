import DiskQueue
import DiskQueueTesting
import QueueOperations
import SystemPackage
import Testing

/// Drains into a file and into a queue over disks that fail or lose power at every call: nothing is
/// lost, and at most one batch comes twice.
@Suite struct SinkTests {
  enum Target: String, CaseIterable, Sendable { case file, queue }

  private static let messages = (0..<7).map { "message \($0)" }
  private static let batch = 3
  private static let other: QueueName = {
    do { return try QueueName("other") } catch { preconditionFailure("\(error)") }
  }()

  private func filled() throws -> DirectoryBuilder {
    let builder = DirectoryBuilder()
    let queue = try builder.open(options)
    try queue.put(contentsOf: Self.messages.map { Array($0.utf8) })
    try queue.close()
    return builder
  }

  private var options: DiskQueue.Options {
    var options = DiskQueue.Options()
    options.syncsInline = true
    options.maxBytesPerFile = 60
    options.checksOpenFiles = false
    return options
  }

  private func drain(_ builder: DirectoryBuilder, to target: Target, on disk: any Disk) throws {
    var worker = Operator(
      builder.directory, options: options, disk: disk, processes: FakeProcesses())
    worker.options.checksOpenFiles = false
    let plan = try worker.planner.drain(builder.queue, to: target.rawValue)
    let encoder = MessageEncoder(.lines, nsq: false, queue: builder.queue)
    switch target {
    case .file:
      let sink = try FileSink(
        builder.directory.appending("out"), encoder: encoder, disk: disk, pause: { _ in false })
      _ = try worker.drain(by: plan, batch: Self.batch, into: sink)
    case .queue:
      let sink = try QueueSink(
        Self.other, in: builder.directory, from: builder.queue, at: builder.directory,
        options: options, disk: disk, processes: FakeProcesses())
      defer { try? sink.close() }
      _ = try worker.drain(by: plan, batch: Self.batch, into: sink)
    }
  }

  /// What has arrived, in order.
  private func arrived(_ target: Target, _ builder: DirectoryBuilder) throws -> [String] {
    switch target {
    case .file:
      let bytes = builder.disk.bytes(builder.directory.appending("out")) ?? []
      return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    case .queue:
      let queue = try DiskQueue(
        Self.other, directory: builder.directory, options: options, disk: builder.disk,
        processes: FakeProcesses())
      defer { try? queue.close() }
      return try queue.take(.max).map(\.text)
    }
  }

  /// Drains the rest without faults and holds what arrived against what was put.
  private func check(_ builder: DirectoryBuilder, _ target: Target, _ what: String) throws {
    try drain(builder, to: target, on: builder.disk)
    let arrived = try arrived(target, builder)
    // A torn line is no message; it is told apart by being none that was put.
    let known = arrived.filter(Set(Self.messages).contains)
    #expect(Set(known) == Set(Self.messages), "\(what)")
    #expect(known.count <= Self.messages.count + Self.batch, "\(what)")
    #expect(arrived.count - known.count <= Self.batch, "\(what)")
  }

  @Test(arguments: Target.allCases)
  func `a fault at every call`(target: Target) throws {
    for (cause, written) in [(Errno.noSpace, 3)] {
      var nth = 1
      while true {
        let builder = try filled()
        let disk = FaultyDisk(builder.disk)
        disk.inject(.init(nil, nth: nth, cause: cause, written: written))
        do { try drain(builder, to: target, on: disk) } catch is DiskQueueError {}
        let total = disk.counts.values.reduce(0, +)
        disk.inject(nil)
        try check(builder, target, "call \(nth), \(cause)")
        if total < nth { break }
        nth += 1
      }
      #expect(nth > 20)
    }
  }

  @Test(arguments: Target.allCases, CrashingDisk.Loss.allCases)
  func `a crash at every call`(target: Target, loss: CrashingDisk.Loss) throws {
    var random = SeededGenerator(seed: 7)
    var call = 1
    while true {
      let builder = try filled()
      let disk = CrashingDisk(builder.disk)
      disk.crash(at: call)
      do { try drain(builder, to: target, on: disk) } catch is DiskQueueError {}
      let ended = disk.calls < call
      let after = DirectoryBuilder(disk: disk.afterCrash(loss, &random))
      try check(after, target, "call \(call), \(loss)")
      if ended { break }
      call += 1
    }
    #expect(call > 10)
  }

  @Test func `a batch that fails leaves the file as it was, or not at all`() throws {
    let builder = try filled()
    let path = builder.directory.appending("out")
    for call in [FaultyDisk.Call.write, .syncData, .syncAll, .lock, .statusOfHandle] {
      for before in [nil, Array("before\n".utf8)] as [[UInt8]?] {
        if let before { builder.disk.plant(path, before) }
        let disk = FaultyDisk(builder.disk)
        let sink = try FileSink(
          path, encoder: MessageEncoder(.lines, nsq: false, queue: builder.queue), disk: disk,
          pause: { _ in false })
        disk.inject(.init(call, cause: .noSpace, written: 3))
        let message = Message(payload: [65], position: Position(file: 0, offset: 0))
        #expect(throws: DiskQueueError.self) { try sink.keep([message]) }
        #expect(builder.disk.bytes(path) == before, "\(call)")
        disk.inject(nil)
        try sink.keep([message])
        #expect(builder.disk.bytes(path) == (before ?? []) + [65, 10])
        try builder.disk.remove(path)
      }
    }
  }

  @Test func `another's bytes stay, and its lock is waited for`() throws {
    let disk = InMemoryDisk()
    let path: FilePath = "/out"
    let encoder = MessageEncoder(.lines, nsq: false, queue: Self.other)
    func message(_ byte: UInt8) -> Message {
      Message(payload: [byte], position: Position(file: 0, offset: 0))
    }
    var waits = 0
    let holder = try disk.open(path, .create)
    let first = try FileSink(path, encoder: encoder, disk: disk) { tries in
      waits = tries
      if tries == 3 { try? disk.unlock(holder) }
      return tries < 10
    }
    let second = try FileSink(path, encoder: encoder, disk: disk) { _ in false }
    #expect(try disk.lock(holder, .exclusive))
    let held = #expect(throws: DiskQueueError.self) { try second.keep([message(66)]) }
    #expect(held?.code == .inUse)
    try first.keep([message(65)])
    #expect(waits == 3)
    try second.keep([message(66)])
    try first.keep([message(67)])
    #expect(disk.bytes(path) == Array("A\nB\nC\n".utf8))
    // Moved away, as a log is: the next batch goes where the name says.
    try disk.rename(path, to: "/old")
    try first.keep([message(68)])
    #expect(disk.bytes(path) == Array("D\n".utf8))
    try disk.rename(path, to: "/older")
    disk.plant(path, Array("new\n".utf8))
    try first.keep([message(69)])
    #expect(disk.bytes(path) == Array("new\nE\n".utf8))
    disk.close(holder)
  }
}
