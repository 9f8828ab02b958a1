import DiskQueueTesting
import Testing

extension Scenarios {
  private func names(_ console: ConsoleDriver) async throws -> [String] {
    try await console.screen().dropFirst(4).prefix(4).map { row in
      String(row.dropFirst(2).prefix { $0 != " " })
    }.filter { !$0.isEmpty }
  }

  @Test func `filter narrows the list and sort reorders it`() async throws {
    try await withConsole(over: "nsqd-clean") { console, _ in
      try await console.see("4 queues")
      #expect(
        try await names(console) == ["orders:audit", "orders:billing", "clicks.web", "orders"])
      try await console.press("o")
      try await console.see("ordered by name")
      #expect(
        try await names(console) == ["clicks.web", "orders", "orders:audit", "orders:billing"])
      try await console.press("I")
      try await console.see("QUEUE^")
      #expect(
        try await names(console) == ["orders:billing", "orders:audit", "orders", "clicks.web"])
      try await console.press("/")
      try await console.type("!orders")
      try await console.seeNoRow("orders:audit")
      #expect(try await names(console) == ["clicks.web"])
      try await console.press("Escape")
      try await console.see("  orders:audit   ")
    }
  }
}
