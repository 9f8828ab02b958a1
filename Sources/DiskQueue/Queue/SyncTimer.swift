import Synchronization

/// The sync that comes after `syncTimeout` when no count of operations has forced one before.
extension DiskQueue {
  /// Sleeps once, syncs what is not covered, and ends; the next operation arms the next one.
  ///
  /// The task does not keep the queue alive.
  func armTimer() {
    Task.detached { [weak self, clock, syncTimeout] in
      try? await clock.sleep(for: syncTimeout)
      self?.timerFired()
    }
  }

  private func timerFired() {
    state.withLock { state in
      state.timerArmed = false
      if state.engine?.needsSync == true { state.engine?.trySync() }
    }
  }
}
