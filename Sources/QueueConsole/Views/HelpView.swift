/// The keys, from the map the program runs on; a key that is off says why.
package enum HelpView {
  /// The title and the bottom line.
  static let chrome = 2

  static func draw(_ model: Model, scroll: Int, in frame: inout Frame) {
    frame.paint(row: 0, role: .title)
    frame.put(" Help: keys (dim = off right now, with the reason)", row: 0, column: 0, role: .title)
    for (index, line) in lines(model).dropFirst(scroll).prefix(frame.rows - chrome).enumerated() {
      frame.put(line, row: 1 + index)
    }
    frame.put(" Esc closes   Up Down PgUp PgDn scroll", row: frame.rows - 1, column: 0, role: .dim)
    frame.cursor = (1, 0)
  }

  static func lines(_ model: Model) -> [Line] {
    var lines: [Line] = []
    for group in KeyMap.Group.allCases {
      lines.append(Line(" " + group.rawValue, .header))
      let entries = model.keys.bindings.filter { $0.group == group }.map { line($0, model) }
      if group == .act || model.columns < 76 {
        lines += entries
      } else {
        // Two columns where nothing has a reason to add.
        let half = (entries.count + 1) / 2
        for row in 0..<half {
          var line = entries[row]
          if row + half < entries.count {
            let gap = max(1, 38 - line.text.count)
            line = line.adding(String(repeating: " ", count: gap))
            line.parts += entries[row + half].parts
          }
          lines.append(line)
        }
      }
      lines.append(Line())
    }
    return lines
  }

  private static func line(_ binding: KeyMap.Binding, _ model: Model) -> Line {
    let keys = binding.keys.map(\.label).joined(separator: " ")
    let padded = keys + String(repeating: " ", count: max(1, 15 - keys.count))
    guard let obstacle = model.obstacle(to: binding.command) else {
      return Line("  " + padded, .accent).adding(binding.text)
    }
    return Line("  " + padded + binding.text, .dim).adding("  off: " + obstacle, .warning)
  }
}
