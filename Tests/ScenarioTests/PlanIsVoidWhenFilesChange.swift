import DiskQueue
import DiskQueueTesting
import SystemPackage
import Testing

extension Scenarios {
  @Test func `a plan made before the files changed is void`() async throws {
    try await withConsole(over: "clean-basic", ["--write"]) { console, directory in
      try await console.see("jobs", "[WRITE]")
      try await console.press("X")
      try await console.see("Will drop 5 messages")
      let put = try await Program.diskq(
        ["put", directory.path.string, "jobs", "--text", "came meanwhile"])
      #expect(put.code == 0)
      try await console.type("jobs")
      try await console.press("Enter")
      try await console.see("changed since the plan was made")
      #expect(try messages(of: "jobs", in: directory).count == 6)
    }
  }

  @Test func `an owner that appears in between is refused`() async throws {
    try await withConsole(over: "clean-basic", ["--write", "--interval", "60"]) {
      console, directory in
      try await console.see("jobs", "[WRITE]")
      try await console.press("X")
      try await console.see("Will drop 5 messages")
      let queue = try DiskQueue("jobs", directory: directory.path)
      try await console.type("jobs")
      try await console.press("Enter")
      try await console.see("in use by process \(Machine.processID)")
      #expect(queue.depth == 5)
      try queue.close()
    }
  }
}
