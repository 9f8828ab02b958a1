import QueueOperations

/// How fast a drain goes, how far it is, and when it stops.
final class DrainFlow {
  private let command: DrainCommand
  private var done = Handover.Done()
  private var pace: Pace
  private let deadline: ContinuousClock.Instant?
  private let meter: Meter

  init(_ command: DrainCommand, total: Int64) {
    self.command = command
    pace = Pace(command.rate)
    deadline = command.limitTime.map { ContinuousClock.now + .milliseconds(Int64($0 * 1000)) }
    meter = Meter(command.common, of: total)
  }

  /// Messages that were kept.
  var kept: Int64 { done.kept }

  /// Messages handed on at once: steps of a tenth of a second at a rate; as many as a buffer holds where
  /// they are not taken apart and nothing is synced.
  func batch(for sink: any MessageSink) -> Int64 {
    if let rate = command.rate { return Int64(min(command.batch, max(1, Int(rate / 10)))) }
    return sink.takesFrames && !sink.isDurable ? .max : Int64(command.batch)
  }

  /// Notes what has left, waits until the next batch may follow, and tells whether it is begun.
  func goesOn(_ now: Handover.Done) -> Bool {
    let more = Int(now.kept - done.kept)
    if more > 0 {
      meter.add(messages: more, bytes: Int(now.bytes - done.bytes))
      done = now
      pace.wait(after: more)
    }
    if Interruption.signal != nil { return false }
    return deadline.map { ContinuousClock.now < $0 } ?? true
  }

  func end() { meter.end() }
}
