import DiskQueueTesting
import QueueConsole
import SystemPackage
import Testing

extension Scenarios {
  /// Every key of the map that help is made from, pressed by a person: the switch is over all
  /// commands, so a new one needs its line here.
  @Test(arguments: Command.allCases)
  func `every key in the help does what it says`(command: Command) async throws {
    let keys = KeyMap.standard.first { $0.command == command }?.keys ?? []
    for key in keys {
      var options = ["--interval", "0.2"]
      if command.isAct { options.append("--write") }
      try await withConsole(over: "nsqd-clean", options) { console, directory in
        try await console.at("orders:audit")
        try await press(key.tmuxName, for: command, console, directory)
      }
    }
  }

  private func press(
    _ key: String, for command: Command, _ console: ConsoleDriver,
    _ directory: TemporaryDirectory
  ) async throws {
    func see(_ text: String, after setUp: String...) async throws {
      for key in setUp { try await console.press(key) }
      try await console.press(key)
      try await console.see(text)
    }
    func at(_ queue: String, from last: Bool = false) async throws {
      if last {
        try await console.press("G")
        try await console.at("orders")
      }
      try await console.press(key)
      try await console.at(queue)
    }
    func inMessages(_ text: String) async throws {
      try await console.press("m")
      try await console.see("90 messages at", "item-0")
      try await see(text)
    }
    func change() async throws {
      _ = try await Program.diskq(["put", directory.path.string, "fresh", "--nsq", "--text", "x"])
      try await console.see("5 queues")
    }
    switch command {
    case .lineUp: try await at("clicks.web", from: true)
    case .lineDown: try await at("orders:billing")
    case .pageUp, .halfUp, .top: try await at("orders:audit", from: true)
    case .pageDown, .halfDown, .bottom: try await at("orders")
    case .enter: try await see("[Summary]")
    case .back:
      try await console.press("Enter")
      try await console.see("[Summary]")
      try await see("QUEUE")
    case .nextPane:
      try await console.press("Enter")
      try await console.see("[Summary]")
      try await see("[Segments]")
    case .tab1: try await see("[Summary]", after: "2")
    case .tab2: try await see("[Segments]")
    case .tab3, .messages: try await see("[Messages]")
    case .tab4: try await see("has no .bad files")
    case .badFiles: try await see("has no .bad files")
    case .tab5: try await see("[Events]")
    case .events: try await see("events and audit log")
    case .help: try await see("Help: queue list")
    case .filter:
      try await console.press(key)
      try await console.type("billing")
      try await console.press("Enter")
      try await console.see("filter: billing")
      try await console.seeNoRow("orders:audit")
    case .search:
      try await console.press(key)
      try await console.see("search:")
      try await console.type("web")
      try await console.press("Enter")
      try await console.at("clicks.web")
    case .findNext, .findPrevious:
      try await console.press("F3")
      try await console.type("orders")
      try await console.press("Enter")
      try await console.at("orders:billing")
      try await at(command == .findNext ? "orders" : "orders:audit")
    case .command:
      try await console.press(key)
      try await console.type("sort name")
      try await console.press("Enter")
      try await console.see("QUEUEv")
    case .mark: try await see("1 marked")
    case .unmarkAll:
      try await console.press("Space")
      try await console.see("1 marked")
      try await console.press(key)
      try await console.seeNo("marked")
    case .invertMarks: try await see("4 marked")
    case .nextSort: try await see("ordered by name")
    case .previousSort: try await see("ordered by still")
    case .reverseSort: try await see("DEPTH^")
    case .wide: try await see("OUT/s")
    case .view: try await inMessages("[text]")
    case .wrap: try await inMessages("long lines are cut")
    case .copy: try await inMessages("sent to the terminal's clipboard")
    case .export: try await inMessages("EXPORT 1 message")
    case .check: try await see("checked orders:audit: 90 messages, nothing is wrong")
    case .pause: try await see("PAUSED")
    case .refresh:
      try await console.press("z")
      try await console.see("PAUSED")
      _ = try await Program.diskq(["put", directory.path.string, "fresh", "--nsq", "--text", "x"])
      try await see("5 queues")
    case .slower: try await see("every 0.4s")
    case .faster: try await see("every 0.1s")
    case .historyBack:
      try await change()
      try await see("HISTORY")
    case .historyForward:
      try await change()
      try await console.press("[")
      try await console.see("HISTORY")
      try await console.press(key)
      try await console.seeNo("HISTORY")
    case .follow: try await see("the cursor stays on its row")
    case .menu: try await see("Acts on orders:audit")
    case .inject: try await see("INJECT orders:audit")
    case .drain: try await see("DRAIN orders:audit")
    case .empty: try await see("Will drop 90 messages")
    case .repair: try await see("nothing to repair")
    case .undo: try await see("nothing to undo")
    case .skip: try await see("SKIP orders:audit")
    case .move: try await inMessages("MOVE 1 message of orders:audit")
    case .purge: try await see("nothing to purge")
    case .unlock: try await see("Unlock writing")
    case .quit, .quitNow:
      try await console.press(key)
      try await console.seePrompt()
    case .interrupt: try await see("Leave diskq?")
    case .suspend:
      try await console.press(key)
      try await console.seePrompt()
      try await console.type("fg")
      try await console.press("Enter")
      try await console.see("QUEUE")
    case .redraw: try await see("QUEUE")
    }
  }
}

extension ConsoleDriver {
  /// Waits until the list has no row for a queue; an alert may still name it.
  func seeNoRow(_ queue: String) async throws {
    try await wait(for: "no row of \(queue)") { screen in
      !screen.dropFirst(4).contains { $0.dropFirst(2).prefix { $0 != " " } == queue }
    }
  }

  /// Waits until the list's cursor is on a queue.
  func at(_ queue: String) async throws {
    try await wait(for: "the cursor on \(queue)") { screen in
      screen.contains { line in
        line.hasPrefix(">") && line.dropFirst(2).prefix { $0 != " " } == queue
      }
    }
  }
}

extension Key {
  /// How tmux calls it.
  fileprivate var tmuxName: String {
    switch self {
    case .control(let letter): "C-\(letter)"
    case .pageUp: "PPage"
    case .pageDown: "NPage"
    case .escape: "Escape"
    default: label
    }
  }
}
