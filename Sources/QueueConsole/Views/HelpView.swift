/// The keys, from the map the program runs on; a key that is off says why, and Enter runs the one
/// under the cursor.
package enum HelpView {
  /// Lines for entries: without the title and the bottom line.
  static func rows(_ model: Model) -> Int { max(1, model.rows - 2) }

  static func draw(_ model: Model, _ state: HelpState, in frame: inout Frame) {
    frame.paint(row: 0, role: .title)
    let place =
      switch model.screen {
      case .list: "queue list"
      case .queue(_, let tab): tab.title.lowercased()
      case .events: "events"
      }
    frame.put(
      " Help: \(place)   (dim = off right now, with the reason)", row: 0, column: 0, role: .title)
    let lines = lines(model, state)
    for (index, entry) in lines.dropFirst(state.top).prefix(rows(model)).enumerated() {
      frame.put(entry.line, row: 1 + index)
      if entry.index == state.selected, entry.index != nil {
        frame.paint(row: 1 + index, role: .selected)
        frame.put(">", row: 1 + index, column: 0, role: .selected)
        frame.cursor = (1 + index, 0)
      }
    }
    if lines.isEmpty { frame.put("Nothing matches.", row: 2, column: 2, role: .dim) }
    let last = frame.rows - 1
    if state.isTyping {
      let (visible, cursor) = LineEditor(state.pattern).window(
        frame.columns - 2, ascii: frame.ascii)
      frame.put("/" + visible, row: last, column: 0, role: .input)
      frame.cursor = (last, min(frame.columns - 1, 1 + cursor))
      if !model.message.isEmpty, model.messageRole == .error {
        frame.clear(row: last - 1, column: 0, rows: 1, columns: frame.columns)
        frame.put(model.message, row: last - 1, column: 1, role: .error)
      }
    } else {
      let kept = state.pattern.isEmpty ? "" : "  (/\(state.pattern))"
      frame.put(
        " Esc closes  / searches  Enter runs the line\(kept)", row: last, column: 0, role: .dim)
    }
  }

  /// The bindings that match what is looked for, in the order they are shown.
  static func entries(_ state: HelpState, _ model: Model) -> [KeyMap.Binding] {
    lines(model, state).compactMap(\.binding)
  }

  private struct Entry {
    var line: Line
    var binding: KeyMap.Binding?
    /// Among the bindings.
    var index: Int?
  }

  private static func lines(_ model: Model, _ state: HelpState) -> [Entry] {
    var lines: [Entry] = []
    var index = 0
    let word = state.pattern.lowercased()
    for group in KeyMap.Group.allCases {
      let entries = model.keys.bindings.filter { binding in
        guard binding.group == group else { return false }
        let labels = binding.keys.map(\.label).joined(separator: " ")
        return word.isEmpty || "\(labels) \(binding.text)".lowercased().contains(word)
      }
      if entries.isEmpty { continue }
      lines.append(Entry(line: Line(" " + group.rawValue, .header)))
      for binding in entries {
        lines.append(Entry(line: line(binding, model), binding: binding, index: index))
        index += 1
      }
    }
    return lines
  }

  /// The state with its cursor on an entry and its view around it.
  static func kept(_ state: HelpState, _ model: Model) -> HelpState {
    var state = state
    let lines = lines(model, state)
    let count = lines.count { $0.binding != nil }
    state.selected = max(0, min(state.selected, count - 1))
    let row = lines.firstIndex { $0.index == state.selected } ?? 0
    // The heading above the first entry stays in sight.
    state.top = Model.scrolled(state.top, to: row, of: lines.count, rows(model))
    if row <= 1 { state.top = 0 }
    return state
  }

  private static func line(_ binding: KeyMap.Binding, _ model: Model) -> Line {
    let keys = binding.keys.map(\.label).joined(separator: " ")
    let padded = keys + String(repeating: " ", count: max(1, 14 - keys.count))
    guard let obstacle = model.obstacle(to: binding.command) else {
      return Line("  " + padded, .accent).adding(binding.text)
    }
    let text = QueuePage.pad(binding.text, 24)
    return Line("  " + padded + text, .dim).adding("  off: " + obstacle, .warning)
  }
}
