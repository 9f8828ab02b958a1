import QueueInspection

/// A line of text in pieces, each with its role.
package struct Line: Hashable, Sendable {
  package var parts: [(text: String, role: Role)] = []

  package init(_ text: String = "", _ role: Role = .normal) {
    if !text.isEmpty { parts = [(text, role)] }
  }

  package static func == (left: Line, right: Line) -> Bool {
    left.parts.elementsEqual(right.parts) { $0 == $1 }
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(text) }

  package var text: String { parts.map(\.text).joined() }

  /// This line with one more piece.
  package func adding(_ text: String, _ role: Role = .normal) -> Line {
    var line = self
    line.parts.append((text, role))
    return line
  }
}

extension Line {
  /// This line broken at blanks into lines of at most `width` columns, as a terminal shows them; what
  /// follows the first is indented by two.
  ///
  /// A word that is longer than a line is cut.
  package func wrapped(to width: Int, ascii: Bool = false) -> [Line] {
    var wrapping = Wrapping(width: max(8, width))
    for (text, role) in parts {
      var word: [VisibleText.Unit] = []
      for unit in VisibleText.units(text, ascii: ascii) {
        // Each word but the first has the blank before it.
        if unit.text == " " {
          wrapping.add(word, role)
          word = []
        }
        word.append(unit)
      }
      wrapping.add(word, role)
    }
    return wrapping.lines + [wrapping.line]
  }

  private struct Wrapping {
    let width: Int
    var lines: [Line] = []
    var line = Line()
    private var used = 0

    init(width: Int) { self.width = width }

    private mutating func begin() {
      lines.append(line)
      line = Line("  ")
      used = 2
    }

    mutating func add(_ word: [VisibleText.Unit], _ role: Role) {
      var word = word[...]
      if used + word.reduce(0, { $0 + $1.width }) > width, used > 2 {
        begin()
        word = word.drop { $0.text == " " }
      }
      var text = ""
      for unit in word {
        if used + unit.width > width {
          line = line.adding(text, role)
          text = ""
          begin()
        }
        text += unit.text
        used += unit.width
      }
      line = line.adding(text, role)
    }
  }
}

extension Frame {
  /// Draws a line from `column`.
  package mutating func put(_ line: Line, row: Int, column: Int = 0) {
    var at = column
    for (text, role) in line.parts { at = put(text, row: row, column: at, role: role) }
  }
}
