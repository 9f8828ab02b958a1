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

  /// Told where a pass is, draws a line a few times a second.
  ///
  /// - Parameters:
  ///   - common: nothing is shown when quiet.
  ///   - total: how many bytes there are to read.
  /// - Returns: nil where nobody looks.
  static func watch(_ common: CommonOptions, of total: Int64) -> SegmentScanner.Watch? {
    guard !common.quiet, Machine.standardErrorIsTerminal else { return nil }
    state.withLock { $0 = State() }
    return { (offset: Int64) throws(DiskQueueError) in
      state.withLock { state in
        // Offsets start anew with each file.
        state.done += offset >= state.last ? offset - state.last : 0
        state.last = offset
        let now = ContinuousClock.now
        guard now - state.shownAt > .milliseconds(250) else { return }
        state.shownAt = now
        state.isShown = true
        let seconds = (now - state.began) / .seconds(1)
        Output.show("\r\u{1B}[K" + Numbers.progress(state.done, of: total, after: seconds))
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
