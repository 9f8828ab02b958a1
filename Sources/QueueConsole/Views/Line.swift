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
    var flow = WordFlow(width: width)
    var lines = [Line()]
    for (text, role) in parts {
      flow.add(text, ascii: ascii) { pieces in
        for (index, piece) in pieces.enumerated() {
          if index > 0 { lines.append(Line(String(repeating: " ", count: WordFlow.indent))) }
          if piece.isEmpty { continue }
          lines[lines.count - 1].parts.append((piece.map(\.text).joined(), role))
        }
      }
    }
    return lines
  }
}

extension Frame {
  /// Draws a line from `column`.
  package mutating func put(_ line: Line, row: Int, column: Int = 0) {
    var at = column
    for (text, role) in line.parts { at = put(text, row: row, column: at, role: role) }
  }
}
