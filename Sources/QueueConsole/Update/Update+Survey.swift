package import DiskQueue
package import QueueInspection

/// What a look at the directory changes: rates, depths, events, history.
extension Model {
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
    if differs || alertsAreDue(at: next.takenAt) { lookForAlerts() }
    if differs || order == .change || order == .still { arrange() }
    keepInView()
    guard differs else { return [] }
    return page.read(on: .looked(before: old, changed: changed), in: &self)
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
      note(.owner, name, "\(owner.command) \(owner.pid) has it (\(owner.evidence))")
    } else if let owner = old.owner {
      note(.owner, name, "\(owner.command) \(owner.pid) is gone")
    }
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
