import DiskQueue
package import QueueInspection

/// How near salvage came to the truth.
package struct SalvageScore: Sendable {
  /// Messages of one label.
  package struct Label: Sendable {
    /// Just as they were put.
    package var right = 0
    /// Where they were and as long as they were, but with bytes that damage has written over: nothing tells.
    package var changed = 0
    /// Never put: cut, merged, shifted or made of nothing.
    package var wrong = 0

    static func += (left: inout Label, right: Label) {
      left.right += right.right
      left.changed += right.changed
      left.wrong += right.wrong
    }
  }

  /// Damaged places that were made.
  package var damages = 0
  /// Messages that are still there whole.
  package var whole = 0
  /// Those of them that a repair puts back.
  package var found = 0
  package var labels: [Confidence: Label] = [:]

  package init() {}

  /// Of the messages that are whole, those that a repair puts back.
  package var recall: Double { Double(found) / Double(max(1, whole)) }

  /// Messages that a repair puts back and that never were put.
  package var wrong: Int { self[.certain].wrong + self[.likely].wrong }

  package subscript(_ label: Confidence) -> Label { labels[label] ?? Label() }

  package static func += (left: inout SalvageScore, right: SalvageScore) {
    left.damages += right.damages
    left.whole += right.whole
    left.found += right.found
    for (label, count) in right.labels { left.labels[label, default: Label()] += count }
  }
}

extension SalvageScore {
  /// Holds a reading of a damaged segment against the truth.
  package init(_ report: SalvageReport, of segment: DamagedSegment) {
    let truth = segment.truth
    var found: Set<Int> = []
    for region in report.regions {
      switch region.kind {
      case .damage: continue
      case .message(let confidence):
        let start = region.start + Int64(Record.headerSize)
        let message = truth.payloads[start]
        let isRight = message.map { segment.payloads[$0].count } == Int(region.end - start)
        count(isRight, confidence)
        if isRight, confidence >= .likely, let message, truth.whole.contains(message) {
          found.insert(message)
        }
      case .records(_, let confidence):
        var at = region.start
        while at < region.end {
          let length = Record.length(in: segment.bytes.span, at: Int(at))
          let end = at + Record.size(of: length)
          // A length that damage has put together of two is as good as one.
          let message = truth.records[at] ?? truth.payloads[at + Int64(Record.headerSize)]
          if let message, segment.payloads[message].count == length {
            count(true, confidence)
            if confidence >= .likely, truth.whole.contains(message) { found.insert(message) }
          } else if truth.heads[at] != nil, truth.isInPlace(at..<end) {
            labels[confidence, default: Label()].changed += 1
          } else {
            count(false, confidence)
          }
          at = end
        }
      }
    }
    damages = segment.damages
    whole = truth.whole.count
    self.found = found.count
  }

  private mutating func count(_ isRight: Bool, _ confidence: Confidence) {
    if isRight {
      labels[confidence, default: Label()].right += 1
    } else {
      labels[confidence, default: Label()].wrong += 1
    }
  }
}
