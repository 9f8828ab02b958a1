import DiskQueueTesting
import Foundation
import SystemPackage
import Testing

extension Scenarios {
  @Test func `a drain writes a file, then the queue is empty`() async throws {
    let target = try TemporaryDirectory()
    let file = target.path.string + "/out.ndjson"
    try await withConsole(over: "clean-rolled", ["--write"]) { console, directory in
      try await console.see("jobs", "[WRITE]")
      try await console.press("D")
      try await console.see("DRAIN jobs", "Target:")
      try await console.press("C-u")
      try await console.type(file)
      try await console.press("Enter")
      try await console.see("Will move 40 messages", "the name differs")
      try await console.type("job")
      try await console.press("Enter")
      try await console.see("the name differs")
      #expect(!FileManager.default.fileExists(atPath: file))
      try await console.type("s")
      try await console.see("Enter applies")
      try await console.press("Enter")
      try await console.see("DRAIN done", "40 messages; depth is now 0")
      let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
      #expect(lines.count == 40)
      #expect(lines[0].contains(#""queue":"jobs","file":0,"offset":0,"size":20,"text":"m0000000"#))
      #expect(try messages(of: "jobs", in: directory).isEmpty)
    }
  }
}
