/// Where one is among rows: the row that is chosen, and the first one in sight.
struct Cursor: Hashable, Sendable {
  var selected: Int
  var top: Int

  init(selected: Int = 0, top: Int = 0) {
    self.selected = selected
    self.top = top
  }

  /// On the last row, however many there are.
  static let last = Cursor(selected: .max)
}

/// Rows to move about in: how many there are, how many fit, and where one is, which is always on a
/// row that is there and in sight.
struct Rows: Hashable, Sendable {
  let count: Int
  /// How many fit, which is as far as a page key goes.
  let room: Int
  private(set) var cursor: Cursor
  /// Whether one of them is chosen; else they are only scrolled.
  let isChosen: Bool

  init(_ count: Int, room: Int, at cursor: Cursor, isChosen: Bool = true) {
    self.count = count
    self.room = max(1, room)
    self.cursor = cursor
    self.isChosen = isChosen
    settle()
  }

  /// The rows in sight.
  var shown: Range<Int> { cursor.top..<min(count, cursor.top + room) }

  /// Goes so many rows down, or up, as far as there are rows.
  mutating func move(_ by: Int) {
    if isChosen {
      cursor.selected = cursor.selected.clampedAdding(by)
    } else {
      cursor.top = cursor.top.clampedAdding(by)
    }
    settle()
  }

  private mutating func settle() {
    cursor.top = min(max(0, cursor.top), max(0, count - room))
    guard isChosen else { return }
    cursor.selected = max(0, min(cursor.selected, count - 1))
    cursor.top = min(cursor.top, cursor.selected)
    if cursor.selected >= cursor.top + room { cursor.top = cursor.selected - room + 1 }
  }
}

extension Int {
  /// The sum, however large the step.
  func clampedAdding(_ other: Int) -> Int {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other > 0 ? .max : .min) : sum
  }
}
