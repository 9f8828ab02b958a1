import DiskQueueTesting
import Foundation
import SystemPackage
import Testing

@testable import ConsoleRuntime
@testable import QueueConsole

@Suite struct PreferencesTests {
  private func parse(_ text: String) -> Preferences { ConfigurationFile.parse(Array(text.utf8)) }

  @Test func `every setting is taken`() {
    let preferences = parse(
      """
      # what an operator likes
      interval = 2.5
      columns = ["depth", "in", "eta"]

      [thresholds]
      stall = 300
      disk_free = 10
      depth = 100_000

      [theme]
      error = "white on red bold"
      dim = "244"

      [keys]
      drain = ["F7"]
      wrap = "D"
      """)
    #expect(preferences.complaints.isEmpty)
    #expect(preferences.interval == 2.5)
    #expect(preferences.columns == ["depth", "in", "eta"])
    #expect(preferences.thresholds.stall == 300 && preferences.thresholds.diskFree == 10)
    #expect(preferences.thresholds.depth == 100_000)
    var error = Preferences.Style(foreground: 7, background: 1)
    error.bold = true
    #expect(preferences.theme[.error] == error)
    #expect(preferences.theme[.dim] == Preferences.Style(foreground: 244))
    #expect(preferences.keys[.function(7)] == .drain)
    #expect(preferences.keys[.character("D")] == .wrap)
    #expect(preferences.keys[.character("w")] == nil)
  }

  @Test func `what makes no sense is named with its line, and the rest is used`() {
    let preferences = parse(
      """
      interval = 900
      colour = "red"
      columns = ["depth", "width"]
      [thresholds]
      stall = "long"
      disk_free = 7
      [theme]
      error = "loud"
      nothing = "red"
      [keys]
      drain = "^D"
      empty = "NoSuchKey"
      inject = "q"
      fly = "x"
      check = "C"
      """)
    let lines = preferences.complaints.map { $0.split(separator: ":")[0] }
    #expect(
      lines == [1, 2, 3, 5, 8, 9, 11, 12, 13, 14].map { "line \($0)" }
        || Set(lines)
          == Set([1, 2, 3, 5, 8, 9, 11, 12, 13, 14].map { "line \($0)" })
    )
    #expect(preferences.thresholds.diskFree == 7)
    #expect(preferences.keys[.character("C")] == .check)
    // An act that was given no good key keeps its own.
    #expect(preferences.keys[.character("D")] == .drain)
    #expect(preferences.keys[.character("i")] == .inject)
    #expect(preferences.keys[.character("q")] == .quit)
    #expect(preferences.keys[.control("d")] == .halfDown)
  }

  @Test func `a line that is no TOML is named and left out`() {
    let preferences = parse("interval = 2\nwhat is this\n[thresholds]\nstall = = 3\ndepth = 5\n")
    #expect(preferences.complaints.map { $0.prefix(6) } == ["line 2", "line 4"])
    #expect(preferences.interval == 2)
    #expect(preferences.thresholds.depth == 5)
  }

  @Test(arguments: ["", "\"\"\"", "[[[[", "a = \"", "\u{0}", "interval = [1, 2", "=", "[keys"])
  func `no text brings it down`(text: String) {
    _ = parse(text)
  }

  @Test func `bytes of all kinds do not bring it down`() {
    for seed in 0..<300 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      let pool = Array("[]=\"'\n#., abc123\\u{}".utf8) + [0xFF, 0xC3, 0]
      let bytes = (0..<Int.random(in: 0...80, using: &random)).compactMap { _ in
        pool.randomElement(using: &random)
      }
      _ = ConfigurationFile.parse(bytes)
    }
  }

  @Test func `it is found where the base directory specification says`() {
    #expect(
      ConfigurationFile.path(["XDG_CONFIG_HOME": "/x", "HOME": "/h"]) == "/x/diskq/config.toml")
    #expect(
      ConfigurationFile.path(["XDG_CONFIG_HOME": "x", "HOME": "/h"])
        == "/h/.config/diskq/config.toml")
    #expect(ConfigurationFile.path([:]) == nil)
    #expect(ConfigurationFile.read("/nowhere/config.toml").complaints.isEmpty)
  }

  @Test func `keys are read as they are written`() {
    for key in KeyMap.standard.flatMap(\.keys) {
      #expect(Key(label: key.label) == key, "\(key.label)")
    }
    #expect(Key(label: "F25") == nil && Key(label: "") == nil && Key(label: "ab") == nil)
  }
}
