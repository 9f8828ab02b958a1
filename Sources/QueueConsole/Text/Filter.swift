/// A word that is to be in a text, or with a mark before it is not to be.
struct Filter {
  private let part: String
  private let excludes: Bool

  init(_ text: String) {
    let word = text.lowercased()
    excludes = word.hasPrefix("!")
    part = excludes ? String(word.dropFirst()) : word
  }

  /// Whether a text is shown; all are while there is no word.
  func passes(_ text: @autoclosure () -> String) -> Bool {
    part.isEmpty || text().lowercased().contains(part) != excludes
  }
}
