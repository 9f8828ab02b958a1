import DiskQueue
import QueueOperations

/// Keeps to so many messages a second, in steps small enough to be smooth.
struct Pace {
  private let rate: Double?
  private let start = ContinuousClock.now
  private var done = 0

  /// No limit for nil.
  init(_ rate: Double?) { self.rate = rate }

  /// A batch in parts of a tenth of a second each.
  func parts(of batch: [[UInt8]]) -> [ArraySlice<[UInt8]>] {
    guard let rate else { return [batch[...]] }
    let size = max(1, Int(rate / 10))
    return stride(from: 0, to: batch.count, by: size).map {
      batch[$0..<min($0 + size, batch.count)]
    }
  }

  /// Sleeps until so many more may have passed.
  mutating func wait(after count: Int) {
    guard let rate else { return }
    done += count
    // A signal ends the wait; what comes after it looks for itself.
    while Interruption.signal == nil {
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      let early = Double(done) / rate - seconds
      guard early > 0.001 else { return }
      Interruption.sleep(seconds: early)
    }
  }
}
