/// What the keys that move act on: a page, or the part of it that they are in.
protocol Pane: Sendable {
  /// Its rows, and where one is among them.
  func rows(in model: Model) -> Rows

  /// Goes so many rows down, or up; returns what has to be read for that.
  func move(_ by: Int, in model: inout Model) -> [Effect]

  /// Goes in, as Enter asks for.
  func enter(in model: inout Model) -> [Effect]

  /// Goes a step back inside of it; false when there is none, so that the page is left.
  func back(_ key: Key?, in model: inout Model) -> Bool
}

extension Pane {
  func enter(in model: inout Model) -> [Effect] { [] }

  func back(_ key: Key?, in model: inout Model) -> Bool { false }
}
