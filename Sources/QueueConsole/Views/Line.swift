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
  /// This line broken at blanks into lines of at most `width` columns; what follows the first is
  /// indented by two.
  ///
  /// A word that is longer than a line is cut.
  package func wrapped(to width: Int) -> [Line] {
    let width = max(8, width)
    var lines: [Line] = []
    var line = Line()
    var used = 0
    for (text, role) in parts {
      for word in text.split(separator: " ", omittingEmptySubsequences: false).joinedBlanks {
        var word = Substring(word)
        if used + word.count > width, used > 2 {
          lines.append(line)
          line = Line("  ")
          used = 2
          word = word.drop { $0 == " " }
        }
        while used + word.count > width {
          line = line.adding(String(word.prefix(width - used)), role)
          word = word.dropFirst(width - used)
          lines.append(line)
          line = Line("  ")
          used = 2
        }
        line = line.adding(String(word), role)
        used += word.count
      }
    }
    return lines + [line]
  }
}

extension [Substring] {
  /// The pieces of a split at blanks, each but the first with the blank before it.
  fileprivate var joinedBlanks: [String] {
    enumerated().map { index, piece in index == 0 ? String(piece) : " " + piece }
  }
}

extension Frame {
  /// Draws a line from `column`.
  package mutating func put(_ line: Line, row: Int, column: Int = 0) {
    var at = column
    for (text, role) in line.parts { at = put(text, row: row, column: at, role: role) }
  }
}
