import DiskQueueTesting
import Foundation
import SystemPackage
import Testing

extension Scenarios {
  @Test func `an emptied queue keeps its segments in the backup`() async throws {
    try await withConsole(over: "clean-rolled", ["--write"]) { console, directory in
      let before = try directory.contents()
      try await console.see("jobs", "[WRITE]")
      try await console.press("X")
      try await console.see("Will drop 40 messages")
      try await console.press("Enter")
      try await console.see("nothing was changed")
      #expect(try directory.contents() == before)
      try await console.press("X")
      try await console.see("Will drop 40 messages")
      try await console.type("jobs")
      try await console.press("Enter")
      try await console.see("EMPTY done", "depth is now 0")
      let backup = directory.path.string + "/.diskq/backup"
      let id = try #require(try FileManager.default.contentsOfDirectory(atPath: backup).first)
      for (name, bytes) in before {
        let kept = FileManager.default.contents(atPath: "\(backup)/\(id)/old/\(name)")
        #expect(kept.map { Array($0) } == bytes)
      }
      #expect(try directory.contents() == ["jobs.diskqueue.meta.dat": Array("0\n5,0\n5,0\n".utf8)])
    }
  }
}
