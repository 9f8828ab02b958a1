public import DiskQueue

/// A stretch of a segment in which nothing is surely a record, and what follows it.
public struct DamagedPlace: Sendable, Hashable {
  /// The number of the segment.
  public var segment: Int64
  /// Where it begins, in bytes.
  public var offset: Int64
  /// How long it is.
  public var bytes: Int64
  /// What is wrong there.
  public var code: Finding.Code
  /// Whether it has the form of one message whose length was overwritten.
  public var isMessage: Bool
  /// Messages from it to the next place, or the segment's end, that are certain.
  public var certain: Int64
  /// Those beside it that are likely: the last one before it, those in it and behind it.
  public var likely: Int64
  /// Those in it that are guesses.
  public var guess: Int64
}

extension DamagedPlace {
  /// What an operator is told of it.
  var text: String {
    let sure =
      likely > 0 ? "\(certain) certain and \(likely) likely messages" : "\(certain) messages"
    let rest = certain + likely > 0 ? "\(sure) are beside it" : "no other is beside it"
    if isMessage {
      return
        "the length at \(offset) cannot be right: the next record starts \(bytes) bytes on, so one "
        + "message (\(guess > 0 ? Confidence.guess : .likely)) is between them, and \(rest)"
    }
    if guess == 0, code == .tornTail {
      return "the last record is cut short: \(bytes) bytes of it are there"
    }
    if guess == 0, code == .zeroTail { return "\(bytes) zero bytes follow the last whole record" }
    let guesses =
      guess == 0
      ? "no record" : guess == 1 ? "one guess at a message" : "\(guess) guesses at messages"
    return "\(bytes) bytes from \(offset) on are \(guesses), and \(rest)"
  }
}

extension SalvageReport {
  /// Each damaged place of a segment, in order.
  func places(of segment: Int64) -> [DamagedPlace] {
    var places: [DamagedPlace] = []
    var before: SalvageRegion?
    for region in regions {
      if region.isPlace {
        if let before, before.isPlace {
          places[places.count - 1].bytes = region.end - places[places.count - 1].offset
          places[places.count - 1].code = region.code ?? places[places.count - 1].code
          places[places.count - 1].isMessage = false
        } else {
          // What stands before it may have been reached by what made it.
          let likely = before?.messages(exactly: .likely) ?? 0
          if let last = places.indices.last { places[last].likely -= likely }
          var isMessage = false
          if case .message = region.kind { isMessage = true }
          places.append(
            DamagedPlace(
              segment: segment, offset: region.start, bytes: region.end - region.start,
              code: region.code ?? .badLength, isMessage: isMessage, certain: 0, likely: likely,
              guess: 0))
        }
      }
      before = region
      guard let last = places.indices.last else { continue }
      places[last].certain += region.messages(exactly: .certain)
      places[last].likely += region.messages(exactly: .likely)
      places[last].guess += region.messages(exactly: .guess)
    }
    return places
  }
}

extension SalvageRegion {
  /// Whether nothing in it is surely a record.
  fileprivate var isPlace: Bool { isDamaged || messages(.likely) < messages(.guess) }
}
