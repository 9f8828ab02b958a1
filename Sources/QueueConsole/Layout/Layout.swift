/// What is where on a screen of a size: views draw by it and moves go by it, so that neither has to
/// ask the other.
struct Layout: Hashable, Sendable {
  /// Below this nothing useful fits.
  static let smallest = (columns: 40, rows: 10)

  let columns: Int
  let rows: Int

  init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
  }

  /// Whether the screen says so and shows nothing else.
  var isTooSmall: Bool {
    columns < Layout.smallest.columns || rows < Layout.smallest.rows
  }

  /// The row of the tabs, below the title.
  var tabs: Int { 1 }

  /// The rows of a queue's page: below the tabs, and above the two rows at the bottom.
  var page: Range<Int> { 2..<max(3, rows - 2) }

  /// The last row of a page, for words about what is under the cursor.
  var foot: Int { rows - 3 }

  /// The row of what happened last, or runs.
  var message: Int { rows - 2 }

  /// The row of the hints, or of the line that is typed.
  var hints: Int { rows - 1 }

  /// The rows of the help's entries: between its title and the row at the bottom.
  var help: Range<Int> { 1..<max(2, rows - 1) }
}

extension Model {
  /// What is where on the screen as large as it is.
  var layout: Layout { Layout(columns: columns, rows: rows) }
}
