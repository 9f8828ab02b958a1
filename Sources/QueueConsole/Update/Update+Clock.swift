import DiskQueue
import QueueInspection

/// When the directory is looked at, and which look is shown.
extension Model {
  mutating func tick(_ time: Timestamp) -> [Effect] {
    now = time
    guard !paused, !refreshing else { return [] }
    return look()
  }

  /// Asks for a look at the directory, and notes since when it is awaited.
  mutating func look() -> [Effect] {
    if !refreshing { askedAt = now }
    refreshing = true
    return [.refresh]
  }

  mutating func refresh() -> [Effect] {
    let looking = look()
    return looking + page.read(on: .refreshed, in: &self)
  }

  mutating func pause() {
    if pastSteps > 0 {
      lookBack(0)
    } else {
      paused.toggle()
    }
    say(paused ? "paused" : "live")
  }

  mutating func change(interval wanted: Double) -> [Effect] {
    interval = min(60, max(0.1, wanted))
    say("every \(Model.seconds(interval))")
    return [.interval(interval)]
  }

  /// Written as `1.0s`, `0.25s`.
  package static func seconds(_ interval: Double) -> String {
    let hundredths = Int((interval * 100).rounded())
    let (whole, rest) = (hundredths / 100, hundredths % 100)
    return rest % 10 == 0 ? "\(whole).\(rest / 10)s" : "\(whole).\(rest < 10 ? "0" : "")\(rest)s"
  }

  // MARK: History

  mutating func step(_ by: Int) {
    lookBack(pastSteps + by)
    if let past, let report {
      let seconds = report.takenAt.seconds - past.report.takenAt.seconds
      say("\(past.report.takenAt.clock), \(Numbers.age(seconds)) ago; ] leads back to now", .accent)
    } else {
      say("now")
    }
  }

  /// Shows the directory so many steps back; 0 is the present.
  mutating func lookBack(_ steps: Int) {
    pastSteps = min(max(0, steps), history.count)
    past = report.flatMap { history.report(pastSteps, before: $0) }
    if past == nil { pastSteps = 0 }
    arrange()
    keepInView()
  }
}
