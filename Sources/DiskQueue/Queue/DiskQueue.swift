import DequeModule
import Synchronization
public import SystemPackage

/// A first-in first-out queue of messages in a directory, in the format of nsqio/go-diskqueue.
///
/// Several threads and tasks may use one queue: each message goes to exactly one taker. A queue is
/// open in one process at a time, see ``init(_:directory:options:)``.
///
/// A put survives the end of the process when it returns, and a power loss from the next sync on:
/// every ``Options/syncEvery`` operations, ``Options/syncTimeout`` after the first one not covered,
/// at ``sync()`` and at ``close()``.
public final class DiskQueue: Sendable {
  struct State: ~Copyable {
    /// Nil once closed.
    var engine: Engine?
    var waiters = Waiters()
    var timerArmed = false
  }

  /// The queue's name.
  public let name: QueueName
  /// The directory its files are in.
  public let directory: FilePath
  /// What opening found and dealt with: nothing, for a queue that was closed cleanly.
  public let findings: [Finding]

  let state: Mutex<State>
  let clock: any Clock<Duration>
  let syncTimeout: Duration

  /// Opens a queue, which need not exist yet, in a directory, which must.
  ///
  /// Opening takes a shared lock on the directory and an exclusive one of the queue's own, so nsqd
  /// and a second opener are shut out until ``close()``; looks for other processes that have the
  /// files open; and brings the queue to a state that every go-diskqueue version accepts.
  ///
  /// - Parameters:
  ///   - name: the part of the file names before `.diskqueue.`; nsqd uses `topic` and
  ///     `topic:channel`.
  ///   - directory: the data directory.
  ///   - options: the owner's configuration.
  /// - Throws: `invalidName`, `invalidOption`, `notFound` without a directory, `inUse` with the
  ///   ``DiskQueueError/holder``, `ownerUnknown`, `permissionDenied`, `noSpace`, `inputOutput`.
  public convenience init(_ name: String, directory: FilePath, options: Options = Options())
    throws(DiskQueueError)
  {
    try self.init(QueueName(name), directory: directory, options: options)
  }

  package init(
    _ name: QueueName, directory: FilePath, options: Options = Options(),
    disk: any Disk = RealDisk(), processes: any ProcessTable = RealProcessTable(),
    clock: any Clock<Duration> = ContinuousClock()
  ) throws(DiskQueueError) {
    let engine = try Engine(
      name, in: directory, options: options, disk: disk, processes: processes)
    self.name = name
    self.directory = directory
    self.findings = engine.findings
    self.clock = clock
    self.syncTimeout = options.syncTimeout
    self.state = Mutex(State(engine: engine))
  }

  deinit { try? close() }

  /// Unread messages, exact from the moment the queue is open; 0 once it is closed.
  public var depth: Int { state.withLock { Int($0.engine?.state.depth ?? 0) } }

  /// Puts one message at the end of the queue.
  ///
  /// - Throws: `messageSize`, `noSpace`, `inputOutput`, `closed`; the message is not in then.
  public func put(_ payload: [UInt8]) throws(DiskQueueError) {
    try perform { (engine) throws(DiskQueueError) in try engine.put(payload) }
  }

  /// Puts one message of UTF-8 text at the end of the queue.
  ///
  /// - Throws: as ``put(_:)-([UInt8])``.
  public func put(_ text: String) throws(DiskQueueError) { try put(Array(text.utf8)) }

  /// Puts messages at the end of the queue in their order, in few large writes.
  ///
  /// - Throws: as ``put(_:)-([UInt8])``; those before the one that failed may be in.
  public func put(contentsOf payloads: some Sequence<[UInt8]>) throws(DiskQueueError) {
    var count = 0
    try put(contentsOf: payloads, count: &count)
  }

  /// As ``put(contentsOf:)``, counting those that are in also when it throws.
  package func put(contentsOf payloads: some Sequence<[UInt8]>, count: inout Int)
    throws(DiskQueueError)
  {
    var done = 0
    defer { count += done }
    try perform { (engine) throws(DiskQueueError) in
      try engine.put(contentsOf: payloads, count: &done)
    }
  }

  /// Takes the next message; nil when the queue is empty.
  ///
  /// A segment in which no record can be found is kept as `.bad`, and the next one is read.
  ///
  /// - Throws: `inputOutput` and the like when a segment cannot be read for now; `closed`.
  public func take() throws(DiskQueueError) -> Message? {
    try perform { (engine) throws(DiskQueueError) in try engine.take() }
  }

  /// Takes up to `count` messages in their order; fewer when there are not as many.
  ///
  /// - Throws: as ``take()``, unless some were taken already: then those are returned.
  public func take(_ count: Int) throws(DiskQueueError) -> [Message] {
    try perform { (engine) throws(DiskQueueError) in
      var messages: [Message] = []
      while messages.count < count {
        do throws(DiskQueueError) {
          guard let message = try engine.take() else { break }
          messages.append(message)
        } catch {
          if messages.isEmpty { throw error }
          break
        }
      }
      return messages
    }
  }

  /// The next message without taking it; nil when the queue is empty or damaged there.
  ///
  /// - Throws: as ``take()``.
  public func peek() throws(DiskQueueError) -> Message? { try peek(1).first }

  /// Up to `count` messages from the read position without taking them, in their order.
  ///
  /// - Throws: as ``take()``.
  public func peek(_ count: Int) throws(DiskQueueError) -> [Message] {
    try perform { (engine) throws(DiskQueueError) in try engine.peek(count).messages }
  }

  /// Makes every put and take so far durable: data, then metadata, then directory.
  ///
  /// - Throws: `noSpace`, `inputOutput`, `closed`.
  public func sync() throws(DiskQueueError) {
    try perform { (engine) throws(DiskQueueError) in try engine.sync() }
  }

  /// Drops all messages; the queue goes on in a fresh segment.
  ///
  /// - Throws: `noSpace`, `inputOutput`, `closed`.
  public func empty() throws(DiskQueueError) {
    try perform { (engine) throws(DiskQueueError) in try engine.empty() }
  }

  /// Syncs and gives the locks back.
  ///
  /// Those who wait for messages are told there are no more.
  ///
  /// Closing twice is fine. The locks are given back also when it throws.
  ///
  /// - Throws: what the last sync reports.
  public func close() throws(DiskQueueError) {
    try end { (engine) throws(DiskQueueError) in try engine.close() }
  }

  /// Removes exactly this queue's files, `.bad` ones too, and closes it.
  ///
  /// - Throws: `permissionDenied`, `inputOutput`, `closed`.
  public func delete() throws(DiskQueueError) {
    try perform { (_) throws(DiskQueueError) in }
    try end { (engine) throws(DiskQueueError) in try engine.delete() }
  }

  private func end(_ body: (inout Engine) throws(DiskQueueError) -> Void) throws(DiskQueueError) {
    try state.withLock { (state) throws(DiskQueueError) in
      guard var engine = state.engine.take() else { return }
      state.waiters.wakeAll()
      try body(&engine)
    }
  }

  /// Runs `body` on the open engine, then wakes takers and arms the sync timer as needed.
  package func perform<Result>(
    _ body: (inout Engine) throws(DiskQueueError) -> Result
  ) throws(DiskQueueError) -> Result {
    try state.withLock { (state) throws(DiskQueueError) -> Result in
      guard state.engine != nil else {
        throw DiskQueueError(
          .closed, "the queue is closed", path: directory.file(.metadata, of: name))
      }
      let before = state.engine?.state.depth ?? 0
      defer {
        let added = (state.engine?.state.depth ?? 0) - before
        if added > 0 { state.waiters.wake(Int(added)) }
        if !state.timerArmed, state.engine?.needsSync == true {
          state.timerArmed = true
          armTimer()
        }
      }
      // A noncopyable value can be borrowed only in place, and it was found to be there above.
      // swift-format-ignore: NeverForceUnwrap
      return try body(&state.engine!)
    }
  }
}
