/// The box of a dialog: where it is, and which of its lines fit.
struct DialogLayout: Hashable, Sendable {
  let left: Int
  let width: Int
  let rows: Range<Int>
  /// The lines in sight, by their places among all.
  let lines: Range<Int>
  /// The row of a line of its own that is typed into; nil without one.
  let input: Int?

  /// - Parameters:
  ///   - layout: the screen.
  ///   - count: how many lines it has.
  ///   - hasInput: whether it has a line of its own that is typed into.
  ///   - field: the line among the others that is typed into, which stays in sight.
  init(_ layout: Layout, count: Int, hasInput: Bool, field: Int?) {
    width = DialogLayout.width(layout)
    left = (layout.columns - width) / 2
    let room = max(1, layout.rows - 6)
    let skipped = field.map { max(0, min($0 - room + 2, count - room)) } ?? 0
    lines = skipped..<min(count, skipped + room)
    let height = lines.count + (hasInput ? 4 : 3)
    let top = max(0, (layout.rows - height) / 2)
    rows = top..<(top + height)
    input = hasInput ? rows.upperBound - 3 : nil
  }

  private static func width(_ layout: Layout) -> Int { min(layout.columns - 2, 78) }

  /// Columns for text between the borders.
  static func textWidth(_ layout: Layout) -> Int { width(layout) - 4 }

  /// The column text begins on, and the one it ends before.
  var text: Range<Int> { (left + 2)..<max(left + 2, left + width - 2) }

  /// The row of the hint.
  var hint: Int { rows.upperBound - 2 }

  /// The row of a line in sight.
  func row(of line: Int) -> Int { rows.lowerBound + 1 + line - lines.lowerBound }
}
