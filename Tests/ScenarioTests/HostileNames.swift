import DiskQueue
import DiskQueueTesting
import Testing

extension Scenarios {
  @Test func `a hostile queue name is shown, never obeyed`() async throws {
    let directory = try TemporaryDirectory()
    for name in ["a\u{1B}[2J\u{1B}]0;pwned\u{7}", "b\u{202E}txt", "\u{301}climbs", "c\nd", "世界"] {
      let queue = try DiskQueue(name, directory: directory.path)
      try queue.put("x")
      try queue.close()
    }
    try await withConsole(in: directory, columns: 120, rows: 40) { console in
      try await console.see(
        "a<1B>[2J<1B>]0;pwned<07>", "b<U+202E>txt", "<U+0301>climbs", "c<0A>d", "世界")
      try await console.see("5 queues", "qQuit")
    }
  }
}
