import DiskQueueTesting
import Foundation
import SystemPackage
import Testing

extension Scenarios {
  @Test func `the configuration's keys, columns and interval are used, its mistakes named`()
    async throws
  {
    let home = try TemporaryDirectory()
    let folder = URL(fileURLWithPath: home.path.string + "/diskq")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(
      """
      interval = 0.5
      columns = ["depth", "files", "owner"]
      colour = "red"
      [keys]
      check = ["F7"]
      """.utf8
    ).write(to: folder.appendingPathComponent("config.toml"))
    let environment = ["XDG_CONFIG_HOME": home.path.string]
    try await withConsole(over: "nsqd-clean", environment: environment) { console, _ in
      try await console.see("0.5s LIVE", "FILES", "OWNER", "line 3: colour")
      try await console.press("F7")
      try await console.see("checked orders:audit: 90 messages")
    }
  }

  @Test func `the mouse selects, opens and scrolls where it is wanted`() async throws {
    try await withConsole(over: "nsqd-clean", ["--mouse"]) { console, _ in
      try await console.at("orders:audit")
      // X10 reports, as this terminal sends them: button, column and row, each 32 more.
      func click(row: Int) -> String {
        let row = String(Character(Unicode.Scalar(UInt8(32 + row))))
        return "\u{1B}[M %\(row)\u{1B}[M#%\(row)"
      }
      try await console.type(click(row: 7))
      try await console.at("clicks.web")
      try await console.type(click(row: 6) + click(row: 6))
      try await console.see("> orders:billing", "[Summary]")
    }
  }

  @Test func `a missing terminal is told, with a way out`() async throws {
    let directory = try Fixture("nsqd-clean").copy()
    let outcome = try await Program.diskq([directory.path.string])
    #expect(outcome.code == 5)
    #expect(outcome.output.isEmpty)
  }
}
