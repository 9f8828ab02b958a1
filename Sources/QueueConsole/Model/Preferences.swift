/// What an operator has chosen once and for all, or the standard.
package struct Preferences: Sendable {
  /// How a role looks on the terminal: colours are -1 for its own, or 0 to 255.
  package struct Style: Hashable, Sendable {
    package var foreground: Int
    package var background: Int
    package var bold = false
    package var dim = false
    package var reverse = false
    package var underline = false

    package init(foreground: Int = -1, background: Int = -1) {
      self.foreground = foreground
      self.background = background
    }
  }

  /// When a number is worth a warning.
  package struct Thresholds: Hashable, Sendable {
    /// Seconds that a read position stands still with messages waiting.
    package var stall: Int64 = 60
    /// Percent of the file system that are free.
    package var diskFree: Int64 = 5
    /// Messages in one queue; nil for no limit.
    package var depth: Int64?

    package init() {}
  }

  package var keys = KeyMap()
  package var interval: Double?
  /// The list's columns by their names; nil for all that fit.
  package var columns: [String]?
  package var theme: [Role: Style] = [:]
  package var thresholds = Thresholds()
  /// What was wrong with the file they came from, with its lines.
  package var complaints: [String] = []

  package init() {}
}
