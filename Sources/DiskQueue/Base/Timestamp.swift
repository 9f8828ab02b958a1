/// A moment in UTC, in nanoseconds since 1970, that prints without any calendar library.
public struct Timestamp: Hashable, Sendable, Comparable {
  /// Nanoseconds since 1970-01-01T00:00:00Z.
  public var nanoseconds: Int64

  /// The moment `nanoseconds` after 1970-01-01T00:00:00Z.
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// A moment as the system tells it; what is out of reach is as far away as can be told.
  package init(seconds: Int64, nanoseconds: Int64) {
    let (whole, isTooFar) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, isPast) = whole.addingReportingOverflow(nanoseconds)
    self.nanoseconds = isTooFar || isPast ? (seconds < 0 ? .min : .max) : sum
  }

  /// How long after `earlier` this is, in nanoseconds, as far as that can be told.
  package func nanoseconds(since earlier: Timestamp) -> Int64 {
    let (span, isTooLong) = nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
    return isTooLong ? (self < earlier ? .min : .max) : span
  }

  /// Earlier moments come first.
  public static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  /// Whole seconds since 1970, rounded down.
  package var seconds: Int64 {
    nanoseconds >= 0 ? nanoseconds / 1_000_000_000 : (nanoseconds + 1) / 1_000_000_000 - 1
  }

  /// Year, month, day by Howard Hinnant's civil-from-days arithmetic.
  private var date: (year: Int64, month: Int64, day: Int64) {
    let days = (seconds >= 0 ? seconds / 86400 : (seconds + 1) / 86400 - 1) + 719_468
    let era = (days >= 0 ? days : days - 146_096) / 146_097
    let dayOfEra = days - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shifted + 2) / 5 + 1)
  }

  private var secondOfDay: Int64 { ((seconds % 86400) + 86400) % 86400 }

  /// Written as `12:04:31`.
  public var clock: String {
    let second = secondOfDay
    return [second / 3600, second / 60 % 60, second % 60].map { Timestamp.two($0) }
      .joined(separator: ":")
  }

  /// RFC 3339 to the second: `2026-11-22T12:04:31Z`.
  public var rfc3339: String { "\(day)T\(clock)Z" }

  /// RFC 3339 with the nanoseconds, trailing zeros dropped.
  public var rfc3339Full: String {
    let fraction = ((nanoseconds % 1_000_000_000) + 1_000_000_000) % 1_000_000_000
    guard fraction != 0 else { return rfc3339 }
    var digits = "\(1_000_000_000 + fraction)".dropFirst()
    while digits.last == "0" { digits = digits.dropLast() }
    return "\(day)T\(clock).\(digits)Z"
  }

  /// Reads what ``rfc3339`` and ``rfc3339Full`` write; nil for anything else.
  package init?(rfc3339 text: String) {
    // 2026-11-22T12:04:31.25Z
    let bytes = Array(text.utf8)
    guard bytes.count >= 20, bytes.last == UInt8(ascii: "Z") else { return nil }
    for (index, mark) in [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")] as [(Int, Character)]
    where bytes[index] != mark.asciiValue { return nil }
    func number(_ range: Range<Int>) -> Int64? {
      let digits = bytes[range]
      guard digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
      return Int64(String(decoding: digits, as: UTF8.self))
    }
    guard let year = number(0..<4), let month = number(5..<7), (1...12).contains(month),
      let day = number(8..<10), (1...31).contains(day), let hour = number(11..<13), hour < 24,
      let minute = number(14..<16), minute < 60, let second = number(17..<19), second < 61
    else { return nil }
    var fraction: Int64 = 0
    if bytes.count > 20 {
      let digits = bytes.count - 21
      guard bytes[19] == UInt8(ascii: "."), (1...9).contains(digits),
        let part = number(20..<(20 + digits))
      else { return nil }
      fraction = (digits..<9).reduce(part) { part, _ in part * 10 }
    }
    // Days by Howard Hinnant's arithmetic, as above.
    let years = month <= 2 ? year - 1 : year
    let era = years / 400
    let ofEra = years - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let days = era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + dayOfYear - 719_468
    self.init(
      seconds: days * 86400 + hour * 3600 + minute * 60 + second, nanoseconds: fraction)
  }

  /// A form for directory names: `20261122T120431Z`.
  package var compact: String {
    let (year, month, day) = date
    let time = clock.split(separator: ":").joined()
    return "\(year)\(Timestamp.two(month))\(Timestamp.two(day))T\(time)Z"
  }

  /// Whether a name is such a form, with or without `-1`, `-2`, … behind it.
  package static func isCompact(_ name: String) -> Bool {
    let parts = name.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let form = Array(parts[0].utf8)
    return form.count == 16 && form[8] == UInt8(ascii: "T") && form[15] == UInt8(ascii: "Z")
      && (form[..<8] + form[9..<15]).allSatisfy { $0 >= 48 && $0 <= 57 }
      && (parts.count == 1 || Int(parts[1]) != nil)
  }

  private var day: String {
    let (year, month, day) = date
    return "\(year)-\(Timestamp.two(month))-\(Timestamp.two(day))"
  }

  private static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
