import DiskQueueTesting
import SystemPackage
import Testing

extension Scenarios {
  @Test(arguments: ["TERM", "HUP", "INT", "SEGV", "ABRT", "quit"])
  func `the terminal is whole again however the console ends`(end: String) async throws {
    let directory = try Fixture("nsqd-clean").copy()
    try await ConsoleDriver.run { console in
      let before = try await console.shell("stty -g")
      _ = try await console.shell("true")
      try await console.start(directory.path.string)
      if end == "quit" { try await console.press("Q") } else { try await console.signal(end) }
      try await console.seePrompt()
      #expect(try await console.shell("stty -g") == before)
    }
  }

  @Test(arguments: ["C-z", "TSTP"])
  func `a stopped console gives the terminal back and goes on with fg`(how: String) async throws {
    let directory = try Fixture("nsqd-clean").copy()
    try await ConsoleDriver.run { console in
      let before = try await console.shell("stty -g")
      try await console.start(directory.path.string)
      if how == "C-z" { try await console.press(how) } else { try await console.signal(how) }
      try await console.seePrompt()
      #expect(try await console.shell("stty -g") == before)
      try await console.type("fg")
      try await console.press("Enter")
      try await console.see("QUEUE", "orders:billing", "qQuit")
      try await console.press("j", "Enter")
      try await console.see("metadata")
      try await console.press("Q")
      try await console.seePrompt()
      #expect(try await console.shell("stty -g") == before)
    }
  }
}
