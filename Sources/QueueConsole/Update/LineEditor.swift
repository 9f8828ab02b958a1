import QueueInspection

/// One line of typed text with a cursor, of bounded size.
package struct LineEditor: Hashable, Sendable {
  /// Bytes that are enough for a name, a path, a pattern or a command.
  package static let usualLimit = 4096
  /// Bytes that are enough for a message; more comes from a file.
  package static let messageLimit = 65_536

  package private(set) var characters: [Character]
  package private(set) var cursor: Int
  /// Its bytes as UTF-8.
  private var size: Int
  package let limit: Int

  package init(_ text: String = "", limit: Int = usualLimit) {
    characters = Array(text)
    cursor = characters.count
    size = text.utf8.count
    self.limit = limit
  }

  package var text: String { String(characters) }

  /// Whether there may be no room for one more character.
  package var isFull: Bool { size > limit - 4 }

  /// Puts text where the cursor is, as much as there is room for; returns whether all of it was.
  ///
  /// A run of text costs one move of what is behind the cursor, however long it is.
  package mutating func insert(_ text: [Character]) -> Bool {
    var count = 0
    for character in text {
      let more = character.utf8.count
      guard size + more <= limit else { break }
      size += more
      count += 1
    }
    if count > 0 {
      characters.insert(contentsOf: text[..<count], at: cursor)
      cursor += count
    }
    return count == text.count
  }

  /// Takes a key; false when it means nothing to an editor.
  package mutating func take(_ key: Key) -> Bool {
    switch key {
    case .character(let character): _ = insert([character])
    case .backspace, .control("h"):
      guard cursor > 0 else { return true }
      cursor -= 1
      size -= characters.remove(at: cursor).utf8.count
    case .delete:
      if cursor < characters.count { size -= characters.remove(at: cursor).utf8.count }
    case .left: cursor = max(0, cursor - 1)
    case .right: cursor = min(characters.count, cursor + 1)
    case .home, .control("a"): cursor = 0
    case .end, .control("e"): cursor = characters.count
    case .control("u"):
      size -= characters[..<cursor].reduce(0) { $0 + $1.utf8.count }
      characters.removeFirst(cursor)
      cursor = 0
    default: return false
    }
    return true
  }

  /// The part around the cursor that fits into `columns`, and the cursor's column in it.
  package func window(_ columns: Int, ascii: Bool) -> (text: String, cursor: Int) {
    func width(_ character: Character) -> Int {
      VisibleText.units(String(character), ascii: ascii).reduce(0) { $0 + $1.width }
    }
    let space = max(1, columns)
    var first = cursor
    var before = 0
    while first > 0 {
      // The cursor itself needs a column.
      let more = width(characters[first - 1])
      guard before + more < space else { break }
      before += more
      first -= 1
    }
    // No character is narrower than nothing: so many are enough.
    return (String(characters[first..<min(characters.count, cursor + space)]), before)
  }
}
