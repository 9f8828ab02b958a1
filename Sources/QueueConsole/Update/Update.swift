import DiskQueue

extension Model {
  /// Takes one event and says what to do about it: the whole of the console's behaviour.
  package mutating func update(_ event: Event) -> [Effect] {
    switch event {
    case .key(let key): return press(key)
    case .resized(let columns, let rows):
      self.columns = columns
      self.rows = rows
      keepInView()
      return []
    case .tick:
      guard !paused, !refreshing else { return [] }
      refreshing = true
      return [.refresh]
    case .surveyed(let report): take(report)
    case .surveyFailed(let error):
      refreshing = false
      failure = error.description
    case .writing(let unlocked): self.unlocked = unlocked
    case .planned(let plan, let request): show(plan, request)
    case .planFailed(let error): fail(error)
    case .passed(let bytes, let seconds):
      passed += bytes
      passedFor = seconds
    case .checked(let report): take(checked: report)
    case .judged(let queue, let found):
      if screen == .bad(queue) { judgements = found }
    case .passFailed(let error): fail(error)
    case .progress(let done):
      if case .running(let plan, _) = overlay { overlay = .running(plan, done: done) }
    case .applied(let result):
      overlay = .result(result)
      return [.refresh]
    case .applyFailed(let error):
      fail(error)
      return [.refresh]
    case .terminate: return [.cancelJob, .quit]
    }
    return []
  }

  // MARK: What comes back

  private mutating func take(_ report: Report) {
    refreshing = false
    failure = nil
    if self.report?.queues != report.queues || self.report?.owner != report.owner {
      changedAt = report.takenAt
    }
    for queue in report.queues {
      var trend = trends[queue.name] ?? Trend(depth: queue.depth, at: report.takenAt, perSecond: 0)
      let seconds = Double(report.takenAt.nanoseconds - trend.at.nanoseconds) / 1e9
      if seconds > 0 {
        trend.perSecond = Double(queue.depth - trend.depth) / seconds
        trend.depth = queue.depth
        trend.at = report.takenAt
      }
      trends[queue.name] = trend
    }
    let names = Set(report.queues.map(\.name))
    trends = trends.filter { names.contains($0.key) }
    self.report = report
    keepInView()
  }

  private mutating func show(_ plan: Plan, _ request: PlanRequest) {
    guard case .planning(request) = overlay else { return }
    if plan.isEmpty {
      overlay = nil
      say("nothing to do for \(plan.queue)", .good)
    } else {
      overlay = .confirm(plan, request, LineEditor())
    }
  }

  private mutating func fail(_ error: DiskQueueError) {
    overlay = nil
    say(error.detail, .error)
  }

  mutating func say(_ text: String, _ role: Role = .normal) {
    message = text
    messageRole = role
  }

  // MARK: Keys

  private mutating func press(_ key: Key) -> [Effect] {
    if key == .control("z") { return [.suspend] }
    if key == .control("l") { return [.redraw] }
    if let overlay { return press(key, in: overlay) }
    guard let command = keys[key] else { return [] }
    switch command {
    case .lineUp: move(-1)
    case .lineDown: move(1)
    case .pageUp: move(-pageRows)
    case .pageDown: move(pageRows)
    case .halfUp: move(-max(1, pageRows / 2))
    case .halfDown: move(max(1, pageRows / 2))
    case .top: move(-Int(Int32.max))
    case .bottom: move(Int(Int32.max))
    case .enter: if screen == .list { open() }
    case .back: if screen != .list { close() }
    case .quit:
      if screen == .list { return [.quit] }
      close()
    case .quitNow: return [.quit]
    case .interrupt: overlay = .quit
    case .help: overlay = .help(scroll: 0)
    case .filter: overlay = .filter(LineEditor(filter))
    case .nextSort: changeOrder(by: 1)
    case .previousSort: changeOrder(by: -1)
    case .reverseSort: reversed.toggle()
    case .pause:
      paused.toggle()
      say(paused ? "paused" : "live")
    case .refresh:
      refreshing = true
      return [.refresh]
    case .slower: return change(interval: interval * 2)
    case .faster: return change(interval: interval / 2)
    case .unlock:
      if unlocked { return [.lock] }
      overlay = .unlock
    case .inject, .drain, .empty, .repair, .undo: return act(command)
    case .check: return check()
    case .badFiles: return openBadFiles()
    case .redraw, .suspend: break
    }
    return []
  }

  private mutating func change(interval wanted: Double) -> [Effect] {
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

  private mutating func changeOrder(by step: Int) {
    let all = Order.allCases
    let index = all.firstIndex(of: order) ?? 0
    order = all[(index + step + all.count) % all.count]
    say("ordered by \(order.rawValue)")
    keepInView()
  }

  // MARK: Acts

  /// Why an act is off right now; nil when it is on.
  ///
  /// Help and the message line say it.
  package func obstacle(to command: Command) -> String? {
    switch command {
    case .inject, .drain, .empty, .repair, .undo: break
    default: return nil
    }
    guard let target else { return "no queue is selected" }
    if let owner = target.owner {
      return "\(owner.command) \(owner.pid) has \(target.name); stop it first"
    }
    if !unlocked { return "read-only: press W to unlock writing" }
    return nil
  }

  private mutating func act(_ command: Command) -> [Effect] {
    if let obstacle = obstacle(to: command) {
      say(obstacle, .warning)
      return []
    }
    guard let queue = target?.name else { return [] }
    switch command {
    case .inject: overlay = .input(PlanRequest(.inject, queue), LineEditor())
    case .drain:
      overlay = .input(PlanRequest(.drain, queue), LineEditor(drainPath(queue)))
    case .empty: return plan(PlanRequest(.empty, queue))
    case .undo: return plan(PlanRequest(.undo, queue))
    default:
      var request = PlanRequest(.repair, queue)
      // On the page of the .bad files, repairing is about them too.
      if case .bad = screen { request.repair = .init(bad: true, requeuesBad: true) }
      return plan(request)
    }
    return []
  }

  private mutating func check() -> [Effect] {
    guard let queue = target?.name else { return [] }
    passed = 0
    overlay = .checking(queue)
    return [.check(queue)]
  }

  private mutating func take(checked report: QueueReport) {
    if case .checking(report.name) = overlay { overlay = nil }
    checked[report.name] = (report, self.report?.takenAt ?? Timestamp(nanoseconds: 0))
    let errors = report.findings.count { $0.severity == .error }
    let messages = report.segments.reduce(0) { $0 + ($1.messages ?? 0) }
    let warnings = report.findings.count { $0.severity == .warning }
    let (text, role): (String, Role) =
      if errors > 0 {
        ("\(errors) error\(errors == 1 ? "" : "s"); P plans the repair", .error)
      } else if warnings > 0 {
        ("no error, \(warnings) warning\(warnings == 1 ? "" : "s")", .warning)
      } else {
        ("\(Numbers.messages(messages)), nothing is wrong", .good)
      }
    say("checked \(report.name): \(text)", role)
    if screen == .list { screen = .detail(report.name) }
  }

  private mutating func openBadFiles() -> [Effect] {
    guard let queue = target else { return [] }
    guard !queue.badFiles.isEmpty else {
      say("\(queue.name) has no .bad files")
      return []
    }
    screen = .bad(queue.name)
    judgements = nil
    badSelected = 0
    passed = 0
    return [.judge(queue.name)]
  }

  mutating func plan(_ request: PlanRequest) -> [Effect] {
    passed = 0
    overlay = .planning(request)
    return [.plan(request)]
  }

  /// A name that tells the queue and the time, beside nothing that exists.
  private func drainPath(_ queue: QueueName) -> String {
    let safe = queue.description.map { character in
      character.isLetter || character.isNumber || "._-".contains(character) ? character : "_"
    }
    let time = (report?.takenAt ?? changedAt)?.rfc3339.filter { $0.isNumber } ?? "0"
    return "/var/tmp/\(String(safe)).\(time).ndjson"
  }
}
