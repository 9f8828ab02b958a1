import DiskQueueTesting
import Testing

extension Scenarios {
  @Test func `enter opens a queue's page and escape leads back`() async throws {
    try await withConsole(over: "nsqd-clean") { console, _ in
      try await console.select("orders:billing")
      try await console.press("Enter")
      try await console.see(
        "depth     72", "read      000000@3016", "write 000002@878", "[Summary]", "metadata")
      try await console.press("Enter")
      try await console.see("[Segments]", "000001   [", "> 000000")
      try await console.press("Enter")
      try await console.see("[Messages]", "72 messages at")
      try await console.press("Escape")
      try await console.see("QUEUE", "> orders:billing")
      try await console.press("l")
      try await console.see("metadata")
      try await console.press("h")
      try await console.see("QUEUE")
    }
  }
}
