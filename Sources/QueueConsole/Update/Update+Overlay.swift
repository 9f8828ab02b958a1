import DiskQueue
package import QueueOperations

/// Keys while something lies over the screen. Escape always leaves, and nothing here changes a
/// queue without the answer its plan asks for.
extension Model {
  mutating func press(_ key: Key, in overlay: Overlay) -> [Effect] {
    switch overlay {
    case .help(let state): return pressHelp(key, state)
    case .filter(let editor): return pressFilter(key, editor)
    case .search(let editor): return pressSearch(key, editor)
    case .command(let input): return pressCommand(key, input)
    case .menu(let row): return pressMenu(key, row)
    case .unlock:
      self.overlay = nil
      guard key.isYes else { return [] }
      say("writing is unlocked; \(keys.label(.unlock)) locks it again", .warning)
      return [.unlock]
    case .quit:
      self.overlay = nil
      return key.isYes ? [.quit] : []
    case .form(let form, let request): return pressForm(key, form, request)
    case .export(let form): return pressExport(key, form)
    case .planning:
      guard key == .escape else { return [] }
      self.overlay = nil
      return cancelJob()
    case .confirm(let plans, let request, let editor):
      return pressConfirm(key, plans, request, editor)
    case .result(let results, _):
      self.overlay = nil
      if let last = results.last { say(Model.sentence(last), .good) }
      return []
    case .event:
      self.overlay = nil
      return []
    }
  }

  // MARK: Help

  private mutating func pressHelp(_ key: Key, _ old: HelpState) -> [Effect] {
    var state = old
    if state.isTyping {
      var editor = LineEditor(state.pattern)
      switch key {
      case .enter: state.isTyping = false
      case .escape:
        state.isTyping = false
        state.pattern = ""
      default:
        if editor.take(key) { state.pattern = editor.text }
      }
      state.selected = 0
      overlay = .help(helpIndex(state).settled(state, layout))
      return []
    }
    switch keys[key] {
    case .lineUp: state.selected -= 1
    case .lineDown: state.selected += 1
    case .pageUp: state.selected -= layout.help.count
    case .pageDown: state.selected += layout.help.count
    case .top: state.selected = 0
    case .bottom: state.selected = Int(Int32.max)
    case .filter:
      state.isTyping = true
      say("")
    case .enter:
      guard let binding = helpIndex(state).bindings[safely: state.selected] else { return [] }
      overlay = nil
      return run(binding.command)
    case .quitNow:
      overlay = nil
      return leave()
    default:
      overlay = nil
      return []
    }
    overlay = .help(helpIndex(state).settled(state, layout))
    return []
  }

  // MARK: Menu

  /// The acts, as the menu lists them.
  package static let menu: [Command] = [
    .inject, .drain, .move, .skip, .empty, .repair, .undo, .purge, .check, .export, .unlock,
  ]

  private mutating func pressMenu(_ key: Key, _ row: Int) -> [Effect] {
    let last = Model.menu.count - 1
    switch keys[key] {
    case .lineUp: overlay = .menu(max(0, row - 1))
    case .lineDown: overlay = .menu(min(last, row + 1))
    case .top: overlay = .menu(0)
    case .bottom: overlay = .menu(last)
    case .enter:
      overlay = nil
      return run(Model.menu[min(row, last)])
    case let command?:
      overlay = nil
      return Model.menu.contains(command) ? run(command) : []
    case nil: break
    }
    return []
  }

  // MARK: Confirming

  /// Whether a plain yes will do: a message more is easily taken back, and by nobody missed.
  package static func wantsYes(_ plans: [Plan]) -> Bool {
    plans.count == 1 && plans[0].kind == .inject
  }

  private mutating func pressConfirm(
    _ key: Key, _ plans: [Plan], _ request: PlanRequest, _ editor: LineEditor
  ) -> [Effect] {
    if Model.wantsYes(plans) { return key.isYes ? start(plans, request, .yes) : cancel() }
    var editor = editor
    switch key {
    case .escape: return cancel()
    case .enter:
      if editor.text.isEmpty { return cancel() }
      return start(plans, request, .typed(Array(editor.text.utf8)))
    default: if editor.take(key) { overlay = .confirm(plans, request, editor) }
    }
    return []
  }

  private mutating func cancel() -> [Effect] {
    overlay = nil
    say("cancelled; nothing was changed")
    return []
  }
}

extension Key {
  fileprivate var isYes: Bool { self == .character("y") || self == .character("Y") }
}
