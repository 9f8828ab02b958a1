import Logging

/// Something a queue met that its owner may want to know.
public enum QueueEvent: Sendable {
  /// Something is not as it should be; it was dealt with.
  case found(Finding)
  /// A sync failed; it is tried again.
  case syncFailed(DiskQueueError)
  /// The capacity was reached and the oldest segment dropped.
  case droppedOldest(segment: Int64, messages: Int64)
}

/// Hands events to the logger and to whoever listens.
final class EventHub: Sendable {
  private struct State {
    var listeners: [Int: AsyncStream<QueueEvent>.Continuation] = [:]
    var lastID = 0
    var replay: [QueueEvent]
    var isFinished = false
  }

  private let queue: QueueName
  private let logger: Logger?
  private let state: Guarded<State>

  /// A hub that begins with what opening found.
  init(queue: QueueName, logger: Logger?, replay: [Finding]) {
    self.queue = queue
    self.logger = logger
    self.state = Guarded(State(replay: replay.map { .found($0) }))
    for finding in replay { log(.found(finding)) }
  }

  func post(_ event: QueueEvent) {
    log(event)
    let listeners = state.withLock { Array($0.listeners.values) }
    for listener in listeners { listener.yield(event) }
  }

  /// A stream of its own for each listener, which starts with what opening found.
  ///
  /// A listener that does not keep up loses the oldest beyond a thousand.
  func listen() -> AsyncStream<QueueEvent> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: QueueEvent.self, bufferingPolicy: .bufferingNewest(1000))
    let id = state.withLock { state in
      state.lastID += 1
      state.listeners[state.lastID] = continuation
      for event in state.replay { continuation.yield(event) }
      if state.isFinished { continuation.finish() }
      return state.lastID
    }
    continuation.onTermination = { [weak self] _ in
      self?.state.withLock { _ = $0.listeners.removeValue(forKey: id) }
    }
    return stream
  }

  /// Ends every stream.
  func finish() {
    let listeners = state.withLock { state in
      defer { state.listeners = [:] }
      state.isFinished = true
      return Array(state.listeners.values)
    }
    for listener in listeners { listener.finish() }
  }

  private func log(_ event: QueueEvent) {
    guard let logger else { return }
    switch event {
    case .found(let finding):
      var metadata: Logger.Metadata = [
        "queue": "\(queue)", "code": "\(finding.code.rawValue)", "file": "\(finding.file ?? "-")",
      ]
      metadata["offset"] = finding.offset.map { "\($0)" }
      logger.log(
        level: finding.severity == .info ? .info : .warning, "\(finding.text)", metadata: metadata)
    case .syncFailed(let error):
      logger.error("sync failed: \(error)", metadata: ["queue": "\(queue)"])
    case .droppedOldest(let segment, let messages):
      logger.warning(
        "the queue is full: segment \(segment) with \(messages) messages was dropped",
        metadata: ["queue": "\(queue)"])
    }
  }
}
