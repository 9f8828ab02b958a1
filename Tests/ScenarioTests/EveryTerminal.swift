import DiskQueueTesting
import SystemPackage
import Testing

extension Scenarios {
  @Test(
    arguments: ["xterm-256color", "tmux-256color", "linux", "vt100", "xterm", "nonsense"],
    ["C.UTF-8", "C"])
  func `every kind of terminal and locale shows the list`(term: String, locale: String)
    async throws
  {
    let environment = ["TERM": term, "LC_ALL": locale, "LANG": locale, "NO_COLOR": "1"]
    try await withConsole(over: "nsqd-clean", environment: environment) { console, _ in
      try await console.see("4 queues", "orders:billing", "[READ-ONLY]")
      try await console.press("W")
      try await console.see(locale == "C" ? "+- Unlock writing" : "┌─ Unlock writing")
      try await console.press("Escape")
      try await console.seeNo("Unlock writing")
    }
  }

  @Test func `a terminal that cannot move its cursor is told, with a way out`() async throws {
    let directory = try Fixture("nsqd-clean").copy()
    try await ConsoleDriver.run(environment: ["TERM": "dumb"]) { console in
      let lines = try await console.shell("\(Program.diskq) \(directory.path); echo code $?")
      #expect(lines.contains { $0.contains("diskq status") })
      #expect(lines.contains("code 5"))
    }
  }
}
