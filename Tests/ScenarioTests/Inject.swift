import DiskQueueTesting
import Testing

extension Scenarios {
  @Test func `a typed message goes to the end of the queue`() async throws {
    try await withConsole(over: "clean-basic") { console, directory in
      try await console.see("jobs")
      try await console.unlock()
      try await console.press("i")
      try await console.see("INJECT jobs", "Text:")
      try await console.type("hello wörld")
      try await console.press("Enter")
      try await console.see("Will put 1 message", "y puts it in")
      try await console.press("n")
      try await console.see("nothing was changed")
      #expect(try messages(of: "jobs", in: directory).count == 5)
      try await console.press("i")
      try await console.type("hello wörld")
      try await console.press("Enter")
      try await console.see("y puts it in")
      try await console.press("y")
      try await console.see("INJECT done")
      #expect(try messages(of: "jobs", in: directory).last == Array("hello wörld".utf8))
      #expect(try messages(of: "jobs", in: directory).count == 6)
    }
  }
}
