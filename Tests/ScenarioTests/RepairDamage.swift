import DiskQueueTesting
import Testing

extension Scenarios {
  @Test(arguments: [
    ("missing-meta", "rebuild-metadata", "metadata-missing"), ("torn-tail", "cut", "torn-tail"),
    ("meta-read-past-write", "rebuild-metadata", "read-past-write"),
    ("tmp-left-behind", "move", "leftover-temporary"),
  ])
  func `a repair is found, planned and applied`(fixture: String, step: String, finding: String)
    async throws
  {
    try await withConsole(over: fixture, ["--write", "--queue", "jobs"]) { console, directory in
      try await console.see(finding)
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
      try await console.see("nothing to do for jobs")
    }
  }
}
