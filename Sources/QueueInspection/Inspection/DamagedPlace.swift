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
  /// Messages in it, and from it to the next place or the segment's end, that are certain.
  public var certain: Int64
  /// Those that are likely.
  public var likely: Int64
  /// Those that are guesses.
  public var guess: Int64
}

extension DamagedPlace {
  /// What an operator is told of it.
  var text: String {
    // A message that is likely is one of those that are counted.
    let likely = likely - (isMessage && guess == 0 ? 1 : 0)
    let sure =
      likely > 0 ? "\(certain) certain and \(likely) likely messages" : "\(certain) messages"
    let rest = certain + likely > 0 ? "\(sure) follow" : "none follows"
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
    var isOpen = false
    for region in regions {
      let isGuess = region.messages(.likely) < region.messages(.guess)
      let code = SalvageReport(regions: [region]).places.first?.code
      if region.isDamaged || isGuess {
        if isOpen, let last = places.indices.last {
          places[last].bytes = region.end - places[last].offset
          places[last].code = code ?? places[last].code
          places[last].isMessage = false
        } else {
          var isMessage = false
          if case .message = region.kind { isMessage = true }
          places.append(
            DamagedPlace(
              segment: segment, offset: region.start, bytes: region.end - region.start,
              code: code ?? .badLength, isMessage: isMessage, certain: 0, likely: 0, guess: 0))
        }
        isOpen = true
      } else {
        isOpen = false
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
