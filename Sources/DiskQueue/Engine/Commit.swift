import SystemPackage

/// What is known to be durable, and the one writer of the metadata; guarded by a lock of its own, so
/// that puts go on while a sync waits for the disk.
///
/// The commit order is data, metadata, directory; only then are finished segments retired. So the
/// metadata on disk never speaks of bytes that may be lost, nor of a segment that is gone.
package struct Commit: ~Copyable {
  let place: Place
  let lock: QueueLock
  var metadata: MetadataStore
  /// Records appended since the queue was opened that are durable.
  var durable: Int64 = 0
  /// A sync of data has failed: what the kernel holds may never reach the disk unless it is written
  /// again.
  private(set) var isSuspect = false

  init(_ place: Place, lock: QueueLock, metadata: MetadataStore) {
    self.place = place
    self.lock = lock
    self.metadata = metadata
  }

  /// Makes the data of a job durable.
  ///
  /// - Throws: `syncFailed`; until it succeeds, every later call writes the bytes again first.
  mutating func perform(_ data: SegmentWriter.Unsynced?) throws(DiskQueueError) {
    guard let data else { return }
    do throws(DiskQueueError) {
      if isSuspect { try data.rewrite(place.disk) }
      try place.disk.syncData(data.handle)
      if data.isNewFile { try place.disk.syncDirectory(place.directory) }
    } catch {
      isSuspect = true
      let failure = DiskQueueError(
        .syncFailed,
        "what was put may not survive a power loss: \(error.detail); the next sync writes it again",
        path: error.path, offset: data.start, cause: error.cause)
      place.events.post(.syncFailed(failure))
      throw failure
    }
    isSuspect = false
  }

  /// Data, metadata, directory, then retirement.
  mutating func perform(_ job: Engine.SyncJob) throws(DiskQueueError) {
    try perform(job.data)
    durable = max(durable, job.appended)
    do { try metadata.store(job.metadata) } catch {
      place.events.post(.syncFailed(error))
      throw error
    }
    for segment in job.finished { try place.retire(segment) }
  }
}
