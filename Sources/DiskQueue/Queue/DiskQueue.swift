public import SystemPackage

/// A first-in first-out queue of messages in a directory, in the format of nsqio/go-diskqueue.
///
/// Several threads and tasks may use one queue: each message goes to exactly one taker. A queue is
/// open in one process at a time, see ``init(_:directory:options:)``.
///
/// What a put promises when it returns is ``Options/durability``; ``sync()`` and ``close()`` make
/// everything durable.
public final class DiskQueue: Sendable {
  struct State: ~Copyable {
    /// Nil once closed.
    var engine: Engine?
    var waiters = Waiters()
    var timerArmed = false
    var syncScheduled = false
  }

  /// The queue's name.
  public let name: QueueName
  /// The directory its files are in.
  public let directory: FilePath
  /// What opening found and dealt with: nothing, for a queue that was closed cleanly.
  public let findings: [Finding]

  let place: Place
  let clock: any Clock<Duration>
  /// The three locks, always taken in this order: consumers take turns; one sync or roll at a time;
  /// where the queue stands.
  ///
  /// A put or take of the usual kind holds the last for microseconds.
  let consumer: Guarded<Consumer>
  let commit: Guarded<Commit>
  /// Where durable puts wait for the `fdatasync` they share.
  let turnstile = Turnstile()
  let state: Guarded<State>

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

  /// As ``init(_:directory:options:)``, over any disk, and for a plan: see ``Opening``.
  package init(
    _ name: QueueName, directory: FilePath, options: Options = Options(),
    disk: (any Disk)? = nil, processes: any ProcessTable = RealProcessTable(),
    clock: any Clock<Duration> = ContinuousClock(), expecting: QueueFiles? = nil,
    beforeTouching: (Ownership?, [Recovery.Tail]) throws(DiskQueueError) -> Void = {
      (_, _) throws(DiskQueueError) in
    }
  ) throws(DiskQueueError) {
    let opening = try Opening(
      name, in: directory, options: options, disk: disk ?? RealDisk(below: directory),
      processes: processes,
      expecting: expecting, beforeTouching: beforeTouching)
    self.name = name
    self.directory = directory
    self.clock = clock
    self.findings = opening.findings
    self.place = opening.engine.place
    self.consumer = Guarded(Consumer(opening.engine.place))
    self.commit = Guarded(opening.commit)
    self.state = Guarded(State(engine: opening.engine))
  }

  deinit { try? close() }

  /// Unread messages, exact from the moment the queue is open; 0 once it is closed.
  public var depth: Int { state.withLock { Int($0.engine?.state.depth ?? 0) } }

  /// What the queue meets while it is open, beginning with what opening found; ends at its close.
  public var events: AsyncStream<Event> { place.events.listen() }

  /// Makes every put and take so far durable: data, then metadata, then directory.
  ///
  /// - Throws: `syncFailed`, `noSpace`, `inputOutput`, `closed`.
  public func sync() throws(DiskQueueError) {
    try commit.withLock { (commit) throws(DiskQueueError) in try syncHolding(&commit) }
  }

  /// Drops all messages; the queue goes on in a fresh segment.
  ///
  /// - Throws: `noSpace`, `inputOutput`, `closed`.
  public func empty() throws(DiskQueueError) {
    try consumer.withLock { (consumer) throws(DiskQueueError) in
      consumer.reader.close()
      try exclusively { (engine, commit) throws(DiskQueueError) in
        try engine.empty(&commit)
        consumer.refresh(engine.state)
      }
    }
  }

  /// Syncs and gives the locks back.
  ///
  /// Those who wait for messages are told there are no more.
  ///
  /// Closing twice is fine. The locks are given back also when it throws.
  ///
  /// - Throws: what the last sync reports.
  public func close() throws(DiskQueueError) {
    try end { (engine, commit) throws(DiskQueueError) in try engine.settle(&commit) }
  }

  /// As ``close()``; hands over the files as they are left while the locks are still held.
  package func close(_ body: (QueueFiles) throws(DiskQueueError) -> Void) throws(DiskQueueError) {
    try end { (engine, commit) throws(DiskQueueError) in
      try engine.settle(&commit)
      engine.writer.close()
      try body(QueueFiles(name, in: directory, disk: place.disk))
    }
  }

  /// Removes exactly this queue's files, `.bad` ones too, and closes it.
  ///
  /// - Throws: `permissionDenied`, `inputOutput`, `closed`.
  public func delete() throws(DiskQueueError) {
    try withEngine { (_) throws(DiskQueueError) in }
    try end { (engine, _) throws(DiskQueueError) in try engine.delete() }
  }

  private func end(
    _ body: (inout Engine, inout Commit) throws(DiskQueueError) -> Void
  ) throws(DiskQueueError) {
    try consumer.withLock { (consumer) throws(DiskQueueError) in
      try commit.withLock { (commit) throws(DiskQueueError) in
        try state.withLock { (state) throws(DiskQueueError) in
          guard var engine = state.engine.take() else { return }
          consumer.reader.close()
          defer {
            engine.writer.close()
            commit.lock.release(place.disk)
            state.waiters.wakeAll()
            place.events.finish()
          }
          try body(&engine, &commit)
        }
      }
    }
  }
}
