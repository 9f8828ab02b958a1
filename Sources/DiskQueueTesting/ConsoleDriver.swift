import Foundation
import SystemPackage

/// A real terminal with a shell in it, driven as a person would: keys in, screen out.
package struct ConsoleDriver: Sendable {
  /// The screen never showed what a scenario waited for.
  package struct NeverSeen: Error, CustomStringConvertible {
    package var wanted: String
    package var screen: [String]
    package var description: String {
      "never saw \(wanted) on this screen:\n" + screen.joined(separator: "\n")
    }
  }

  private let socket = "diskq-\(UUID().uuidString)"
  private static let prompt = "ready$"

  /// Runs `body` in a terminal of its own that is gone afterwards.
  package static func run(
    columns: Int = 80, rows: Int = 24, environment: [String: String] = [:],
    _ body: (ConsoleDriver) async throws -> Void
  ) async throws {
    let driver = ConsoleDriver()
    var settings = ["LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "PS1": prompt]
    settings.merge(environment) { $1 }
    let words = ["env"] + settings.map { "\($0.key)=\($0.value)" } + ["sh", "-i"]
    _ = try await driver.tmux(
      ["-f", "/dev/null", "new-session", "-d", "-s", "t", "-x", "\(columns)", "-y", "\(rows)"]
        + words)
    do {
      // A terminal that takes the clipboard, as many do.
      _ = try await driver.tmux(["set", "-g", "set-clipboard", "on"])
      try await driver.see(prompt)
      try await body(driver)
      _ = try? await driver.tmux(["kill-server"])
    } catch {
      _ = try? await driver.tmux(["kill-server"])
      throw error
    }
  }

  private func tmux(_ arguments: [String]) async throws -> Program.Outcome {
    try await Program.run("tmux", ["-L", socket] + arguments)
  }

  /// Starts `diskq` with these words and waits for its first screen.
  package func start(_ arguments: String...) async throws {
    let words = [Program.diskq.string] + arguments
    try await type(words.map { "'\($0)'" }.joined(separator: " "))
    try await press("Enter")
    try await see("Help")
  }

  /// Presses keys by tmux's names: `Enter`, `Escape`, `j`, `C-d`, `F5`.
  package func press(_ keys: String...) async throws {
    for key in keys { _ = try await tmux(["send-keys", "-t", "t", key]) }
  }

  /// Types text as it is.
  package func type(_ text: String) async throws {
    _ = try await tmux(["send-keys", "-t", "t", "-l", text])
  }

  /// The screen as lines.
  package func screen() async throws -> [String] {
    try await tmux(["capture-pane", "-p", "-t", "t"]).text.split(
      separator: "\n", omittingEmptySubsequences: false
    ).map(String.init)
  }

  /// Waits until every text is on the screen.
  package func see(_ texts: String...) async throws {
    try await wait(for: texts.joined(separator: " | ")) { screen in
      texts.allSatisfy { text in screen.contains { $0.contains(text) } }
    }
  }

  /// Waits until the text is off the screen.
  package func seeNo(_ text: String) async throws {
    try await wait(for: "no \(text)") { screen in !screen.contains { $0.contains(text) } }
  }

  /// Waits until the shell has the terminal again.
  package func seePrompt() async throws {
    try await wait(for: "the prompt") { screen in
      screen.last { !$0.isEmpty } == Self.prompt
    }
  }

  /// Waits until `holds`; asks the screen again and again, for three minutes at the most.
  package func wait(for what: String, until holds: ([String]) -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(180)
    var last: [String] = []
    while ContinuousClock.now < end {
      last = try await screen()
      if holds(last) { return }
    }
    throw NeverSeen(wanted: what, screen: last)
  }

  /// Writes everything that is sent to the terminal to a file, from now on.
  package func record(to path: String) async throws {
    _ = try await tmux(["pipe-pane", "-t", "t", "cat > '\(path)'"])
  }

  /// What was put on the terminal's clipboard last.
  package func clipboard() async throws -> String {
    let end = ContinuousClock.now + .seconds(180)
    while ContinuousClock.now < end {
      let outcome = try await tmux(["show-buffer"])
      if outcome.code == 0 { return outcome.text }
    }
    throw NeverSeen(wanted: "a clipboard", screen: [])
  }

  /// Runs a command line in the shell and returns what it printed, without the prompt.
  package func shell(_ line: String) async throws -> [String] {
    try await type("clear; \(line); echo the-end")
    try await press("Enter")
    try await wait(for: "the end of \(line)") { $0.contains("the-end") }
    let screen = try await screen()
    return Array(screen.prefix { $0 != "the-end" })
  }

  /// Changes the size of the terminal.
  package func resize(columns: Int, rows: Int) async throws {
    _ = try await tmux(["resize-window", "-t", "t", "-x", "\(columns)", "-y", "\(rows)"])
  }

  /// Where the cursor is: column and row.
  package func cursor() async throws -> String {
    try await tmux(["display-message", "-p", "-t", "t", "#{cursor_x},#{cursor_y}"]).text
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// The process of the foreground program named `diskq` below this terminal's shell.
  package func process() async throws -> String {
    let shell = try await tmux(["display-message", "-p", "-t", "t", "#{pane_pid}"]).text
      .trimmingCharacters(in: .whitespacesAndNewlines)
    return try await Program.run("pgrep", ["-P", shell, "-x", "diskq"]).text
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Sends a signal by its name to `diskq`.
  package func signal(_ name: String) async throws {
    _ = try await Program.run("kill", ["-\(name)", process()])
  }
}
