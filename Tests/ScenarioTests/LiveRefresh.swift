import DiskQueue
import DiskQueueTesting
import SystemPackage
import Testing

extension Scenarios {
  @Test func `what another process does appears by itself, with its owner`() async throws {
    let directory = try TemporaryDirectory()
    try await withConsole(in: directory, columns: 120, rows: 40, ["--interval", "0.1"]) { console in
      try await console.see("There is no queue in this directory yet")
      let queue = try DiskQueue("fresh", directory: directory.path)
      try queue.put("one")
      try await console.see("fresh")
      try await console.press("Enter")
      try await console.see("owner     ", "\(Machine.processID) (queue lock)")
      for _ in 0..<1234 { try queue.put("x") }
      try queue.sync()
      try await console.see("1,235")
      _ = try queue.take(1000)
      try queue.sync()
      try await console.see("235")
      try queue.close()
      try await console.see("owner     nobody")
    }
  }

  @Test func `a paused console stands still until it goes on`() async throws {
    let directory = try TemporaryDirectory()
    _ = try await Program.diskq(["put", directory.path.string, "q", "--text", "x"])
    try await withConsole(in: directory, ["--interval", "0.1"]) { console in
      try await console.see("> q")
      try await console.press("z")
      try await console.see("PAUSED")
      _ = try await Program.diskq(["put", directory.path.string, "later", "--text", "x"])
      try await console.press("R")
      try await console.see("later")
      _ = try await Program.diskq(["put", directory.path.string, "last", "--text", "x"])
      try await console.press("z")
      try await console.see("LIVE", "last")
    }
  }
}
