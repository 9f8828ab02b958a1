import DiskQueueTesting
import Testing

extension Scenarios {
  @Test func `a read-only console changes nothing, whatever is pressed`() async throws {
    try await withConsole(over: "missing-meta") { console, directory in
      let before = try directory.contents()
      try await console.see("jobs")
      for key in ["i", "D", "X", "P", "S", "u", "Z"] {
        try await console.press(key)
        try await console.see("read-only: W unlocks")
        try await console.press("y", "Enter", "Escape", "R")
        try await console.see("QUEUE")
      }
      try await console.press("W")
      try await console.see("Unlock writing")
      try await console.press("n")
      try await console.see("[READ-ONLY]")
      #expect(try directory.contents() == before)
    }
  }
}
