import DiskQueueTesting
import Testing

extension Scenarios {
  @Test(arguments: [
    ("missing-meta", "rebuild-metadata", "metadata-missing"), ("torn-tail", "cut", "torn-tail"),
    ("meta-read-past-write", "rebuild-metadata", "read-past-write"),
    ("tmp-left-behind", "move", "leftover-temporary"),
    ("length-off-by-some", "rebuild", "bad-length"),
  ])
  func `a repair is found, planned and applied`(fixture: String, step: String, finding: String)
    async throws
  {
    try await withConsole(over: fixture, ["--write", "--queue", "jobs"]) { console, directory in
      try await console.press("c")
      try await console.see("checked", finding)
      let before = try directory.contents()
      let owed = try Fixture(fixture).queues[0].owed
      try await console.press("P")
      try await console.see("REPAIR jobs", "- " + step)
      try await console.type("jobs")
      try await console.press("Enter")
      try await console.see("REPAIR done")
      try await console.press("Enter")
      try await console.see("nothing is wrong")
      #expect(try messages(of: "jobs", in: directory).suffix(owed.count) == owed[...])
      try await console.press("P")
      try await console.see("nothing to repair")
      try await undo(console)
      #expect(try directory.contents() == before)
    }
  }

  @Test func `what a .bad file still owes is seen, put back, and taken out again`() async throws {
    try await withConsole(over: "bad-file-left", ["--write"]) { console, directory in
      let before = try directory.contents()
      try await console.see("BAD 1")
      try await console.press("b")
      try await console.see("salvageable", "5 messages, certain", "delivered already")
      try await console.press("P")
      try await console.see("REPAIR jobs", "- requeue")
      try await console.type("jobs")
      try await console.press("Enter")
      try await console.see("REPAIR done", "depth is now 11")
      try await console.press("Enter", "1")
      try await console.see("nothing is wrong")
      let owed = try Fixture("bad-file-left").queues[0].owed
      #expect(Set(try messages(of: "jobs", in: directory)) == Set(owed))
      try await undo(console)
      #expect(try directory.contents() == before)
    }
  }

  /// Undoes the last act from a queue's page.
  private func undo(_ console: ConsoleDriver) async throws {
    try await console.press("u")
    try await console.see("UNDO jobs", "every file as it was before it")
    try await console.type("jobs")
    try await console.press("Enter")
    try await console.see("UNDO done")
    try await console.press("Enter")
  }
}
