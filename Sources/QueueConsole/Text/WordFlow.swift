import QueueInspection

/// Where words go in rows of so many columns: what wraps a text and what only counts its rows agree by
/// it.
///
/// A word that is longer than a row is cut. Rows but the first are indented by ``indent``.
struct WordFlow {
  static let indent = 2

  let width: Int
  /// Rows begun.
  private(set) var rows = 1
  private var used = 0

  /// Rows that are narrower than eight columns would hold next to nothing.
  init(width: Int) { self.width = max(8, width) }

  /// Takes text that has one look, word by word; each piece but a word's first begins a row.
  mutating func add(_ text: String, ascii: Bool, take: (_ pieces: [[VisibleText.Unit]]) -> Void) {
    var word: [VisibleText.Unit] = []
    for unit in VisibleText.units(text, ascii: ascii) {
      // Each word but the first has the blank before it.
      if unit.text == " " {
        take(pieces(of: word))
        word = []
      }
      word.append(unit)
    }
    take(pieces(of: word))
  }

  private mutating func pieces(of word: [VisibleText.Unit]) -> [[VisibleText.Unit]] {
    var pieces: [[VisibleText.Unit]] = [[]]
    var word = word[...]
    func begin(_ flow: inout WordFlow) {
      pieces.append([])
      flow.rows += 1
      flow.used = WordFlow.indent
    }
    if used + word.reduce(0, { $0 + $1.width }) > width, used > WordFlow.indent {
      begin(&self)
      word = word.drop { $0.text == " " }
    }
    for unit in word {
      if used + unit.width > width { begin(&self) }
      pieces[pieces.count - 1].append(unit)
      used += unit.width
    }
    return pieces
  }

  /// How many rows a text takes, given in pieces that each have a look of their own.
  static func rows(of pieces: [String], width: Int) -> Int {
    var flow = WordFlow(width: width)
    for piece in pieces { flow.add(piece, ascii: false) { _ in } }
    return flow.rows
  }
}
