/// What a key asks for.
package enum Command: String, Sendable, CaseIterable {
  case lineUp, lineDown, pageUp, pageDown, halfUp, halfDown, top, bottom, enter, back, nextPane
  case tab1, tab2, tab3, tab4, tab5, messages, badFiles, events
  case help, filter, search, findNext, findPrevious, command
  case mark, unmarkAll, invertMarks, nextSort, previousSort, reverseSort, wide
  case view, wrap, copy, export
  case pause, refresh, slower, faster, historyBack, historyForward, follow
  case menu, inject, drain, empty, repair, undo, skip, move, purge, check, unlock
  case quit, quitNow, interrupt, suspend, redraw

  /// Those that open a queue's pages, in their order.
  static let tabs: [Command] = [.tab1, .tab2, .tab3, .tab4, .tab5]

  /// Whether it leads to a change of a queue.
  package var isAct: Bool {
    switch self {
    case .inject, .drain, .empty, .repair, .undo, .skip, .move, .purge: true
    default: false
    }
  }
}

/// Which keys ask for what, and how help says it: the one table the program runs on.
package struct KeyMap: Sendable {
  /// Where help lists a binding.
  package enum Group: String, Sendable, CaseIterable {
    case move = "MOVE"
    case find = "FIND AND ORDER"
    case view = "VIEW"
    case clock = "CLOCK"
    case act = "ACT (each shows a plan and asks)"
    case leave = "OUT"
  }

  /// One line of help.
  package struct Binding: Sendable {
    package var command: Command
    package var keys: [Key]
    package var text: String
    package var group: Group
  }

  package private(set) var bindings: [Binding]
  private var commands: [Key: Command] = [:]

  package init(_ bindings: [Binding] = KeyMap.standard) {
    self.bindings = bindings
    for binding in bindings { for key in binding.keys { commands[key] = binding.command } }
  }

  package subscript(key: Key) -> Command? { commands[key] }

  /// The first key of a command, as hints write it.
  package func label(_ command: Command) -> String {
    bindings.first { $0.command == command }?.keys.first?.label ?? ""
  }

  /// Why a command cannot have these keys; nil when it can.
  package func objection(to keys: [Key], for command: Command) -> String? {
    if keys.isEmpty { return "no key is given" }
    for key in keys {
      if command.isAct, case .control = key { return "an act is never on a Ctrl key" }
      if let other = commands[key], other != command { return "\(key.label) is \(other.rawValue)" }
    }
    return nil
  }

  /// Gives a command other keys, which ``objection(to:for:)`` has nothing against.
  package mutating func bind(_ command: Command, to keys: [Key]) {
    guard let index = bindings.firstIndex(where: { $0.command == command }) else { return }
    for key in bindings[index].keys { commands[key] = nil }
    bindings[index].keys = keys
    for key in keys { commands[key] = command }
  }

  private static func bind(_ command: Command, _ group: Group, _ text: String, _ keys: Key...)
    -> Binding
  {
    Binding(command: command, keys: keys, text: text, group: group)
  }

  /// What people used to htop, k9s and lazygit guess right.
  ///
  /// No Ctrl-letter acts.
  package static let standard: [Binding] = moving + finding + viewing + clock + acts + leaving

  private static let moving: [Binding] = [
    bind(.lineUp, .move, "line up", .up, .character("k")),
    bind(.lineDown, .move, "line down", .down, .character("j")),
    bind(.pageUp, .move, "page up", .pageUp, .control("b")),
    bind(.pageDown, .move, "page down", .pageDown, .control("f")),
    bind(.halfUp, .move, "half a page up", .control("u")),
    bind(.halfDown, .move, "half a page down", .control("d")),
    bind(.top, .move, "first", .character("g"), .home),
    bind(.bottom, .move, "last", .character("G"), .end),
    bind(.enter, .move, "go in", .enter, .character("l"), .right),
    bind(.back, .move, "back", .escape, .left, .character("h")),
    bind(.nextPane, .move, "next pane", .tab),
  ]

  private static let finding: [Binding] = [
    bind(.filter, .find, "filter (!x excludes)", .character("/"), .function(4), .character("\\")),
    bind(.search, .find, "search", .function(3)),
    bind(.findNext, .find, "next match", .character("n")),
    bind(.findPrevious, .find, "match before", .character("N")),
    bind(.command, .find, "command, Tab completes", .character(":")),
    bind(.mark, .find, "mark", .character(" ")),
    bind(.unmarkAll, .find, "unmark all", .character("U")),
    bind(.invertMarks, .find, "invert marks", .character("*")),
    bind(.nextSort, .find, "next order", .function(6), .character("o"), .character(">")),
    bind(.previousSort, .find, "previous order", .character("<")),
    bind(.reverseSort, .find, "reverse order", .character("I")),
  ]

  private static let viewing: [Binding] =
    [bind(.help, .view, "this help", .character("?"), .function(1))] + tabs + looks

  private static let tabs: [Binding] = zip(Command.tabs, Pages.tabs).enumerated().map {
    number, tab in
    bind(tab.0, .view, tab.1.help, .character(Character("\(number + 1)")))
  }

  private static let looks: [Binding] = [
    bind(.messages, .view, "messages", .character("m")),
    bind(.badFiles, .view, ".bad files, what can be saved", .character("b")),
    bind(.events, .view, "events and audit log", .character("L")),
    bind(.wide, .view, "more columns", .character("=")),
    bind(.view, .view, "JSON, text, hex", .character("t")),
    bind(.wrap, .view, "wrap long lines", .character("w")),
    bind(.copy, .view, "copy to the clipboard", .character("y")),
    bind(.export, .view, "export to a file", .character("e")),
    bind(.check, .view, "check: read every record", .character("c")),
  ]

  private static let clock: [Binding] = [
    bind(.pause, .clock, "pause, go on", .character("z")),
    bind(.refresh, .clock, "refresh now", .character("R"), .function(5)),
    bind(.slower, .clock, "longer interval", .character("+")),
    bind(.faster, .clock, "shorter interval", .character("-")),
    bind(.historyBack, .clock, "back in history", .character("[")),
    bind(.historyForward, .clock, "forward in history", .character("]")),
    bind(.follow, .clock, "follow the row, the tail", .character("F"), .character("f")),
  ]

  private static let acts: [Binding] = [
    bind(.menu, .act, "menu of acts", .character("a"), .function(9)),
    bind(.inject, .act, "inject messages", .character("i")),
    bind(.drain, .act, "drain (file, queue, command)", .character("D")),
    bind(.empty, .act, "empty", .character("X")),
    bind(.repair, .act, "repair", .character("P")),
    bind(.undo, .act, "undo the last act", .character("u")),
    bind(.skip, .act, "skip the first messages", .character("S")),
    bind(.move, .act, "move the messages chosen", .character("M")),
    bind(.purge, .act, "purge: free old backups", .character("Z")),
    bind(.unlock, .act, "unlock, lock writing", .character("W")),
  ]

  private static let leaving: [Binding] = [
    bind(.quit, .leave, "back; at the top: quit", .character("q")),
    bind(.quitNow, .leave, "quit", .character("Q"), .function(10)),
    bind(.interrupt, .leave, "cancel the job, else quit", .control("c")),
    bind(.suspend, .leave, "suspend", .control("z")),
    bind(.redraw, .leave, "draw anew", .control("l")),
  ]
}
