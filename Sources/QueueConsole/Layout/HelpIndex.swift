/// The rows of the help: groups and their bindings, as far as they match what is looked for.
struct HelpIndex {
  enum Row {
    case group(KeyMap.Group)
    /// A binding, and its place among the bindings.
    case binding(KeyMap.Binding, Int)
  }

  let rows: [Row]

  init(_ keys: KeyMap, pattern: String) {
    var rows: [Row] = []
    var count = 0
    let word = pattern.lowercased()
    for group in KeyMap.Group.allCases {
      let bindings = keys.bindings.filter { binding in
        guard binding.group == group else { return false }
        let labels = binding.keys.map(\.label).joined(separator: " ")
        return word.isEmpty || "\(labels) \(binding.text)".lowercased().contains(word)
      }
      if bindings.isEmpty { continue }
      rows.append(.group(group))
      for binding in bindings {
        rows.append(.binding(binding, count))
        count += 1
      }
    }
    self.rows = rows
  }

  /// The bindings that match, in the order they are shown.
  var bindings: [KeyMap.Binding] {
    rows.compactMap { row in if case .binding(let binding, _) = row { binding } else { nil } }
  }

  /// The state with its cursor on a binding and its view around it.
  func settled(_ state: HelpState, _ layout: Layout) -> HelpState {
    var state = state
    state.selected = max(0, min(state.selected, bindings.count - 1))
    let row =
      rows.firstIndex { row in
        if case .binding(_, state.selected) = row { true } else { false }
      } ?? 0
    let view = Rows(
      rows.count, room: layout.help.count, at: Cursor(selected: row, top: state.top))
    // The heading above the first binding stays in sight.
    state.top = row <= 1 ? 0 : view.cursor.top
    return state
  }
}

extension Model {
  /// What the help lists while it looks for a pattern.
  func helpIndex(_ state: HelpState) -> HelpIndex { HelpIndex(keys, pattern: state.pattern) }
}
