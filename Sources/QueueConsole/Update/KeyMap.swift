/// What a key asks for.
package enum Command: String, Sendable, CaseIterable {
  case lineUp, lineDown, pageUp, pageDown, halfUp, halfDown, top, bottom, enter, back
  case quit, quitNow, help, filter, nextSort, previousSort, reverseSort
  case pause, refresh, slower, faster, redraw, suspend, interrupt
  case inject, drain, empty, repair, undo, unlock, check, badFiles
}

/// Which keys ask for what, and how help says it: the one table the program runs on.
package struct KeyMap: Sendable {
  /// Where help lists a binding.
  package enum Group: String, Sendable, CaseIterable {
    case move = "MOVE"
    case view = "FIND AND VIEW"
    case clock = "CLOCK"
    case act = "ACT (each shows a plan and asks)"
    case leave = "LEAVE"
  }

  /// One line of help.
  package struct Binding: Sendable {
    package var command: Command
    package var keys: [Key]
    package var text: String
    package var group: Group
  }

  package let bindings: [Binding]
  private let commands: [Key: Command]

  package init(_ bindings: [Binding] = KeyMap.standard) {
    self.bindings = bindings
    var commands: [Key: Command] = [:]
    for binding in bindings { for key in binding.keys { commands[key] = binding.command } }
    self.commands = commands
  }

  package subscript(key: Key) -> Command? { commands[key] }

  /// What people used to htop, k9s and lazygit guess right.
  ///
  /// No Ctrl-letter acts.
  package static let standard: [Binding] = [
    .init(command: .lineUp, keys: [.up, .character("k")], text: "line up", group: .move),
    .init(command: .lineDown, keys: [.down, .character("j")], text: "line down", group: .move),
    .init(command: .pageUp, keys: [.pageUp, .control("b")], text: "page up", group: .move),
    .init(command: .pageDown, keys: [.pageDown, .control("f")], text: "page down", group: .move),
    .init(command: .halfUp, keys: [.control("u")], text: "half a page up", group: .move),
    .init(command: .halfDown, keys: [.control("d")], text: "half a page down", group: .move),
    .init(command: .top, keys: [.character("g"), .home], text: "first", group: .move),
    .init(command: .bottom, keys: [.character("G"), .end], text: "last", group: .move),
    .init(
      command: .enter, keys: [.enter, .character("l"), .right], text: "open the queue",
      group: .move),
    .init(
      command: .back, keys: [.escape, .left, .character("h")], text: "back", group: .move),
    .init(
      command: .filter, keys: [.character("/"), .function(4), .character("\\")],
      text: "filter (!x excludes)", group: .view),
    .init(
      command: .nextSort, keys: [.function(6), .character("o"), .character(">")],
      text: "next order", group: .view),
    .init(command: .previousSort, keys: [.character("<")], text: "previous order", group: .view),
    .init(command: .reverseSort, keys: [.character("I")], text: "reverse order", group: .view),
    .init(
      command: .help, keys: [.character("?"), .function(1)], text: "this help", group: .view),
    .init(
      command: .badFiles, keys: [.character("b")], text: ".bad files, what can be saved",
      group: .view),
    .init(
      command: .check, keys: [.character("c")], text: "check: read every record", group: .view),
    .init(command: .redraw, keys: [.control("l")], text: "draw anew", group: .view),
    .init(command: .pause, keys: [.character("z")], text: "pause, go on", group: .clock),
    .init(
      command: .refresh, keys: [.character("R"), .function(5)], text: "refresh now",
      group: .clock),
    .init(command: .slower, keys: [.character("+")], text: "longer interval", group: .clock),
    .init(command: .faster, keys: [.character("-")], text: "shorter interval", group: .clock),
    .init(command: .inject, keys: [.character("i")], text: "inject a message", group: .act),
    .init(command: .drain, keys: [.character("D")], text: "drain to a file", group: .act),
    .init(command: .empty, keys: [.character("X")], text: "empty", group: .act),
    .init(command: .repair, keys: [.character("P")], text: "repair", group: .act),
    .init(
      command: .undo, keys: [.character("u")], text: "undo the last act on the queue",
      group: .act),
    .init(command: .unlock, keys: [.character("W")], text: "unlock, lock writing", group: .act),
    .init(
      command: .quit, keys: [.character("q")], text: "back; at the top: quit", group: .leave),
    .init(
      command: .quitNow, keys: [.character("Q"), .function(10)], text: "quit", group: .leave),
    .init(
      command: .interrupt, keys: [.control("c")], text: "cancel the running job, else quit",
      group: .leave),
    .init(command: .suspend, keys: [.control("z")], text: "suspend", group: .leave),
  ]
}
