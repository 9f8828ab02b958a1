package import DiskQueue

/// How sure it is that bytes are a message.
package enum Confidence: Int, Sendable, Comparable, CaseIterable {
  /// It may be one. Never put back unless asked.
  case guess
  /// Its neighbours and its form speak for it.
  case likely
  /// It stands in an unbroken chain.
  case certain

  package static func < (left: Confidence, right: Confidence) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// A stretch of a segment and what it is.
package struct SalvageRegion: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// Whole records that follow one another.
    case records(Int64, Confidence)
    /// One message whose length was overwritten: its payload is all but the first four bytes.
    case message(Confidence)
    /// No message; why.
    case damage(Finding.Code)
  }

  /// The first byte's offset.
  package var start: Int64
  /// The offset after the last byte.
  package var end: Int64
  package var kind: Kind

  package init(start: Int64, end: Int64, kind: Kind) {
    self.start = start
    self.end = end
    self.kind = kind
  }

  /// What is wrong with it; nil for records.
  package var code: Finding.Code? {
    switch kind {
    case .records: nil
    case .message: .badLength
    case .damage(let code): code
    }
  }

  /// Whether anything in it is not as it was written.
  package var isDamaged: Bool { code != nil }

  /// Messages in it that are at least so sure.
  package func messages(_ least: Confidence) -> Int64 {
    switch kind {
    case .records(let count, let confidence): confidence >= least ? count : 0
    case .message(let confidence): confidence >= least ? 1 : 0
    case .damage: 0
    }
  }

  /// Messages in it that are just so sure.
  package func messages(exactly confidence: Confidence) -> Int64 {
    messages(confidence)
      - (Confidence(rawValue: confidence.rawValue + 1).map { messages($0) } ?? 0)
  }
}

/// What a segment holds, damaged places included: regions without gaps, in order.
package struct SalvageReport: Hashable, Sendable {
  package var regions: [SalvageRegion]

  package init(regions: [SalvageRegion]) { self.regions = regions }

  /// Messages that are at least so sure.
  package func messages(_ least: Confidence) -> Int64 {
    regions.reduce(0) { $0 + $1.messages(least) }
  }

  /// Messages that are just so sure.
  package func messages(exactly confidence: Confidence) -> Int64 {
    regions.reduce(0) { $0 + $1.messages(exactly: confidence) }
  }

  /// Bytes in no message that is at least so sure.
  package func damagedBytes(_ least: Confidence) -> Int64 {
    regions.reduce(0) { $0 + ($1.messages(least) > 0 ? 0 : $1.end - $1.start) }
  }

  /// Whether it is one chain of records from start to end.
  package var isWhole: Bool {
    regions.allSatisfy { if case .records(_, .certain) = $0.kind { true } else { false } }
  }

  /// Damaged places and what they are.
  package var places: [(offset: Int64, end: Int64, code: Finding.Code)] {
    regions.compactMap { region in region.code.map { (region.start, region.end, $0) } }
  }
}
