import QueueInspection

/// What a piece of the screen means; the terminal decides on colours and attributes.
package enum Role: UInt8, Sendable, CaseIterable {
  case normal, dim, title, header, selected, good, warning, error, accent, input, read, unread, bad
}

/// The screen as cells: views write here, never to a terminal, and tests read it as text.
package struct Frame: Hashable, Sendable {
  /// One column of one row; the second column of a wide character holds no text.
  package struct Cell: Hashable, Sendable {
    package var text = " "
    package var role = Role.normal
  }

  package let columns: Int
  package let rows: Int
  package private(set) var cells: [Cell]
  /// Where the terminal's cursor goes, so that screen readers and Braille displays follow.
  package var cursor: (row: Int, column: Int)?
  /// Whether names and payloads must be shown in ASCII only.
  package let ascii: Bool

  package init(columns: Int, rows: Int, ascii: Bool = false) {
    self.columns = max(0, columns)
    self.rows = max(0, rows)
    self.ascii = ascii
    self.cells = Array(repeating: Cell(), count: self.columns * self.rows)
  }

  package static func == (left: Frame, right: Frame) -> Bool {
    left.columns == right.columns && left.rows == right.rows && left.cells == right.cells
      && left.cursor?.row == right.cursor?.row && left.cursor?.column == right.cursor?.column
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(cells) }

  package subscript(row: Int, column: Int) -> Cell { cells[row * columns + column] }

  /// Writes `text` from `column`, clipped to `width` columns and to the frame; a wide character
  /// that would be cut in half is left out.
  ///
  /// Returns the column after it.
  @discardableResult
  package mutating func put(
    _ text: String, row: Int, column: Int, width: Int = .max, role: Role = .normal
  ) -> Int {
    put(
      VisibleText.units(text, ascii: ascii, columns: min(width, columns)), row: row,
      column: column, width: width, role: role)
  }

  /// As ``put(_:row:column:width:role:)-(String,_,_,_,_)`` for bytes that may not be UTF-8.
  @discardableResult
  package mutating func put(
    bytes: [UInt8], row: Int, column: Int, width: Int = .max, role: Role = .normal
  ) -> Int {
    put(
      VisibleText.units(bytes, ascii: ascii, columns: min(width, columns)), row: row,
      column: column, width: width, role: role)
  }

  private mutating func put(
    _ units: [VisibleText.Unit], row: Int, column: Int, width: Int, role: Role
  ) -> Int {
    guard row >= 0, row < rows, column >= 0 else { return column }
    var at = column
    let end = width > columns - column ? columns : column + width
    for unit in units {
      guard at + unit.width <= end else { break }
      clearWide(row: row, column: at)
      cells[row * columns + at] = Cell(text: unit.text, role: role)
      if unit.width == 2 {
        clearWide(row: row, column: at + 1)
        cells[row * columns + at + 1] = Cell(text: "", role: role)
      }
      at += unit.width
    }
    return at
  }

  /// Writing over one half of a wide character blanks the other.
  private mutating func clearWide(row: Int, column: Int) {
    let index = row * columns + column
    if cells[index].text.isEmpty, column > 0 { cells[index - 1].text = " " }
    if column + 1 < columns, cells[index + 1].text.isEmpty { cells[index + 1].text = " " }
  }

  /// Writes `text` so that it ends before `end`.
  package mutating func put(right text: String, row: Int, end: Int, role: Role = .normal) {
    let units = VisibleText.units(text, ascii: ascii)
    let width = units.reduce(0) { $0 + $1.width }
    _ = put(units, row: row, column: max(0, end - width), width: width, role: role)
  }

  /// Gives a whole row one role, keeping its text.
  package mutating func paint(row: Int, role: Role, from column: Int = 0, width: Int = .max) {
    guard row >= 0, row < rows, column >= 0, column < columns else { return }
    for at in column..<(width > columns - column ? columns : column + width) {
      cells[row * columns + at].role = role
    }
  }

  /// Blanks a rectangle.
  package mutating func clear(row: Int, column: Int, rows height: Int, columns width: Int) {
    for line in max(0, row)..<max(0, min(rows, row + height)) {
      for at in max(0, column)..<max(0, min(columns, column + width)) {
        clearWide(row: line, column: at)
        cells[line * columns + at] = Cell()
      }
    }
  }

  /// The frame as lines without trailing blanks, as tests compare it.
  package var lines: [String] {
    (0..<rows).map { row in
      var line = ""
      for cell in cells[(row * columns)..<((row + 1) * columns)] { line += cell.text }
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}
