import DiskQueueTesting
import Testing

extension Scenarios {
  @Test func `help lists the keys and says why an act is off`() async throws {
    try await withConsole(over: "nsqd-clean") { console, _ in
      try await console.press("?")
      try await console.see("MOVE", "line up")
      try await console.press("/")
      try await console.type("drain")
      try await console.see("ACT", "off: read-only: W unlocks writing")
      try await console.press("Enter", "Enter")
      try await console.see("read-only: W unlocks writing", "QUEUE")
      try await console.press("?")
      try await console.see("MOVE")
      try await console.press("Escape")
      try await console.seeNo("MOVE")
      try await console.press("F1")
      try await console.see("MOVE")
    }
  }
}
