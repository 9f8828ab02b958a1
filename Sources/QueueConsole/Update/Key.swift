/// A key as the terminal reports it.
package enum Key: Hashable, Sendable {
  case character(Character)
  case control(Character)
  case function(Int)
  case up, down, left, right, pageUp, pageDown, home, end
  case enter, escape, tab, backTab, backspace, delete

  /// How help and hints write it.
  package var label: String {
    switch self {
    case .character(" "): "Space"
    case .character(let character): String(character)
    case .control(let character): "^" + character.uppercased()
    case .function(let number): "F\(number)"
    case .up: "Up"
    case .down: "Down"
    case .left: "Left"
    case .right: "Right"
    case .pageUp: "PgUp"
    case .pageDown: "PgDn"
    case .home: "Home"
    case .end: "End"
    case .enter: "Enter"
    case .escape: "Esc"
    case .tab: "Tab"
    case .backTab: "S-Tab"
    case .backspace: "Backspace"
    case .delete: "Del"
    }
  }
}

extension Key {
  /// The key of a label, as configuration files write it: `D`, `^D`, `F5`, `Space`, `PgUp`.
  package init?(label: String) {
    let named: [Key] = [
      .up, .down, .left, .right, .pageUp, .pageDown, .home, .end, .enter, .escape, .tab, .backTab,
      .backspace, .delete, .character(" "),
    ]
    if let key = named.first(where: { $0.label.lowercased() == label.lowercased() }) {
      self = key
    } else if label.count == 1, let character = label.first, !character.isNewline {
      self = .character(character)
    } else if label.count == 2, label.first == "^", let letter = label.lowercased().last,
      letter.isASCII, letter.isLetter
    {
      self = .control(letter)
    } else if label.uppercased().hasPrefix("F"), let number = Int(label.dropFirst()),
      (1...24).contains(number)
    {
      self = .function(number)
    } else {
      return nil
    }
  }
}
