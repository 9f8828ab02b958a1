import Dispatch

/// The sync that comes after `syncTimeout` when no count of operations has forced one before.
extension DiskQueue {
  /// Sleeps once, syncs what is not covered, and ends; the next operation arms the next one.
  ///
  /// The task does not keep the queue alive.
  func armTimer() {
    Task.detached { [weak self, clock, timeout = place.options.syncTimeout] in
      try? await clock.sleep(for: timeout)
      guard let self, timerFired() else { return }
      DispatchQueue.global().async { [weak self] in try? self?.sync() }
    }
  }

  private func timerFired() -> Bool {
    state.withLock { state in
      state.timerArmed = false
      return state.engine?.needsSync == true
    }
  }
}
