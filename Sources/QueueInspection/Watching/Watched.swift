package import DiskQueue

/// What watching a queue has told about it, in memory that does not grow.
package struct Watched: Sendable {
  /// Nanoseconds over which rates are taken: nsqd writes its read position every two seconds.
  private static let window: Int64 = 10_000_000_000

  private struct Sample: Sendable {
    var at: Timestamp
    var depth: Int64
    var arrived: Int64
    var left: Int64
    var bytes: Int64
  }

  private var samples: [Sample] = []
  /// Bytes of a message with its header, on average; nil before there was one.
  private var messageSize: Double?
  package private(set) var rates = Rates()
  package private(set) var depths = DepthSeries()
  /// The greatest depth seen, and when.
  package private(set) var peak: (depth: Int64, at: Timestamp)
  /// The last peak that was told as an event.
  private var announced: Int64
  /// Since when the read position has stood still.
  package private(set) var stillSince: Timestamp
  package var isStalled = false

  /// A queue seen for the first time.
  ///
  /// Its metadata was written when its read position last moved, or later.
  package init(_ report: QueueReport, at time: Timestamp) {
    peak = (report.depth, time)
    announced = report.depth
    stillSince = min(report.metadata?.modifiedAt ?? time, time)
    note(report, from: nil, at: time, before: time)
  }

  /// Whether a look without changes would still change the rates.
  package var isMoving: Bool { rates != Rates() }

  /// Takes a look at the queue; `before` is when it was last looked at.
  ///
  /// Returns the depth of a peak that has just been passed.
  @discardableResult
  package mutating func note(
    _ report: QueueReport, from old: QueueReport?, at time: Timestamp, before: Timestamp
  ) -> Int64? {
    let bytes = report.segments.reduce(0) { $0 + $1.bytes }
    if report.depth > 0 { messageSize = Double(report.unreadBytes) / Double(report.depth) }
    var next = Sample(at: time, depth: report.depth, arrived: 0, left: 0, bytes: bytes)
    if let last = samples.last, let old {
      let flow = Flow(from: old, to: report)
      // A queue that rested had this state until the last look: nothing moved in the window.
      if last.at < before {
        var rested = last
        rested.at = max(last.at, Timestamp(nanoseconds: time.nanoseconds - Watched.window))
        samples = [rested]
      }
      next.arrived = last.arrived + flow.arrived
      next.left = last.left + flow.left
    }
    samples.append(next)
    while samples.count > 2, time.nanoseconds - samples[1].at.nanoseconds >= Watched.window {
      samples.removeFirst()
    }
    if samples.count > 24 { samples.remove(at: 1) }
    rates = currentRates()
    depths.note(report.depth, at: time.seconds)
    if let old, old.read != report.read || report.depth == 0 {
      stillSince = time
      isStalled = false
    }
    return notePeak(report.depth, at: time)
  }

  private func currentRates() -> Rates {
    var rates = Rates()
    guard let first = samples.first, let last = samples.last, last.at > first.at else {
      return rates
    }
    let seconds = Double(last.at.nanoseconds - first.at.nanoseconds) / 1e9
    let change = Double(last.depth - first.depth)
    rates.net = change / seconds
    rates.growth = Double(last.bytes - first.bytes) / seconds
    let arrived = Double(last.arrived - first.arrived)
    let left = Double(last.left - first.left)
    if left == 0 {
      rates.in = max(0, rates.net)
    } else if arrived == 0 {
      rates.out = max(0, -rates.net)
    } else if let messageSize, messageSize > 0 {
      // Bytes tell how many came, the depth how many of them stayed.
      rates.in = max(0, max(arrived / messageSize, change) / seconds)
      rates.out = max(0, rates.in - rates.net)
    }
    return rates
  }

  private mutating func notePeak(_ depth: Int64, at time: Timestamp) -> Int64? {
    if depth >= peak.depth { peak = (depth, time) }
    // Told once the depth has turned well away from a peak that is news.
    guard peak.depth > announced + max(announced / 10, 100), depth < peak.depth - peak.depth / 10
    else {
      return nil
    }
    announced = peak.depth
    return peak.depth
  }

  /// Seconds until the queue is empty at the present rate; nil when it is not getting emptier.
  package func secondsToDrain(_ depth: Int64) -> Double? {
    rates.net < -0.01 ? Double(depth) / -rates.net : nil
  }
}
