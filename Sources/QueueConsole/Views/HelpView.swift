/// The keys, from the map the program runs on; a key that is off says why, and Enter runs the one
/// under the cursor.
enum HelpView {
  static func draw(_ model: Model, _ state: HelpState, in frame: inout Frame) {
    frame.paint(row: 0, role: .title)
    let place = model.page.title.lowercased()
    frame.put(
      " Help: \(place)   (dim = off right now, with the reason)", row: 0, column: 0, role: .title)
    let index = model.helpIndex(state)
    for (row, entry) in zip(model.layout.help, index.rows.dropFirst(state.top)) {
      switch entry {
      case .group(let group): frame.put(Line(" " + group.rawValue, .header), row: row)
      case .binding(let binding, let number):
        frame.put(line(binding, model), row: row)
        guard number == state.selected else { continue }
        frame.paint(row: row, role: .selected)
        frame.put(">", row: row, column: 0, role: .selected)
        frame.cursor = (row, 0)
      }
    }
    if index.rows.isEmpty { frame.put("Nothing matches.", row: 2, column: 2, role: .dim) }
    bottom(model, state, in: &frame)
  }

  private static func bottom(_ model: Model, _ state: HelpState, in frame: inout Frame) {
    let last = model.layout.hints
    guard state.isTyping else {
      let kept = state.pattern.isEmpty ? "" : "  (/\(state.pattern))"
      frame.put(
        " Esc closes  / searches  Enter runs the line\(kept)", row: last, column: 0, role: .dim)
      return
    }
    let (visible, cursor) = LineEditor(state.pattern).window(
      frame.columns - 2, ascii: frame.ascii)
    frame.put("/" + visible, row: last, column: 0, role: .input)
    frame.cursor = (last, min(frame.columns - 1, 1 + cursor))
    if !model.message.isEmpty, model.messageRole == .error {
      frame.clear(row: model.layout.message, column: 0, rows: 1, columns: frame.columns)
      frame.put(model.message, row: model.layout.message, column: 1, role: .error)
    }
  }

  private static func line(_ binding: KeyMap.Binding, _ model: Model) -> Line {
    let keys = binding.keys.map(\.label).joined(separator: " ")
    let padded = keys + String(repeating: " ", count: max(1, 14 - keys.count))
    guard let obstacle = model.obstacle(to: binding.command) else {
      return Line("  " + padded, .accent).adding(binding.text)
    }
    let text = binding.text.padded(24)
    return Line("  " + padded + text, .dim).adding("  off: " + obstacle, .warning)
  }
}
