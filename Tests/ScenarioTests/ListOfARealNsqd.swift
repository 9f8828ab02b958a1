import DiskQueueTesting
import Testing

extension Scenarios {
  @Test(arguments: [(80, 24), (120, 40)])
  func `the list shows what a real nsqd left`(columns: Int, rows: Int) async throws {
    try await withConsole(over: "nsqd-clean", columns: columns, rows: rows) { console, directory in
      let before = try directory.contents()
      try await console.see("4 queues", "depth 167", "[READ-ONLY]")
      let screen = try await console.screen()
      for (name, depth, read, write) in [
        ("clicks.web ", "5", "000000@0", "000000@205"),
        ("orders ", "0", "000001@3220", "000001@3220"),
        ("orders:audit ", "90", "000000@0", "000001@3220"),
        ("orders:billing ", "72", "000000@3016", "000002@878"),
      ] {
        let row = try #require(screen.first { $0.dropFirst(2).hasPrefix(name) })
        let words = row.dropFirst(2).split(separator: " ").map(String.init)
        #expect(words.starts(with: [String(name.dropLast()), depth, "0"]))
        #expect(words.contains(read) && words.contains(write))
      }
      try await console.press("q")
      try await console.seePrompt()
      #expect(try directory.contents() == before)
    }
  }
}
