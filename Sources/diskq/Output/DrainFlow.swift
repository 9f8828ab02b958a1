import QueueOperations

/// How fast a drain goes, how far it is, and when it stops.
final class DrainFlow {
  private var done = Handover.Done()
  private var pace: Pace
  private let limitTime: Double?
  private let watch: Stopwatch
  /// Told of messages and bytes that are through.
  private let tell: (Int, Int) -> Void

  /// - Parameters:
  ///   - rate: messages a second, at the most.
  ///   - limitTime: seconds after which no batch is begun.
  ///   - watch: the time.
  ///   - tell: told of messages and bytes that are through.
  init(
    rate: Double?, limitTime: Double?, _ watch: Stopwatch = .started(),
    tell: @escaping (Int, Int) -> Void = { _, _ in }
  ) {
    pace = Pace(rate, watch)
    self.limitTime = limitTime
    self.watch = watch
    self.tell = tell
  }

  /// Messages that were kept.
  var kept: Int64 { done.kept }

  /// Messages handed on at once: steps of a tenth of a second at a rate; else `most`.
  func batch(_ most: Int64) -> Int64 { Int64(pace.step(Int(most))) }

  /// Notes what has left, waits until the next batch may follow, and tells whether it is begun.
  func goesOn(_ now: Handover.Done) -> Bool {
    let more = Int(now.kept - done.kept)
    if more > 0 {
      tell(more, Int(now.bytes - done.bytes))
      done = now
      pace.wait(after: more)
    }
    if watch.isStopped() { return false }
    return limitTime.map { watch.elapsed() < $0 } ?? true
  }
}
