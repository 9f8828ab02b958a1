/// A key worth knowing on a page, as its last row tells it.
struct Hint: Hashable, Sendable {
  let command: Command
  let text: String

  init(_ command: Command, _ text: String) {
    self.command = command
    self.text = text
  }

  static let acts = Hint(.menu, "Acts")
  static let write = Hint(.unlock, "Write")
  static let back = Hint(.back, "Back")
}

/// A few words about how a page is set, which go before what happened last.
struct Remark: Hashable, Sendable {
  let text: String
  let role: Role
  /// Columns it may take: however long it is, what is said after it stays in sight.
  var width = Int.max
  /// Columns that are left blank after it.
  var gap = 0
}
