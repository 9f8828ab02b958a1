/// Numbers the way people read them at a glance.
package enum Numbers {
  /// Written as `1,199,754`.
  package static func grouped(_ number: Int64) -> String {
    let digits = Array("\(number.magnitude)")
    var text = number < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return text
  }

  /// Written as `1 message`, `1,200 messages`.
  package static func messages(_ count: Int64) -> String {
    "\(grouped(count)) message\(count == 1 ? "" : "s")"
  }

  /// `812`, `9.5K`, `322.9M`, `4.1G`: binary units, one decimal below ten thousand.
  package static func bytes(_ number: Int64) -> String {
    let units = ["", "K", "M", "G", "T", "P"]
    var scaled = number
    var tenths = number * 10
    var unit = 0
    while scaled >= 1024, unit < units.count - 1 {
      tenths = scaled * 10 / 1024
      scaled /= 1024
      unit += 1
    }
    return unit == 0 ? "\(number)" : "\(tenths / 10).\(tenths % 10)\(units[unit])"
  }

  /// Written as `1.2G of 4.0G (30%), 512.0M/s, 6s left`.
  package static func progress(_ done: Int64, of total: Int64, after seconds: Double) -> String {
    var text = bytes(done)
    if total > 0 { text += " of \(bytes(total)) (\(min(100, done * 100 / total))%)" }
    guard seconds > 0.2, done > 0 else { return text }
    let rate = Double(done) / seconds
    text += ", \(bytes(Int64(rate)))/s"
    if total > done { text += ", \(age(Int64((Double(total - done) / rate).rounded(.up)))) left" }
    return text
  }

  /// Written as `1,200 of 4,000 (30%) messages, 711/s, 4s left`.
  package static func progress(messages done: Int64, of total: Int64, after seconds: Double)
    -> String
  {
    var text = grouped(done)
    if total > 0 { text += " of \(grouped(total)) (\(min(100, done * 100 / total))%)" }
    text += " messages"
    guard seconds > 0.2, done > 0 else { return text }
    let rate = Double(done) / seconds
    text += ", \(Numbers.rate(rate))/s"
    guard total > done else { return text }
    return text + ", \(age(Int64((Double(total - done) / rate).rounded(.up)))) left"
  }

  /// A change a second with its sign: `+188`, `-12`, `+17.7k`, `0`.
  package static func change(_ perSecond: Double) -> String {
    let rounded = perSecond.rounded()
    if rounded == 0 { return "0" }
    let sign = rounded < 0 ? "-" : "+"
    let size = Int64(abs(rounded))
    if size < 100_000 { return "\(sign)\(size)" }
    if size < 100_000_000 { return "\(sign)\(size / 1000)k" }
    return "\(sign)\(size / 1_000_000)M"
  }

  /// Written as `3s`, `4m`, `2h`, `9d`.
  package static func age(_ seconds: Int64) -> String {
    if seconds < 60 { return "\(max(0, seconds))s" }
    if seconds < 3600 { return "\(seconds / 60)m" }
    if seconds < 86400 { return "\(seconds / 3600)h" }
    return "\(seconds / 86400)d"
  }
}

extension Numbers {
  /// A rate a second: `0`, `0.4`, `711`, `17.7k`, `1.2M`.
  package static func rate(_ perSecond: Double) -> String {
    guard perSecond >= 0.05 else { return "0" }
    if perSecond < 9.95 { return tenths(perSecond) }
    if perSecond < 9999.5 { return "\(Int64(perSecond.rounded()))" }
    if perSecond < 999_950 { return "\(tenths(perSecond / 1000))k" }
    return "\(tenths(perSecond / 1_000_000))M"
  }

  /// A depth in few characters: `812`, `40,110`, `1.2M`.
  static func short(_ number: Int64) -> String {
    number < 100_000 ? grouped(number) : rate(Double(number))
  }

  private static func tenths(_ number: Double) -> String {
    let scaled = Int64((number * 10).rounded())
    return scaled % 10 == 0 ? "\(scaled / 10)" : "\(scaled / 10).\(scaled % 10)"
  }

  /// Time left: `-` for an empty queue, `inf` for one that is not getting emptier.
  package static func left(_ seconds: Double?, depth: Int64) -> String {
    if depth == 0 { return "-" }
    guard let seconds, seconds < 1e9 else { return "inf" }
    return age(Int64(seconds.rounded(.up)))
  }
}
