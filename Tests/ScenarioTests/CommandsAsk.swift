import DiskQueueTesting
import SystemPackage
import Testing

extension Scenarios {
  @Test func `a command on a terminal shows its plan and asks for the name`() async throws {
    let directory = try Fixture("clean-basic").copy()
    let before = try directory.contents()
    try await ConsoleDriver.run { console in
      let line = "'\(Program.diskq.string)' empty '\(directory.path.string)' jobs; echo code $?"
      try await console.type(line)
      try await console.press("Enter")
      try await console.see("empty jobs: 5 messages", "Type the queue's name to apply:")
      try await console.type("yes")
      try await console.press("Enter")
      try await console.see("not confirmed", "code 5")
      #expect(try directory.contents() == before)
      try await console.type("clear; " + line)
      try await console.press("Enter")
      try await console.see("Type the queue's name to apply:")
      try await console.type("jobs")
      try await console.press("Enter")
      try await console.see("dropped 5 messages", "code 0")
    }
  }
}
