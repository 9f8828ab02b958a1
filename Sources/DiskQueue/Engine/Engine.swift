import SystemPackage

/// The writing half of an open queue and where the whole of it stands.
///
/// Single-threaded: ``DiskQueue`` guards it with the last of its three locks. What moves it in a way
/// that needs the metadata written is in `Engine+Exclusive`.
package struct Engine: ~Copyable {
  package let place: Place
  package internal(set) var state: QueueState
  var writer: SegmentWriter
  /// Finished segments that the metadata on disk still speaks of.
  var finished: [SegmentFile] = []
  private var finishedBytes: Int64 = 0
  /// Puts and takes that no sync covers.
  private(set) var operations = 0
  /// Their bytes, of puts.
  private var unsyncedBytes: Int64 = 0
  /// Records appended since the queue was opened.
  private(set) var appended: Int64 = 0
  /// A new queue has no metadata on disk yet.
  ///
  /// The first put writes it first: a Go program that found segments without it would write over
  /// them.
  var lacksMetadata = false

  init(_ place: Place, state: QueueState) {
    self.place = place
    self.state = state
    self.writer = SegmentWriter(place)
  }

  // MARK: Putting

  /// Appends one record and tells its number; nil when room must be made first.
  mutating func append(_ payload: [UInt8]) throws(DiskQueueError) -> Int64? {
    if needsRoom(for: Record.size(of: payload.count), records: 1) { return nil }
    writer.stage(payload)
    try appendStaged(records: 1)
    return appended
  }

  /// Appends as many of `payloads` from `start` on as fit before room must be made, in one write;
  /// returns how many.
  mutating func append(_ payloads: ArraySlice<[UInt8]>) throws(DiskQueueError) -> Int {
    if lacksMetadata { return 0 }
    let payloads = payloads.span
    let isLimited = place.options.capacity != nil
    // How much may be staged whatever the rule says; what is larger is asked about one by one.
    let free = min(1 << 20, place.options.maxBytesPerFile - state.write.offset)
    var count = 0
    while count < payloads.count, writer.staged < 1 << 20 {
      let size = Record.size(of: payloads[count].count)
      if isLimited || writer.staged + size > free {
        if needsRoom(for: size, records: Int64(count) + 1) { break }
      }
      writer.stage(payloads[count])
      count += 1
    }
    if count > 0 { try appendStaged(records: Int64(count)) }
    return count
  }

  private mutating func appendStaged(records: Int64) throws(DiskQueueError) {
    let bytes = writer.staged
    try writer.append(at: state.write)
    state.appended(records: records, bytes: bytes)
    appended += records
    operations += Int(records)
    unsyncedBytes += bytes
  }

  private func needsRoom(for size: Int64, records: Int64) -> Bool {
    lacksMetadata || mustRoll(for: size)
      || place.options.capacity?.isPassed(by: state, writer.staged + size, records) == true
  }

  /// Whether a record of `size` belongs into the next segment.
  func mustRoll(for size: Int64) -> Bool {
    let end = state.write.offset + writer.staged
    switch place.options.rollRule {
    case .beforeLimit: return end > 0 && end + size > place.options.maxBytesPerFile
    // Strictly more: version 1.0.0's reader gives a file that ends exactly at the limit up as bad.
    case .afterLimit: return end > place.options.maxBytesPerFile
    }
  }

  /// Whether the write segment has passed the limit: version 1.0.0's reader then looks for the next
  /// one at once, and spins, or loses the next put, where the metadata does not speak of it.
  var isPastLimit: Bool {
    place.options.rollRule == .afterLimit && state.write.offset > place.options.maxBytesPerFile
  }

  // MARK: Taking

  /// The records before `next` were taken, which began at `position`; false when the read position
  /// has moved since, because the queue was emptied or dropped its oldest.
  mutating func commit(records: Int64, from position: Position, to next: Position) -> Bool {
    guard state.read == position else { return false }
    finish(state.consumed(records: records, to: next))
    operations += Int(records)
    if mustCount { try? count() }
    return true
  }

  /// The metadata's count was too low: there are unread records although the depth is 0.
  var mustCount: Bool { state.depth == 0 && state.read < state.write }

  // MARK: Syncing

  /// What one sync makes durable.
  struct SyncJob: Sendable {
    var data: SegmentWriter.Unsynced?
    var metadata: Metadata
    var finished: [SegmentFile]
    var appended: Int64
    var operations: Int
    var bytes: Int64
  }

  mutating func beginSync() -> SyncJob {
    SyncJob(
      data: writer.unsynced(upTo: state.write), metadata: state.metadata, finished: finished,
      appended: appended, operations: operations, bytes: unsyncedBytes)
  }

  mutating func endSync(_ job: SyncJob) {
    writer.synced(job.data)
    operations -= job.operations
    unsyncedBytes -= job.bytes
    finished.removeFirst(job.finished.count)
    finishedBytes = finished.reduce(0) { $0 + $1.size }
  }

  /// Whether a put or take is not yet covered by a sync.
  var needsSync: Bool { operations > 0 || !finished.isEmpty }

  /// Whether a sync should start now: enough operations, or enough space to give back.
  var isSyncDue: Bool {
    operations >= place.options.syncEvery || finished.count >= 64
      || finishedBytes >= place.options.maxBytesPerFile
  }

  /// Whether syncs fall far behind, so that the next operation waits for one: 64 MiB put,
  /// or many segments to let go.
  var isSyncOverdue: Bool {
    unsyncedBytes >= 1 << 26 && operations >= 4 * place.options.syncEvery || finished.count >= 256
  }

  mutating func finish(_ segments: [SegmentFile]) {
    for segment in segments {
      finished.append(segment)
      finishedBytes += segment.size
    }
  }
}
