/// Walks a chain of records through windows of a segment and says where and why it stopped.
///
/// It reports and never logs, so opening, surveying, checking and repairing all use this one.
package struct RecordScanner: Sendable {
  /// Why a chain ended.
  package enum Stop: Hashable, Sendable {
    /// The last record ends exactly where the segment does.
    case end
    /// A header or payload is cut off by the end of the segment.
    case torn
    /// Everything from here to the end of the segment is zero.
    case zeros
    /// The length is outside the limits.
    case badLength(Int)
  }

  /// What a window led to.
  package enum Step: Hashable, Sendable {
    /// Give a window that starts at `offset`.
    case need
    /// A zero length: legal only when something other than zeros follows, or below `trusted`.
    case zeroLength
    /// The chain ended at `offset`.
    case stopped(Stop)
  }

  /// The payload sizes accepted.
  package let limits: RecordLimits
  /// The segment's size, in bytes.
  package let size: Int64
  /// Below this offset a zero length is a message, whatever follows (the metadata vouches for it).
  package var trusted: Int64
  /// The end of the last whole record so far.
  package private(set) var offset: Int64
  /// Whole records so far.
  package private(set) var count: Int64 = 0

  package init(from offset: Int64, size: Int64, limits: RecordLimits, trusted: Int64 = 0) {
    self.offset = offset
    self.size = size
    self.limits = limits
    self.trusted = trusted
  }

  /// Walks as many records as `window`, which starts at byte `base`, shows the headers of.
  package mutating func walk(_ window: borrowing Span<UInt8>, at base: Int64, most: Int64 = .max)
    -> Step
  {
    let end = base + Int64(window.count)
    var offset = self.offset
    var count = self.count
    defer {
      self.offset = offset
      self.count = count
    }
    while count < most {
      if offset == size { return .stopped(.end) }
      if size - offset < Int64(Record.headerSize) { return .stopped(.torn) }
      if offset < base || end - offset < Int64(Record.headerSize) { return .need }
      let length = Record.length(in: window, at: Int(offset - base))
      if length == 0, offset >= trusted { return .zeroLength }
      if !limits.accept(length) { return .stopped(.badLength(length)) }
      let next = offset + Record.size(of: length)
      if next > size { return .stopped(.torn) }
      offset = next
      count += 1
    }
    return .need
  }

  /// Decides a zero length: `nonzero` is the first offset at or after `offset` whose byte is not
  /// zero, or nil when zeros run to the end.
  package mutating func resolveZeros(nonzero: Int64?) -> Step {
    guard let nonzero else { return .stopped(.zeros) }
    guard limits.accept(0) else { return .stopped(.badLength(0)) }
    // Four whole zero bytes make one empty record; the next header starts inside the run or after.
    let records = max(1, (nonzero - offset) / Int64(Record.headerSize))
    trusted = max(trusted, offset + records * Int64(Record.headerSize))
    return .need
  }
}
