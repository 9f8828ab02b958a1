extension DiskQueue {
  /// Messages as they come: taking one at a time, waiting without blocking a thread.
  ///
  /// Several tasks may each iterate: every message goes to exactly one of them. The sequence ends
  /// when the queue is closed or the task is cancelled.
  public var messages: Messages { Messages(queue: self) }

  /// See ``DiskQueue/messages``.
  public struct Messages: AsyncSequence, Sendable {
    /// One message.
    public typealias Element = Message

    let queue: DiskQueue

    /// A taker of its own.
    public func makeAsyncIterator() -> Iterator { Iterator(queue: queue) }

    /// Takes messages one at a time.
    public struct Iterator: AsyncIteratorProtocol {
      let queue: DiskQueue

      /// The next message; nil when the queue is closed or the task is cancelled.
      ///
      /// - Throws: as ``DiskQueue/take()`` but for `closed`.
      public mutating func next() async throws(DiskQueueError) -> Message? {
        try await queue.next()
      }

      /// The next message; nil when the queue is closed or the task is cancelled.
      ///
      /// - Parameter actor: where the caller runs; waiting does not depend on it.
      /// - Returns: the message, which is off the queue.
      /// - Throws: as ``DiskQueue/take()`` but for `closed`.
      public mutating func next(isolation actor: isolated (any Actor)?)
        async throws(DiskQueueError) -> Message?
      {
        try await queue.next()
      }
    }
  }

  /// Takes the next message, waiting up to `time` for one; nil when none came.
  ///
  /// - Throws: as ``take()``.
  public func take(within time: Duration) async throws(DiskQueueError) -> Message? {
    if let message = try take() { return message }
    let outcome = await withTaskGroup(of: Result<Message?, DiskQueueError>.self) { group in
      group.addTask {
        do throws(DiskQueueError) { return .success(try await self.next()) } catch {
          return .failure(error)
        }
      }
      group.addTask { [clock] in
        try? await clock.sleep(for: time)
        return .success(nil)
      }
      var outcome: Result<Message?, DiskQueueError> = .success(nil)
      for await result in group {
        // The taker may have a message although the time is up: both are asked.
        if case .success(nil) = result {} else { outcome = result }
        group.cancelAll()
      }
      return outcome
    }
    return try outcome.get()
  }

  func next() async throws(DiskQueueError) -> Message? {
    while !Task.isCancelled {
      do throws(DiskQueueError) {
        if let message = try take() { return message }
      } catch {
        if error.code == .closed { return nil }
        throw error
      }
      await waitForMessage()
    }
    // Woken and cancelled at once: the message that woke this task must wake another.
    state.withLock { state in
      if (state.engine?.state.depth ?? 0) > 0 { state.waiters.wake(1) }
    }
    return nil
  }

  /// Returns when there may be a message, when the queue is closed, or when the task is cancelled.
  private func waitForMessage() async {
    let id = state.withLock { $0.waiters.newID() }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let waits = state.withLock { state in
          guard let engine = state.engine?.state, engine.depth == 0, !Task.isCancelled else {
            return false
          }
          state.waiters.add(id, continuation)
          return true
        }
        if !waits { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiters.cancel(id) }
    }
  }
}
