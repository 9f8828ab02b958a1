import DiskQueue
import QueueInspection

/// Keys and the commands they stand for: a page's own are left to it.
extension Model {
  mutating func take(_ key: Key) -> [Effect] {
    if key == .control("z") { return [.suspend] }
    if key == .control("l") { return [.redraw] }
    if key == .control("c") { return interrupt() }
    if case .character(let character) = key, takesText { return insert([character]) }
    if let overlay { return press(key, in: overlay) }
    guard let command = keys[key] else { return openTab(Pages.tab(on: key)) }
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
    if let page = Pages.page(of: command) { return page.open(in: &self) }
    if let tab = Pages.tab(of: command) { return openTab(tab) }
    if let effects = page.run(command, in: &self) { return effects }
    switch command {
    case .lineUp: return move(-1)
    case .lineDown: return move(1)
    case .pageUp: return move(-pageRows)
    case .pageDown: return move(pageRows)
    case .halfUp: return move(-max(1, pageRows / 2))
    case .halfDown: return move(max(1, pageRows / 2))
    case .top: return move(-Int(Int32.max))
    case .bottom: return move(Int(Int32.max))
    case .enter: return goIn()
    case .back: goBack(key)
    case .nextPane: return openTab(Pages.next(after: screen.page))
    case .quit: return quit()
    case .quitNow: return leave()
    case .interrupt: return interrupt()
    case .suspend: return [.suspend]
    case .redraw: return [.redraw]
    default: return runView(command)
    }
    return []
  }

  /// Commands that change what is shown and how, or ask for more.
  private mutating func runView(_ command: Command) -> [Effect] {
    switch command {
    case .filter: overlay = .filter(LineEditor(page.filter(in: self)))
    case .search: overlay = .search(LineEditor(page.pattern(in: self)))
    case .findNext: return page.find(forward: true, in: &self)
    case .findPrevious: return page.find(forward: false, in: &self)
    case .help: overlay = .help(HelpState())
    case .menu: overlay = .menu(0)
    case .command: overlay = .command(CommandInput())
    case .unmarkAll:
      marks = []
      messages?.marks = []
    case .follow:
      follows.toggle()
      say(follows ? "the cursor follows its queue" : "the cursor stays on its row")
    case .pause: pause()
    case .refresh: return refresh()
    case .slower: return change(interval: interval * 2)
    case .faster: return change(interval: interval / 2)
    case .historyBack: step(1)
    case .historyForward: step(-1)
    case .check: return check()
    case .copy: return copy()
    case .export: sayWhatExports()
    case .unlock:
      if unlocked { return [.lock] }
      overlay = .unlock
    default: break
    }
    return []
  }

  // MARK: Leaving

  private mutating func quit() -> [Effect] {
    if screen == .list, pastSteps == 0 { return leave() }
    leavePage()
    return []
  }

  /// Quits, but asks while a job would be cut short.
  mutating func leave() -> [Effect] {
    guard job != nil else { return [.quit] }
    overlay = .quit
    return []
  }
}
