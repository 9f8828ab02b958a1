import QueueOperations

/// The time that passes for a command, and waiting in it: a test has its own.
struct Stopwatch {
  /// Seconds since it began.
  var elapsed: () -> Double
  /// Blocks for so many seconds, or until a signal comes.
  var sleep: (Double) -> Void
  /// Whether a signal has asked the command to end.
  var isStopped: () -> Bool

  /// The machine's, from now on.
  static func started() -> Stopwatch {
    let start = ContinuousClock.now
    return Stopwatch(
      elapsed: { (ContinuousClock.now - start) / .seconds(1) },
      sleep: { Interruption.sleep(seconds: $0) },
      isStopped: { Interruption.signal != nil })
  }
}

/// Keeps to so many messages a second, in steps small enough to be smooth.
struct Pace {
  private let rate: Double?
  private let watch: Stopwatch
  private var done = 0

  /// No limit for nil.
  init(_ rate: Double?, _ watch: Stopwatch = .started()) {
    self.rate = rate
    self.watch = watch
  }

  /// Messages in a tenth of a second, and no more than `most`.
  func step(_ most: Int) -> Int { rate.map { min(most, max(1, Int($0 / 10))) } ?? most }

  /// A batch in parts of a tenth of a second each.
  func parts(of batch: [[UInt8]]) -> [ArraySlice<[UInt8]>] {
    guard rate != nil else { return [batch[...]] }
    let size = step(batch.count)
    return stride(from: 0, to: batch.count, by: max(1, size)).map {
      batch[$0..<min($0 + size, batch.count)]
    }
  }

  /// Sleeps until so many more may have passed.
  mutating func wait(after count: Int) {
    guard let rate else { return }
    done += count
    // A signal ends the wait; what comes after it looks for itself.
    while !watch.isStopped() {
      let early = Double(done) / rate - watch.elapsed()
      guard early > 0.001 else { return }
      watch.sleep(early)
    }
  }
}
