import DiskQueueTesting
import Testing

extension Scenarios {
  @Test func `the hardware cursor sits on the selected row`() async throws {
    try await withConsole(over: "nsqd-clean") { console, _ in
      try await console.see("> orders:audit")
      #expect(try await console.cursor() == "0,4")
      try await console.press("j")
      try await console.see("> orders:billing")
      #expect(try await console.cursor() == "0,5")
      try await console.press("G")
      try await console.see("> orders ")
      #expect(try await console.cursor() == "0,7")
    }
  }
}
