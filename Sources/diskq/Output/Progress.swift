import DiskQueue
import QueueConsole

/// How far a long pass has come, on standard error and only for a person.
enum Progress {
  /// Shared by the windows of one pass; commands are single-threaded.
  private static let state = Guarded(State())

  private struct State {
    var last: Int64 = 0
    var done: Int64 = 0
    var shownAt = ContinuousClock.now
    var began = ContinuousClock.now
    var isShown = false
  }

  /// Told where a pass is, draws a line a few times a second; nil where nobody looks.
  static func watch(_ common: CommonOptions) -> SegmentScanner.Watch? {
    guard !common.quiet, Machine.standardErrorIsTerminal else { return nil }
    return { (offset: Int64) throws(DiskQueueError) in
      state.withLock { state in
        // Offsets start anew with each file.
        state.done += offset >= state.last ? offset - state.last : 0
        state.last = offset
        let now = ContinuousClock.now
        guard now - state.shownAt > .milliseconds(250) else { return }
        state.shownAt = now
        state.isShown = true
        let seconds = Double((now - state.began).components.seconds) + 0.001
        let rate = Numbers.bytes(Int64(Double(state.done) / max(0.25, seconds)))
        Output.show("\r\u{1B}[K\(Numbers.bytes(state.done)) read, \(rate)/s")
      }
    }
  }

  /// Takes the line away.
  static func end(_ common: CommonOptions) {
    state.withLock { state in
      if state.isShown { Output.show("\r\u{1B}[K") }
      state.isShown = false
    }
  }
}
