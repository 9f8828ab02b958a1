import Logging
package import SystemPackage

/// One open queue, single-threaded: the only thing that moves its state.
///
/// The commit order is data, metadata, directory; only then are finished segments retired. So the
/// metadata on disk never speaks of bytes that may be lost, nor of a segment that is gone.
package struct Engine: ~Copyable {
  let queue: QueueName
  let directory: FilePath
  let disk: any Disk
  let options: DiskQueue.Options
  let ownership: Ownership?
  private let lock: QueueLock
  package internal(set) var state: QueueState
  private(set) var metadata: MetadataStore
  var writer: SegmentWriter
  var reader: SegmentReader
  /// Finished segments that the metadata on disk still speaks of.
  private var finished: [SegmentFile] = []
  private var finishedBytes: Int64 = 0
  private var operations = 0
  /// What opening found.
  package let findings: [Finding]

  /// Takes the locks, makes sure nobody else has the files open, recovers the state and brings the
  /// directory to one that every go-diskqueue version accepts.
  ///
  /// With `expecting`, throws `planVoid` before anything is touched when the files differ from it. `beforeTouching` runs with the locks held, before any change.
  package init(
    _ queue: QueueName, in directory: FilePath, options: DiskQueue.Options, disk: any Disk,
    processes: any ProcessTable, expecting: QueueFiles? = nil,
    beforeTouching: (Ownership?) throws(DiskQueueError) -> Void = { _ throws(DiskQueueError) in }
  ) throws(DiskQueueError) {
    try options.validate()
    guard try disk.status(at: directory).isDirectory else {
      throw DiskQueueError(.notFound, "this is not a directory", path: directory)
    }
    let lock = try QueueLock(queue, in: directory, disk: disk, processes: processes)
    do throws(DiskQueueError) {
      let files = try QueueFiles(queue, in: directory, disk: disk)
      if let expecting, files != expecting {
        throw DiskQueueError(
          .planVoid, "the queue's files have changed since the plan was made; nothing was touched",
          path: directory.file(.metadata, of: queue))
      }
      if options.checksOpenFiles {
        try Occupancy.refuse(
          files, in: directory, processes: processes, assumeOffline: options.assumeOffline,
          disk: disk)
      }
      let found = try Engine.recover(
        queue, files, in: directory, limits: options.limits, disk: disk)
      let ownership = try disk.ownership(for: files, in: directory)
      try beforeTouching(ownership)
      if let tail = found.tail {
        try Quarantine.cut(tail, of: queue, in: directory, disk: disk, ownership: ownership)
      }
      var metadata = MetadataStore(
        queue: queue, directory: directory, disk: disk, ownership: ownership,
        stored: files.metadata?.reading.whole)
      if !files.isEmpty { try metadata.store(found.state.metadata) }
      for segment in found.spent {
        try options.retirement.retire(
          FileName.segment(segment.number).entry(of: queue), in: directory, disk: disk)
      }
      self.state = found.state
      self.findings = found.findings
      self.metadata = metadata
      self.ownership = ownership
    } catch {
      lock.release(disk)
      throw error
    }
    self.queue = queue
    self.directory = directory
    self.disk = disk
    self.options = options
    self.lock = lock
    self.writer = SegmentWriter(
      queue: queue, directory: directory, disk: disk, ownership: ownership)
    self.reader = SegmentReader(
      queue: queue, directory: directory, disk: disk, limits: options.limits)
    for finding in findings { report(finding) }
  }

  /// Runs recovery with scans over the real files.
  package static func recover(
    _ queue: QueueName, _ files: QueueFiles, in directory: FilePath, limits: RecordLimits,
    disk: any Disk, countUpTo: Int64 = 1 << 20
  ) throws(DiskQueueError) -> Recovery.Outcome {
    try Recovery.recover(queue, files, countUpTo: countUpTo) {
      (segment, from, trusted, most) throws(DiskQueueError) in
      var scanner = SegmentScanner(disk: disk)
      return try scanner.scan(
        directory.file(.segment(segment.number), of: queue), size: segment.size, from: from,
        limits: limits, trusted: trusted, most: most)
    }
  }

  func report(_ finding: Finding) {
    guard let logger = options.logger else { return }
    logger.log(
      level: finding.severity == .info ? .info : .warning, "\(finding.text)",
      metadata: [
        "queue": "\(queue)", "code": "\(finding.code.rawValue)",
        "file": "\(finding.file ?? "-")",
      ])
  }

  // MARK: Putting

  /// Appends one record; it survives the process from here on, and a power loss from the next sync.
  package mutating func put(_ payload: [UInt8]) throws(DiskQueueError) {
    try check(payload)
    try rollIfNeeded(for: Record.size(of: payload.count))
    writer.stage(payload)
    try appendStaged(records: 1)
    countOperations(1)
  }

  /// Appends records in few large writes.
  ///
  /// When it throws, the first `count` of them are in.
  package mutating func put(contentsOf payloads: some Sequence<[UInt8]>, count: inout Int)
    throws(DiskQueueError)
  {
    var pending = 0
    for payload in payloads {
      do { try check(payload) } catch {
        try flush(&pending, &count)
        throw error
      }
      let size = Record.size(of: payload.count)
      if mustRoll(for: size, written: writer.staged) || writer.staged >= 1 << 20 {
        try flush(&pending, &count)
        try rollIfNeeded(for: size)
      }
      writer.stage(payload)
      pending += 1
    }
    try flush(&pending, &count)
  }

  private mutating func flush(_ pending: inout Int, _ count: inout Int) throws(DiskQueueError) {
    guard pending > 0 else { return }
    try appendStaged(records: Int64(pending))
    count += pending
    countOperations(pending)
    pending = 0
  }

  private func check(_ payload: [UInt8]) throws(DiskQueueError) {
    guard options.limits.accept(payload.count) else {
      throw DiskQueueError(
        .messageSize,
        "a message of \(payload.count) bytes is outside the limits of "
          + "\(options.minMessageSize) to \(options.maxMessageSize) bytes",
        path: directory.file(.segment(state.write.file), of: queue))
    }
  }

  private mutating func appendStaged(records: Int64) throws(DiskQueueError) {
    let bytes = writer.staged
    try writer.append(at: state.write)
    state.appended(records: records, bytes: bytes)
  }

  private func mustRoll(for size: Int64, written: Int64 = 0) -> Bool {
    let end = state.write.offset + written
    switch options.rollRule {
    case .beforeLimit: return end > 0 && end + size > options.maxBytesPerFile
    // Strictly more: version 1.0.0's reader gives a file that ends exactly at the limit up as bad.
    case .afterLimit: return end > options.maxBytesPerFile
    }
  }

  private mutating func rollIfNeeded(for size: Int64) throws(DiskQueueError) {
    if mustRoll(for: size) { try roll() }
  }

  /// Finishes the write segment.
  ///
  /// The metadata speaks of the next one before that exists, so that a Go program that opens after
  /// a kill finds all of it.
  mutating func roll() throws(DiskQueueError) {
    try writer.sync()
    writer.close()
    var next = state.write.file + 1
    while try disk.exists(directory.file(.segment(next), of: queue)) { next += 1 }
    if let passed = state.rolled(to: next) { finish([passed]) }
    trySync()
  }

  // MARK: Taking

  /// Takes the next message; nil when there is none.
  ///
  /// Damage on the way is set aside.
  package mutating func take() throws(DiskQueueError) -> Message? {
    while state.read < state.write {
      switch try lookOrMissing(at: state.read) {
      case .message(let message, let next):
        commit(records: 1, to: next)
        return message
      case .end: return nil
      case .damaged(let stop): try giveUp(stop)
      case nil: try skipMissing()
      }
    }
    return nil
  }

  /// Up to `count` messages from the read position, moving nothing, and the place after them.
  package mutating func peek(_ count: Int, bytes limit: Int = .max) throws(DiskQueueError)
    -> (messages: [Message], next: Position)
  {
    var messages: [Message] = []
    var at = state.read
    var bytes = 0
    while messages.count < count, bytes < limit,
      case .message(let message, let next)? = try lookOrMissing(at: at)
    {
      bytes += message.payload.count
      messages.append(message)
      at = next
    }
    return (messages, at)
  }

  /// Sets damage at the read position aside; nothing happens when a whole record is there.
  package mutating func passDamage() throws(DiskQueueError) {
    while state.read < state.write {
      switch try lookOrMissing(at: state.read) {
      case .message, .end: return
      case .damaged(let stop): try giveUp(stop)
      case nil: try skipMissing()
      }
    }
  }

  /// The messages before `position` were taken.
  package mutating func commit(records: Int64, to position: Position) {
    finish(state.consumed(records: records, to: position))
    // The metadata's count was too low: what is left is counted once.
    if state.depth == 0, state.read < state.write, let left = try? remaining(from: state.read) {
      state.counted(left)
    }
    countOperations(Int(records))
  }

  /// Nil when the segment has vanished; other failures are the caller's.
  private mutating func lookOrMissing(at position: Position) throws(DiskQueueError)
    -> SegmentReader.Look?
  {
    do { return try reader.look(at: position, in: state) } catch {
      if error.code == .notFound { return nil }
      throw error
    }
  }

  // MARK: Committing

  /// Makes everything up to here durable, then retires what nobody needs any more.
  package mutating func sync() throws(DiskQueueError) {
    try writer.sync()
    try metadata.store(state.metadata)
    operations = 0
    while let segment = finished.last {
      try options.retirement.retire(
        FileName.segment(segment.number).entry(of: queue), in: directory, disk: disk)
      finished.removeLast()
    }
    finishedBytes = 0
  }

  /// Writes the metadata even when its numbers are those on disk, for a file with other bytes.
  package mutating func storeMetadata() throws(DiskQueueError) {
    metadata.forget()
    try sync()
  }

  /// A sync nobody waits for: what fails is logged and tried again with the next one.
  mutating func trySync() {
    do { try sync() } catch { options.logger?.error("sync failed: \(error)") }
  }

  /// Whether a put or take is not yet covered by a sync.
  package var needsSync: Bool { operations > 0 || !finished.isEmpty }

  private mutating func countOperations(_ count: Int) {
    operations += count
    // Finished segments are let go early where they are many or large, so that space comes back.
    if operations >= options.syncEvery || finished.count >= 64
      || finishedBytes >= options.maxBytesPerFile
    {
      trySync()
    }
  }

  mutating func finish(_ segments: [SegmentFile]) {
    for segment in segments {
      finished.append(segment)
      finishedBytes += segment.size
    }
  }

  /// Drops all messages and goes on in a fresh segment.
  package mutating func empty() throws(DiskQueueError) {
    reader.close()
    writer.close()
    let files = try QueueFiles(queue, in: directory, disk: disk)
    let last = max(state.write.file, files.segments.last?.number ?? 0)
    let next = files.segments.isEmpty && state.write.offset == 0 ? state.write.file : last + 1
    finish(files.segments)
    state.emptied(to: next)
    try sync()
  }

  /// Syncs, closes and gives the locks back.
  ///
  /// The locks go even when the sync fails.
  package mutating func close() throws(DiskQueueError) {
    defer { release() }
    if needsSync || metadata.stored != state.metadata, metadata.stored != nil || needsSync {
      try sync()
    }
  }

  /// Removes exactly this queue's files, then closes.
  package mutating func delete() throws(DiskQueueError) {
    defer { release() }
    let names = QueueFiles.group(try disk.list(directory))[queue] ?? []
    // Metadata last: a crash in between must not turn what is left into an orphan without a queue.
    for name in names where name != .metadata {
      try disk.removeIfPresent(directory.file(name, of: queue))
    }
    try disk.removeIfPresent(directory.file(.metadata, of: queue))
    try disk.syncDirectory(directory)
  }

  private mutating func release() {
    reader.close()
    writer.close()
    lock.release(disk)
  }
}
