import DiskQueueTesting
import Testing

extension Scenarios {
  @Test func `any size runs, and a storm of sizes does no harm`() async throws {
    try await withConsole(over: "nsqd-clean") { console, _ in
      for (columns, rows) in [(40, 10), (20, 5), (2, 2), (1, 1), (200, 60), (80, 24)] {
        try await console.resize(columns: columns, rows: rows)
        // The only cell of a 1x1 screen is its last, which most terminals cannot be made to write.
        if columns > 1 {
          try await console.see(columns >= 40 ? "QUEUE" : columns >= 20 ? "too small" : "to")
        }
      }
      for step in 0..<500 {
        try await console.resize(columns: 10 + step % 90, rows: 3 + step % 30)
      }
      try await console.resize(columns: 80, rows: 24)
      try await console.see("QUEUE", "orders:billing", "qQuit")
      try await console.press("q")
      try await console.seePrompt()
    }
  }
}
