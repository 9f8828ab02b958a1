package import DiskQueue

/// Keys while something lies over the screen. Escape always leaves, and nothing here changes a
/// queue without the answer its plan asks for.
extension Model {
  mutating func press(_ key: Key, in overlay: Overlay) -> [Effect] {
    switch overlay {
    case .help(let scroll): return pressHelp(key, scroll)
    case .filter(let editor): return pressFilter(key, editor)
    case .unlock:
      self.overlay = nil
      guard key == .character("y") || key == .character("Y") else { return [] }
      say("writing is unlocked; W locks it again", .warning)
      return [.unlock]
    case .quit:
      self.overlay = nil
      return key == .character("y") || key == .character("Y") ? [.quit] : []
    case .input(let request, let editor): return pressInput(key, request, editor)
    case .planning:
      guard key == .escape || key == .control("c") else { return [] }
      self.overlay = nil
      return [.cancelJob]
    case .checking:
      guard key == .escape || key == .control("c") else { return [] }
      self.overlay = nil
      say("check cancelled")
      return [.cancelJob]
    case .confirm(let plan, let request, let editor):
      return pressConfirm(key, plan, request, editor)
    case .running:
      return key == .control("c") ? [.cancelJob] : []
    case .result(let result):
      self.overlay = nil
      say("\(result.kind.rawValue) \(result.queue): done, operation \(result.id)", .good)
      return []
    }
  }

  private mutating func pressHelp(_ key: Key, _ scroll: Int) -> [Effect] {
    switch keys[key] {
    case .lineUp: overlay = .help(scroll: max(0, scroll - 1))
    case .lineDown: overlay = .help(scroll: scroll + 1)
    case .pageUp: overlay = .help(scroll: max(0, scroll - pageRows))
    case .pageDown: overlay = .help(scroll: scroll + pageRows)
    case .quitNow: return [.quit]
    default: overlay = nil
    }
    if case .help(let scroll) = overlay {
      let most = max(0, HelpView.lines(self).count - max(1, rows - HelpView.chrome))
      overlay = .help(scroll: min(scroll, most))
    }
    return []
  }

  private mutating func pressFilter(_ key: Key, _ editor: LineEditor) -> [Effect] {
    var editor = editor
    switch key {
    case .enter: overlay = nil
    case .escape, .control("c"):
      filter = ""
      overlay = nil
    default:
      if editor.take(key) {
        filter = editor.text
        overlay = .filter(editor)
      }
    }
    keepInView()
    return []
  }

  private mutating func pressInput(_ key: Key, _ request: PlanRequest, _ editor: LineEditor)
    -> [Effect]
  {
    var editor = editor
    var request = request
    switch key {
    case .escape, .control("c"): overlay = nil
    case .enter:
      if request.kind == .drain {
        guard !editor.text.isEmpty else { return [] }
        request.path = editor.text
      } else {
        request.text = editor.text
      }
      return plan(request)
    default: if editor.take(key) { overlay = .input(request, editor) }
    }
    return []
  }

  /// Whether what was typed is what the plan asks for.
  package static func isConfirmed(_ plan: Plan, _ typed: String) -> Bool {
    typed == VisibleText.string(plan.queue.bytes)
  }

  private mutating func pressConfirm(
    _ key: Key, _ plan: Plan, _ request: PlanRequest, _ editor: LineEditor
  ) -> [Effect] {
    if plan.kind == .inject {
      let yes = key == .character("y") || key == .character("Y")
      return yes ? start(plan, request) : cancel()
    }
    var editor = editor
    switch key {
    case .escape, .control("c"): return cancel()
    case .enter:
      if Model.isConfirmed(plan, editor.text) { return start(plan, request) }
      if editor.text.isEmpty { return cancel() }
    default: if editor.take(key) { overlay = .confirm(plan, request, editor) }
    }
    return []
  }

  private mutating func start(_ plan: Plan, _ request: PlanRequest) -> [Effect] {
    overlay = .running(plan, done: 0)
    return [.apply(plan, request)]
  }

  private mutating func cancel() -> [Effect] {
    overlay = nil
    say("cancelled; nothing was changed")
    return []
  }
}
