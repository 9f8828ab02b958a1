import DiskQueue
import DiskQueueTesting
import Foundation
import QueueOperations
import SystemPackage
import Testing

@testable import diskq

/// Drains again into a file in which a killed drain has left half a message.
@Suite struct TornTargetTests {
  /// How messages get into the file.
  enum Form: String, CaseIterable, Sendable {
    case lines, nul, hex, base64, ndjson, frames
    /// Frames as they are on disk.
    case chunks

    var format: MessageFormat {
      switch self {
      case .nul: .lines
      case .chunks: .frames
      default: MessageFormat(rawValue: rawValue) ?? .lines
      }
    }

    var terminator: UInt8 { self == .nul ? 0 : 10 }
    static let ofLines: [Form] = [.lines, .nul, .hex, .base64, .ndjson]

    /// Messages that begin like one another, empty ones, and all that the form can hold.
    var payloads: [[UInt8]] {
      var payloads = [
        "one", "", "one two", String(repeating: "long ", count: 4), "one", "on", "x",
      ]
      .map { Array($0.utf8) }
      if self == .nul { payloads[2] = Array("one\ntwo".utf8) }
      if ![.lines, .nul].contains(self) { payloads[2] = [0, 0, 0, 1, 10, 255] }
      return payloads
    }

    func encoder(_ queue: QueueName) -> MessageEncoder {
      MessageEncoder(format, nsq: false, queue: queue, terminator: terminator)
    }

    func decode(_ bytes: [UInt8]) throws -> [[UInt8]] {
      var decoder = MessageDecoder(format, limit: 1 << 20, terminator: terminator)
      return try decoder.decode(bytes[...]) + decoder.finish()
    }
  }

  private static let batch = 4
  private static let out: FilePath = "/data/out"

  private var options: DiskQueue.Options {
    var options = DiskQueue.Options()
    options.syncsInline = true
    options.checksOpenFiles = false
    return options
  }

  private func filled(_ form: Form) throws -> DirectoryBuilder {
    let builder = DirectoryBuilder()
    let queue = try builder.open(options)
    try queue.put(contentsOf: form.payloads)
    try queue.close()
    return builder
  }

  private func worker(_ builder: DirectoryBuilder, _ disk: any Disk) -> Operator {
    Operator(builder.directory, options: options, disk: disk, processes: FakeProcesses())
  }

  /// Drains into the file; returns how many bytes it was told were cut.
  @discardableResult
  private func drain(_ builder: DirectoryBuilder, _ form: Form, on disk: (any Disk)? = nil) throws
    -> Int64
  {
    let disk = disk ?? builder.disk
    let worker = worker(builder, disk)
    let plan = try worker.planner.drain(builder.queue, to: "out")
    let sink = try FileSink(
      Self.out, encoder: form.encoder(builder.queue), disk: disk,
      resumes: OperationStore(of: builder.directory, disk: disk).hasInterruptedDrain(builder.queue),
      pause: { _ in false })
    var cut: Int64 = 0
    sink.onCut = { cut += $0 }
    if form == .chunks {
      _ = try worker.drain(by: plan, batch: Self.batch, into: sink)
    } else {
      _ = try worker.drain(by: plan, batch: Self.batch, into: { try sink.keep($0) })
    }
    return cut
  }

  /// The queue as a drain leaves it that is killed before its first byte is in the file.
  private func killed(_ form: Form) throws -> InMemoryDisk {
    var random = SeededGenerator(seed: 1)
    for call in 1... {
      let builder = try filled(form)
      let disk = CrashingDisk(builder.disk)
      disk.crash(at: call)
      do { try drain(builder, form, on: disk) } catch is DiskQueueError {}
      let after = disk.afterCrash(.nothing, &random)
      if after.bytes(Self.out) == [] { return after }
    }
    preconditionFailure("the loop ends only so")
  }

  /// The bytes of each message of the queue as they are in the file.
  private func encoded(_ form: Form) throws -> [[UInt8]] {
    let builder = try filled(form)
    let worker = worker(builder, builder.disk)
    let encoder = form.encoder(builder.queue)
    var encoded: [[UInt8]] = []
    _ = try worker.drain(by: worker.planner.drain(builder.queue, to: "here")) { messages in
      for message in messages {
        var bytes: [UInt8] = []
        try encoder.encode([message], into: &bytes)
        encoded.append(bytes)
      }
    }
    return encoded
  }

  private func content(_ builder: DirectoryBuilder) -> [UInt8] {
    builder.disk.bytes(Self.out) ?? []
  }

  /// What is in the file of others.
  private static let earlier: [[UInt8]] = ["one", "earlier"].map { Array($0.utf8) }

  private func earlier(_ form: Form, _ queue: QueueName) throws -> [UInt8] {
    var bytes: [UInt8] = []
    let messages = Self.earlier.map { Message(payload: $0, position: Position(file: 7, offset: 9)) }
    try form.encoder(queue).encode(messages, into: &bytes)
    return bytes
  }

  @Test(arguments: Form.allCases)
  func `killed at any byte, it goes on behind the last whole message`(form: Form) throws {
    let killed = try killed(form)
    let encoded = try encoded(form)
    let first = Array(encoded.prefix(Self.batch).joined())
    for isNew in [true, false] {
      for count in 0...first.count {
        let builder = DirectoryBuilder(disk: killed.copy())
        let before = isNew ? [] : try earlier(form, builder.queue)
        builder.disk.plant(Self.out, before + first.prefix(count))
        let cut = try drain(builder, form)
        var (whole, end) = (0, 0)
        while whole < Self.batch, end + encoded[whole].count <= count {
          end += encoded[whole].count
          whole += 1
        }
        #expect(cut == count - end, "\(count)")
        #expect(
          try form.decode(content(builder))
            == (isNew ? [] : Self.earlier) + form.payloads.prefix(whole) + form.payloads, "\(count)"
        )
      }
    }
  }

  @Test(arguments: Form.ofLines)
  func `a line that is not its own is kept, and ended`(form: Form) throws {
    let encoded = try encoded(form)
    let killed = try killed(form)
    let before = try earlier(form, DirectoryBuilder().queue)
    let cases: [(InMemoryDisk, [UInt8])] = [
      // Nothing was interrupted.
      (try filled(form).disk, before + encoded[0].dropLast()),
      (try filled(form).disk, Array(encoded[0].dropLast())),
      (killed, before + Array("another's".utf8)), (killed, Array("another's".utf8)),
      (killed, before + [UInt8](repeating: 65, count: 5000)),
      // The third message's, without the two before it; and a whole one without its end, and more.
      (killed, before + encoded[2].dropLast()),
      (killed, before + encoded[0] + encoded[2].dropLast()),
      (killed, before + encoded[0].dropLast() + [65]),
      (killed, Array("another's".utf8) + encoded[0].dropLast()),
    ]
    for (index, (disk, planted)) in cases.enumerated() {
      let builder = DirectoryBuilder(disk: disk.copy())
      builder.disk.plant(Self.out, planted)
      #expect(try drain(builder, form) == 0)
      #expect(content(builder) == planted + [form.terminator] + encoded.joined(), "\(index)")
    }
  }

  /// What is no frames, and where that begins.
  static let foreign: [(bytes: [UInt8], offset: Int64)] = [
    (Array("a text\n".utf8), 0), ([1], 0), ([0, 0, 0, 9, 65], 0),
    (DirectoryBuilder.records(["a", ""]) + [0, 0, 0, 2, 65], 9),
    (DirectoryBuilder.records(["a"]) + [255, 255, 255, 255, 0, 0, 0, 0], 5),
    (DirectoryBuilder.records(["one"]) + [0, 0, 0, 6, 0, 0, 0, 1, 10], 7),
    (
      DirectoryBuilder.records(["", "a"]) + Array("text".utf8) + DirectoryBuilder.records(["b"]), 9
    ),
  ]

  @Test(arguments: [Form.frames, .chunks])
  func `what is no frames gets none behind it`(form: Form) throws {
    for disk in [try killed(form), try filled(form).disk] {
      for (bytes, offset) in Self.foreign {
        let builder = DirectoryBuilder(disk: disk.copy())
        builder.disk.plant(Self.out, bytes)
        let before = builder.disk.files(in: builder.directory)
          .filter { !$0.key.hasPrefix(".diskq/") }
        let error = #expect(throws: DiskQueueError.self) { try drain(builder, form) }
        #expect(error?.code == .refused && error?.path == Self.out && error?.offset == offset)
        let after = builder.disk.files(in: builder.directory)
          .filter { !$0.key.hasPrefix(".diskq/") }
        #expect(after == before)
        #expect(builder.disk.openCount == 0)
      }
    }
  }

  @Test(arguments: Form.allCases)
  func `the cut is durable before anything follows, and is not taken back`(form: Form) throws {
    let encoded = try encoded(form)
    let before = try earlier(form, DirectoryBuilder().queue)
    let whole = before + encoded[0] + encoded[1]
    let killed = try killed(form)
    killed.plant(Self.out, whole + encoded[2].dropLast())

    let builder = DirectoryBuilder(disk: killed.copy())
    builder.disk.recordCalls()
    try drain(builder, form)
    let calls = builder.disk.calls.filter { $0.split(separator: " ").dropFirst().first == "out" }
      .filter { !$0.hasPrefix("open") }
    #expect(calls.prefix(2) == ["truncate out \(whole.count)", "fdatasync out"])
    #expect(calls.dropFirst(2).first?.hasPrefix("write") == true)

    for call in [FaultyDisk.Call.write, .syncData] {
      let builder = DirectoryBuilder(disk: killed.copy())
      let disk = FaultyDisk(builder.disk)
      disk.inject(.init(call, times: 100, cause: .noSpace, written: 3, suffix: "out"))
      #expect(throws: DiskQueueError.self) { try drain(builder, form, on: disk) }
      #expect(content(builder) == whole)
      try drain(builder, form)
      #expect(content(builder) == whole + encoded.joined())
    }
  }

  /// Drains the rest and holds the file against what was put: nothing is lost, nothing invented.
  private func finish(_ builder: DirectoryBuilder, _ form: Form, _ what: String) throws {
    try drain(builder, form)
    let found = try form.decode(content(builder))
    #expect(Array(found.prefix(Self.earlier.count)) == Self.earlier, "\(what)")
    let rest = Array(found.dropFirst(Self.earlier.count))
    #expect(Set(rest) == Set(form.payloads), "\(what)")
    #expect(rest.count <= form.payloads.count + 2 * Self.batch, "\(what)")
  }

  @Test(arguments: Form.allCases)
  func `a fault or a crash at every call while it goes on`(form: Form) throws {
    let first = Array(try encoded(form).prefix(Self.batch).joined())
    let killed = try killed(form)
    killed.plant(
      Self.out, try earlier(form, DirectoryBuilder().queue) + first.prefix(first.count - 9))
    var random = SeededGenerator(seed: 7)
    for loss in [nil, CrashingDisk.Loss.nothing, .everything] {
      var nth = 1
      while true {
        let builder = DirectoryBuilder(disk: killed.copy())
        let faulty = FaultyDisk(builder.disk)
        faulty.inject(.init(nil, nth: nth, cause: .noSpace, written: 3))
        let crashing = CrashingDisk(builder.disk)
        crashing.crash(at: nth)
        do {
          try drain(builder, form, on: loss == nil ? faulty : crashing)
        } catch is DiskQueueError {}
        let calls = loss == nil ? faulty.counts.values.reduce(0, +) : crashing.calls
        let after = loss.map { DirectoryBuilder(disk: crashing.afterCrash($0, &random)) }
        try finish(after ?? builder, form, "call \(nth), \(loss.map { "\($0)" } ?? "fault")")
        if calls < nth { break }
        nth += 1
      }
      #expect(nth > 20)
    }
  }

  @Test(arguments: Form.allCases)
  func `half a message that another leaves between two batches`(form: Form) throws {
    let disk = InMemoryDisk()
    let queue = DirectoryBuilder().queue
    let encoder = form.encoder(queue)
    let sink = try FileSink(
      Self.out, encoder: encoder, disk: disk, resumes: true, pause: { _ in false })
    let message = Message(payload: Array("one".utf8), position: Position(file: 0, offset: 0))
    var bytes: [UInt8] = []
    try encoder.encode([message], into: &bytes)
    try sink.keep([message])
    let status = try disk.status(at: Self.out)
    let other = try FileSink(Self.out, encoder: encoder, disk: disk, pause: { _ in false })
    try other.keep([message])
    try sink.keep([message])
    let half = Array(bytes.dropLast(2))
    let handle = try disk.open(Self.out, .append)
    try disk.writeAll(handle, half.span, at: 0)
    disk.close(handle)
    #expect(try disk.status(at: Self.out).inode == status.inode)
    let torn = bytes + bytes + bytes + half
    if form.format == .frames {
      let error = #expect(throws: DiskQueueError.self) { try sink.keep([message]) }
      #expect(error?.code == .refused && error?.offset == Int64(3 * bytes.count))
      #expect(disk.bytes(Self.out) == torn)
    } else {
      try sink.keep([message])
      #expect(disk.bytes(Self.out) == torn + [form.terminator] + bytes)
    }
  }

  // MARK: The real program

  /// The limit of a file's size ends it in the middle of a write, as a kill can.
  @Test(arguments: ["lines", "-0", "hex", "base64", "ndjson", "frames", "frames --nsq"])
  func `a drain that dies in the middle of a write is gone on with`(format: String) async throws {
    let directory = try TemporaryDirectory()
    let words = format == "-0" ? format : "--format " + format
    let plain = words.replacingOccurrences(of: " --nsq", with: "")
    let outcome = try await shell(
      """
      seq -f 'message %g' 400 > $D/all; diskq put $D q --file $D/all
      (ulimit -c 0; ulimit -f 2; diskq drain $D q \(words) --to-file $D/f); [ $? -gt 128 ]; echo $?
      [ -s $D/f ]; echo $?
      diskq drain $D q \(words) --to-file $D/f; echo $?
      diskq put $D other \(plain) --file $D/f; echo $?
      diskq peek $D other --all > $D/found
      tail -n 400 $D/found | cmp - $D/all; sort -u $D/found | wc -l
      """, in: directory)
    #expect(outcome.text == "0\n0\n0\n0\n400\n")
  }

  @Test func `frames are frames again, and what was cut is told`() async throws {
    let directory = try TemporaryDirectory()
    let outcome = try await shell(
      """
      printf 'one\\ntwo\\nthree\\n' | diskq put $D q
      diskq peek $D q --all --format frames > $D/whole
      head -c 18 $D/whole > $D/torn; head -c 18 $D/whole > $D/quiet
      cp -r $D $D.2
      diskq drain $D q --format frames --to-file $D/torn 2> $D/told; echo $?
      diskq drain $D.2 q --format frames --to-file $D.2/quiet --quiet 2> $D/untold; echo $?
      wc -l < $D/told; wc -c < $D/untold
      cmp $D/torn $D.2/quiet; rm -r $D.2
      diskq put $D other --format frames --file $D/torn; echo $?
      diskq peek $D other --all
      """, in: directory)
    #expect(outcome.text == "0\n0\n2\n0\n0\none\ntwo\none\ntwo\nthree\n")
  }

  @Test(arguments: ["hello\n", "\\000\\000\\000\\003one\\000\\000\\000\\005th", "\\377"])
  func `a file that holds no frames is refused as a target of them`(text: String) async throws {
    let directory = try TemporaryDirectory()
    let outcome = try await shell(
      """
      printf 'one\\ntwo\\n' | diskq put $D q
      printf '\(text)' > $D/f; cp $D/f $D/before; cp $D/q.diskqueue.meta.dat $D/meta
      diskq drain $D q --format frames --to-file $D/f; echo $?
      diskq drain $D q --format frames --nsq --to-file $D/f; echo $?
      cmp $D/f $D/before; cmp $D/q.diskqueue.meta.dat $D/meta
      diskq peek $D q --all; diskq undo $D | wc -l
      """, in: directory)
    #expect(outcome.text == "5\n5\none\ntwo\n0\n")
  }

  @Test func `a line is cut after a drain that was killed, and only then`() async throws {
    let directory = try TemporaryDirectory()
    let outcome = try await shell(
      """
      printf 'one\\ntwo\\nthree\\n' | diskq put $D q
      printf 'one\\nt' > $D/f; cp $D/f $D/g
      cp -r $D $D.2
      diskq drain $D.2 q --to-file $D.2/f; cat $D.2/f; rm -r $D.2
      diskq drain $D q --exec 'kill -9 $PPID'
      diskq drain $D q --to-file $D/g; cat $D/g
      """, in: directory)
    #expect(outcome.text == "one\nt\none\ntwo\nthree\none\none\ntwo\nthree\n")
  }
}
