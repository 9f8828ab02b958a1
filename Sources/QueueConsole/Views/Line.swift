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

extension Frame {
  /// Draws a line from `column`.
  package mutating func put(_ line: Line, row: Int, column: Int = 0) {
    var at = column
    for (text, role) in line.parts { at = put(text, row: row, column: at, role: role) }
  }
}
