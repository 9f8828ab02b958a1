import DiskQueue

/// A stretch of a segment that is no record, and what follows it.
public struct DamagedPlace: Sendable, Hashable {
  /// The number of the segment.
  public var segment: Int64
  /// Where it begins, in bytes.
  public var offset: Int64
  /// How long it is.
  public var bytes: Int64
  /// Whether it has the form of one message whose length was overwritten.
  public var isMessage: Bool
  /// Messages from here to the next place, or the segment's end, that are certain.
  public var certain: Int64
  /// Those that are likely.
  public var likely: Int64
  /// Those that are guesses.
  public var guess: Int64
}

extension SalvageReport {
  /// Each damaged place of a segment, in order.
  func places(of segment: Int64) -> [DamagedPlace] {
    var places: [DamagedPlace] = []
    for region in regions {
      if region.isDamaged {
        var isMessage = false
        if case .message = region.kind { isMessage = true }
        places.append(
          DamagedPlace(
            segment: segment, offset: region.start, bytes: region.end - region.start,
            isMessage: isMessage, certain: 0, likely: 0, guess: 0))
      }
      guard let last = places.indices.last else { continue }
      let found = SalvageReport(regions: [region])
      places[last].certain += found.messages(exactly: .certain)
      places[last].likely += found.messages(exactly: .likely)
      places[last].guess += found.messages(exactly: .guess)
    }
    return places
  }
}
