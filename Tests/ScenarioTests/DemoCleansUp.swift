import DiskQueueTesting
import Foundation
import SystemPackage
import Testing

extension Scenarios {
  @Test(arguments: ["Q", "TERM"])
  func `the demo lives, and leaves nothing behind`(end: String) async throws {
    let place = try TemporaryDirectory().path.string
    try await ConsoleDriver.run { console in
      try await console.start("demo", place)
      try await console.see("11 queues", "BAD 1", "orders:billing", "thumbs:resize")
      let screen = try await console.screen()
      let total = screen[1]
      try await console.wait(for: "a moving depth") { $0[1] != total && $0[1].contains("queues") }
      if end == "Q" { try await console.press("Q") } else { try await console.signal(end) }
      try await console.seePrompt()
      #expect(!FileManager.default.fileExists(atPath: place))
    }
  }
}
