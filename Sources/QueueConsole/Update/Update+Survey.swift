package import DiskQueue
package import QueueInspection

/// What a look at the directory changes: rates, depths, events, alerts, history.
extension Model {
  /// Nanoseconds between two looks for what stands still.
  private static let alertInterval: Int64 = 10_000_000_000

  /// Whether a look that found no change leaves the screen as it is: nothing moves, and no picture of
  /// the last minutes or age has to go on.
  package func staysTheSame(_ next: Report, changed: Set<QueueName>?) -> Bool {
    guard let changed, changed.isEmpty, moving.isEmpty, failure == nil, let report else {
      return false
    }
    let slot = DepthSeries.slotSeconds
    return next.takenAt.seconds / slot == report.takenAt.seconds / slot
      && next.owner == report.owner && next.ownersKnown == report.ownersKnown
  }

  mutating func take(_ next: Report, changed: Set<QueueName>?) -> [Effect] {
    refreshing = false
    askedAt = nil
    failure = nil
    let old = report
    let before = old?.takenAt ?? next.takenAt
    // A look that was long on its way does not set the clock back.
    now = max(now ?? next.takenAt, next.takenAt)
    let differs =
      old == nil || changed.map { !$0.isEmpty } ?? (old?.queues != next.queues)
      || old?.owner != next.owner || old?.ownersKnown != next.ownersKnown
    let rates = ratesOfMoving
    report = next
    if let old {
      noteOwner(old, next)
      if differs, history.note(old, rates, to: next, changed: changed), pastSteps > 0 {
        lookBack(pastSteps + 1)
      }
    }
    if differs { changedAt = next.takenAt }
    watch(old, next, changed: changed, before: before)
    let isDue = alertsAt.map { next.takenAt.nanoseconds - $0.nanoseconds >= Self.alertInterval }
    if differs || isDue ?? true { lookForAlerts() }
    if differs || order == .change || order == .still { arrange() }
    keepInView()
    guard differs else { return [] }
    if case .queue(let name, .bad) = screen, let queue = queue(name),
      old?.queue(name)?.setAside != queue.setAside
    {
      judgements = nil
      return readBadFilesIfWanted()
    }
    return followTail(changed)
  }

  private var ratesOfMoving: [QueueName: Rates] {
    var rates: [QueueName: Rates] = [:]
    for name in moving { rates[name] = watched[name]?.rates }
    return rates
  }

  private mutating func watch(
    _ old: Report?, _ next: Report, changed: Set<QueueName>?, before: Timestamp
  ) {
    let all = changed == nil ? Set(next.queues.map(\.name) + (old?.queues.map(\.name) ?? [])) : []
    for name in changed.map({ $0.union(moving) }) ?? all {
      guard let queue = next.queue(name) else {
        if old?.queue(name) != nil { note(.gone, Model.text(name), "the queue is gone") }
        watched[name] = nil
        moving.remove(name)
        marks.remove(name)
        checked[name] = nil
        continue
      }
      let earlier = old?.queue(name)
      if old != nil, earlier == nil {
        note(.new, Model.text(name), "a new queue, depth \(Numbers.grouped(queue.depth))")
      }
      noteFiles(earlier, queue, isFirst: old == nil)
      guard var state = watched[name] else {
        watched[name] = Watched(queue, at: next.takenAt)
        continue
      }
      let isQuiet = earlier == queue && !state.isMoving
      if isQuiet { continue }
      if let peak = state.note(queue, from: earlier, at: next.takenAt, before: before) {
        note(.peak, Model.text(name), "depth \(Numbers.grouped(peak))")
      }
      if state.isMoving { moving.insert(name) } else { moving.remove(name) }
      watched[name] = state
    }
  }

  static func text(_ name: QueueName) -> String { VisibleText.string(name.bytes) }

  // MARK: Events

  private mutating func noteOwner(_ old: Report, _ next: Report) {
    guard old.owner != next.owner else { return }
    if let owner = old.owner {
      note(.owner, directory, "\(owner.command) \(owner.pid) is gone")
    }
    if let owner = next.owner {
      note(.owner, directory, "\(owner.command) \(owner.pid) has the directory")
    }
  }

  private mutating func noteFiles(_ old: QueueReport?, _ new: QueueReport, isFirst: Bool) {
    guard let old, !isFirst else { return }
    let name = Model.text(new.name)
    let known = Set(old.badFiles.map(\.name))
    for bad in new.badFiles where !known.contains(bad.name) {
      note(
        .bad, name,
        "\(FileName.padded(bad.file)).dat became .bad (\(Numbers.bytes(bad.bytes)) bytes)")
    }
    // A directory's owner is told once, for the directory.
    guard old.owner != new.owner, new.owner?.lock != .directory, old.owner?.lock != .directory
    else { return }
    if let owner = new.owner {
      note(.owner, name, "\(owner.command) \(owner.pid) has it (\(StatusBar.how(owner)))")
    } else if let owner = old.owner {
      note(.owner, name, "\(owner.command) \(owner.pid) is gone")
    }
  }

  // MARK: Alerts

  private mutating func lookForAlerts() {
    guard let report else { return }
    alertsAt = report.takenAt
    var found: [Alert] = []
    let limits = preferences.thresholds
    if report.totalBytes > 0, report.freeBytes * 100 / report.totalBytes < limits.diskFree {
      found.append(
        Alert(
          queue: nil, text: "disk: \(Numbers.bytes(report.freeBytes)) free", severity: .error))
    }
    for queue in report.queues {
      if let problem = queue.problem {
        found.append(Alert(queue: queue.name, text: problem, severity: .error))
      } else if let worst = queue.findings.max(by: { $0.severity < $1.severity }),
        worst.severity > .info
      {
        found.append(
          Alert(queue: queue.name, text: Model.text(of: worst, queue), severity: worst.severity))
      }
      if let depth = limits.depth, queue.depth > depth {
        found.append(
          Alert(
            queue: queue.name, text: "depth \(Numbers.grouped(queue.depth))", severity: .warning))
      }
      lookForStall(queue, limits.stall, &found)
    }
    alerts = found.sorted { $0.severity > $1.severity }
  }

  private static func text(of finding: Finding, _ queue: QueueReport) -> String {
    guard finding.code == .badFile else { return finding.code.rawValue }
    let bytes = queue.badFiles.reduce(0) { $0 + $1.bytes }
    return "\(queue.badFiles.count) .bad \(Numbers.bytes(bytes))"
  }

  private mutating func lookForStall(
    _ queue: QueueReport, _ limit: Int64, _ found: inout [Alert]
  ) {
    guard queue.depth > 0, let since = watched[queue.name]?.stillSince, let now else { return }
    let seconds = now.seconds - since.seconds
    guard seconds >= limit else { return }
    found.append(
      Alert(
        queue: queue.name, text: "not read for \(Numbers.age(seconds))", severity: .warning))
    guard watched[queue.name]?.isStalled == false else { return }
    watched[queue.name]?.isStalled = true
    // What stood still before anybody looked is an alert, but it did not happen now.
    if seconds < limit + 30 {
      note(
        .stall, Model.text(queue.name),
        "not read for \(Numbers.age(seconds)), depth \(Numbers.grouped(queue.depth))")
    }
  }

  // MARK: History

  /// Shows the directory so many steps back; 0 is the present.
  mutating func lookBack(_ steps: Int) {
    pastSteps = min(max(0, steps), history.count)
    past = report.flatMap { history.report(pastSteps, before: $0) }
    if past == nil { pastSteps = 0 }
    arrange()
    keepInView()
  }

  // MARK: Order

  /// Works out which rows the list has.
  mutating func arrange() {
    guard let queues = shown?.queues else {
      arranged = []
      return
    }
    let word = filter.lowercased()
    let excludes = word.hasPrefix("!")
    let part = excludes ? String(word.dropFirst()) : word
    var rows = Array(queues.indices)
    if !part.isEmpty {
      rows = rows.filter {
        queues[$0].name.description.lowercased().contains(part) != excludes
      }
    }
    func sort(_ value: (QueueReport) -> Int64) {
      let keys = rows.map { (value(queues[$0]), $0) }
      // Queues are in the order of their names, so the index settles a draw.
      rows = keys.sorted { $0.0 == $1.0 ? $0.1 < $1.1 : $0.0 > $1.0 }.map(\.1)
    }
    switch order {
    case .name: break
    case .depth: sort(\.depth)
    case .unread: sort(\.unreadBytes)
    case .bad: sort { Int64($0.badFiles.count) }
    case .change: sort { Int64((abs(self.perSecond($0.name)) * 1000).rounded()) }
    case .still: sort { self.secondsStill($0) ?? -1 }
    }
    arranged = reversed ? rows.reversed() : rows
  }
}

extension Report {
  /// A queue by its name: they are in the order of their names.
  package func queue(_ name: QueueName) -> QueueReport? {
    var (low, high) = (0, queues.count)
    while low < high {
      let middle = (low + high) / 2
      if queues[middle].name < name { low = middle + 1 } else { high = middle }
    }
    return low < queues.count && queues[low].name == name ? queues[low] : nil
  }
}
