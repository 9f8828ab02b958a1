import Dispatch

/// How the three locks are held, and the syncs that nobody waits for.
extension DiskQueue {
  /// Runs `body` on the open engine, then wakes takers and sees to the next sync.
  func withEngine<Result: Sendable>(
    _ body: (inout Engine) throws(DiskQueueError) -> Result
  ) throws(DiskQueueError) -> Result {
    try state.withLock { (state) throws(DiskQueueError) -> Result in
      guard state.engine != nil else { throw closed }
      let before = state.waiters.isEmpty ? 0 : state.engine?.state.depth ?? 0
      defer { follow(up: &state, depthBefore: before) }
      // A noncopyable value can be borrowed only in place, and it was found to be there above.
      // swift-format-ignore: NeverForceUnwrap
      return try body(&state.engine!)
    }
  }

  /// As ``withEngine(_:)`` with the commit lock held, for what has the metadata written.
  package func exclusively<Result: Sendable>(
    _ body: (inout Engine, inout Commit) throws(DiskQueueError) -> Result
  ) throws(DiskQueueError) -> Result {
    try commit.withLock { (commit) throws(DiskQueueError) -> Result in
      try withEngine { (engine) throws(DiskQueueError) in try body(&engine, &commit) }
    }
  }

  var closed: DiskQueueError {
    DiskQueueError(.closed, "the queue is closed", path: place.path(.metadata))
  }

  private func follow(up state: inout State, depthBefore: Int64) {
    if !state.waiters.isEmpty {
      let added = (state.engine?.state.depth ?? 0) - depthBefore
      if added > 0 { state.waiters.wake(Int(added)) }
    }
    guard state.engine?.needsSync == true else { return }
    if !state.timerArmed {
      state.timerArmed = true
      armTimer()
    }
    if state.engine?.isSyncDue == true, !state.syncScheduled, !place.options.syncsInline {
      state.syncScheduled = true
      // Not a task: a sync blocks its thread, and tasks share few.
      DispatchQueue.global().async { [weak self] in self?.scheduledSync() }
    }
  }

  /// Syncs, then rests four times as long as that took, so that syncs leave most of the disk's time
  /// to the puts however fast these come.
  private func scheduledSync() {
    let start = DispatchTime.now().uptimeNanoseconds
    try? sync()
    let took = DispatchTime.now().uptimeNanoseconds - start
    let rest = DispatchTime.now() + .nanoseconds(Int(min(took, 250_000_000)) * 4)
    DispatchQueue.global().asyncAfter(deadline: rest) { [weak self] in
      guard let self else { return }
      // Should this be the last to hold the queue, it must not go while its lock is held: it closes then.
      withExtendedLifetime(self) {
        state.withLock { state in
          state.syncScheduled = false
          follow(up: &state, depthBefore: .max)
        }
      }
    }
  }

  /// Called outside all locks after puts and takes: waits for a sync when they run too far ahead.
  @inline(__always)
  func keepPace(_ isOverdue: Bool) {
    if isOverdue { try? sync() }
  }

  /// A sync with only the commit lock held while the disk works.
  func syncHolding(_ commit: inout Commit) throws(DiskQueueError) {
    let job = try state.withLock { (state) throws(DiskQueueError) in
      guard let job = state.engine?.beginSync() else { throw closed }
      return job
    }
    try commit.perform(job)
    state.withLock { $0.engine?.endSync(job) }
  }

  /// Returns when the first `number` records appended are durable.
  ///
  /// Threads that arrive while one waits for the disk find their records covered by the next sync,
  /// which all of them share.
  func makeDurable(_ number: Int64) throws(DiskQueueError) {
    try turnstile.pass(number) { () throws(DiskQueueError) in
      try commit.withLock { (commit) throws(DiskQueueError) in
        guard commit.durable < number else { return commit.durable }
        let job = try state.withLock { (state) throws(DiskQueueError) in
          guard let job = state.engine?.beginSync() else { throw closed }
          return job
        }
        try commit.perform(job.data)
        commit.durable = max(commit.durable, job.appended)
        state.withLock { $0.engine?.writer.synced(job.data) }
        return commit.durable
      }
    }
  }
}
