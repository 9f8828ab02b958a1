import DiskQueue
import QueueInspection

/// Keys on a screen with nothing over it.
extension Model {
  mutating func take(_ key: Key) -> [Effect] {
    if key == .control("z") { return [.suspend] }
    if key == .control("l") { return [.redraw] }
    if key == .control("c") { return interrupt() }
    if case .character(let character) = key, takesText { return insert([character]) }
    if let overlay { return press(key, in: overlay) }
    guard let command = keys[key] else { return [] }
    return run(command, key)
  }

  /// Cancels the running job, leaves what lies over the screen, or asks whether to quit.
  private mutating func interrupt() -> [Effect] {
    if job != nil {
      if case .planning = overlay { overlay = nil }
      return cancelJob()
    }
    guard let overlay else {
      overlay = .quit
      return []
    }
    return overlay == .quit ? [] : press(.escape, in: overlay)
  }

  /// Does what a command asks for, wherever it comes from: a key, the menu, help, the command line.
  mutating func run(_ command: Command, _ key: Key? = nil) -> [Effect] {
    if command.isAct { return act(command) }
    if let obstacle = obstacle(to: command) {
      say(obstacle)
      return []
    }
    switch command {
    case .lineUp: return move(-1)
    case .lineDown: return move(1)
    case .pageUp: return move(-pageRows)
    case .pageDown: return move(pageRows)
    case .halfUp: return move(-max(1, pageRows / 2))
    case .halfDown: return move(max(1, pageRows / 2))
    case .top: return move(-Int(Int32.max))
    case .bottom:
      eventsFollow = screen == .events || tab == .events
      return move(Int(Int32.max))
    case .enter: return goIn()
    case .back: goBack(key)
    case .nextPane: return nextPane()
    case .tab1: return openTab(.summary)
    case .tab2: return openTab(.segments)
    case .tab3, .messages: return openTab(.messages)
    case .tab4, .badFiles: return openTab(.bad)
    case .tab5: return openTab(.events)
    case .events:
      screen = .events
      eventSelected = Int(Int32.max)
      keepInView()
      return [.readAudit]
    case .quit: return quit(key)
    case .quitNow: return leave()
    case .interrupt: return interrupt()
    case .help: overlay = .help(HelpState())
    case .menu: overlay = .menu(0)
    case .command: overlay = .command(CommandInput())
    case .check: return check()
    case .copy: return copy()
    case .export: return export()
    case .unlock:
      if unlocked { return [.lock] }
      overlay = .unlock
    case .redraw: return [.redraw]
    case .suspend: return [.suspend]
    default: return runView(command)
    }
    return []
  }

  /// Commands that change what is shown and how.
  private mutating func runView(_ command: Command) -> [Effect] {
    switch command {
    case .filter:
      // Messages are looked for, not filtered: they would all have to be read.
      overlay =
        tab == .messages
        ? .search(LineEditor(messages?.pattern ?? ""))
        : .filter(LineEditor(screen == .events || tab == .events ? eventFilter : filter))
    case .search: overlay = .search(LineEditor(messages?.pattern ?? pattern))
    case .findNext: return findAgain(forward: true)
    case .findPrevious: return findAgain(forward: false)
    case .mark: return mark()
    case .unmarkAll:
      marks = []
      messages?.marks = []
    case .invertMarks:
      let all = Set(visible.map(\.name))
      marks = marks.subtracting(all).union(all.subtracting(marks))
    case .nextSort: changeOrder(by: 1)
    case .previousSort: changeOrder(by: -1)
    case .reverseSort:
      reversed.toggle()
      arrange()
      keepInView()
    case .wide: wide.toggle()
    case .view:
      guard let view = messages?.view else { return [] }
      let all = LoadedMessages.View.allCases
      messages?.view = all[((all.firstIndex(of: view) ?? 0) + 1) % all.count]
      messages?.paneTop = 0
    case .wrap:
      messages?.wraps.toggle()
      say(messages?.wraps == true ? "long lines are wrapped" : "long lines are cut")
      messages?.paneLeft = 0
    case .pause:
      if pastSteps > 0 {
        lookBack(0)
      } else {
        paused.toggle()
      }
      say(paused ? "paused" : "live")
    case .refresh: return refresh()
    case .slower: return change(interval: interval * 2)
    case .faster: return change(interval: interval / 2)
    case .historyBack: step(1)
    case .historyForward: step(-1)
    case .follow: return toggleFollow()
    default: break
    }
    return []
  }

  // MARK: Leaving

  private mutating func quit(_ key: Key?) -> [Effect] {
    if screen == .list, pastSteps == 0 { return leave() }
    if tab == .messages { messages?.isInPane = false }
    goBack(key)
    return []
  }

  /// Quits, but asks while a job would be cut short.
  mutating func leave() -> [Effect] {
    guard job != nil else { return [.quit] }
    overlay = .quit
    return []
  }

  // MARK: Going about

  private mutating func openTab(_ tab: Tab) -> [Effect] {
    guard let name = target?.name else { return [] }
    return open(name, tab)
  }

  private mutating func nextPane() -> [Effect] {
    guard let tab else { return [] }
    if tab == .messages {
      messages?.isInPane.toggle()
      return []
    }
    return openTab(Tab(rawValue: tab.rawValue % Tab.allCases.count + 1) ?? .summary)
  }

  private mutating func mark() -> [Effect] {
    if tab == .messages { return markMessage() }
    guard let selected else { return [] }
    if marks.remove(selected) == nil { marks.insert(selected) }
    return move(1)
  }

  mutating func findAgain(forward: Bool) -> [Effect] {
    if tab == .messages { return find(forward: forward) }
    guard !pattern.isEmpty, visibleCount > 0 else { return [] }
    let word = pattern.lowercased()
    let start = rowOfSelected ?? 0
    for step in 1...visibleCount {
      let row = (start + (forward ? step : visibleCount * 2 - step)) % visibleCount
      guard let name = visible(row)?.name, name.description.lowercased().contains(word) else {
        continue
      }
      selected = name
      keepInView()
      return []
    }
    say("no queue with “\(pattern)” in its name".plainIf(ascii), .warning)
    return []
  }

  private mutating func refresh() -> [Effect] {
    let looking = look()
    if tab == .bad {
      judgements = nil
      return looking + readBadFilesIfWanted()
    }
    guard let page = messages, tab == .messages else { return looking }
    return looking + browse(page.queue, .first, isFresh: true)
  }

  private mutating func toggleFollow() -> [Effect] {
    if tab == .messages, let page = messages {
      messages?.follows.toggle()
      say(page.follows ? "the tail is no longer followed" : "following the tail")
      return page.follows ? [] : browse(page.queue, .last, isFresh: true)
    }
    if screen == .events || tab == .events {
      eventsFollow.toggle()
      keepInView()
      return []
    }
    follows.toggle()
    say(follows ? "the cursor follows its queue" : "the cursor stays on its row")
    return []
  }

  // MARK: Clock and order

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

  private mutating func step(_ by: Int) {
    lookBack(pastSteps + by)
    if let past, let report {
      let seconds = report.takenAt.seconds - past.report.takenAt.seconds
      say("\(past.report.takenAt.clock), \(Numbers.age(seconds)) ago; ] leads back to now", .accent)
    } else {
      say("now")
    }
  }

  mutating func changeOrder(by step: Int) {
    let all = Order.allCases
    let index = all.firstIndex(of: order) ?? 0
    order = all[(index + step + all.count) % all.count]
    say("ordered by \(order.rawValue)")
    arrange()
    keepInView()
  }
}
