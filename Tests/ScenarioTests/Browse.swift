import DiskQueue
import DiskQueueTesting
import Foundation
import SystemPackage
import Testing

extension Scenarios {
  @Test func `millions of messages are scrolled, searched and left without reading them all`()
    async throws
  {
    let directory = try TemporaryDirectory()
    var options = DiskQueue.Options()
    options.maxBytesPerFile = 1 << 20
    let queue = try DiskQueue("big", directory: directory.path, options: options)
    for start in stride(from: 0, to: 1_000_000, by: 10_000) {
      try queue.put(contentsOf: (start..<(start + 10_000)).map { Array("message \($0)".utf8) })
    }
    try queue.close()
    try await withConsole(in: directory) { console in
      try await console.see("1,000,000")
      try await console.press("m")
      try await console.see("message 0", "1,000,000 messages at")
      try await console.press("G")
      try await console.see("message 999999", "1,000,000  0000")
      try await console.press("k", "k")
      try await console.see("message 999997")
      try await console.press("g")
      try await console.see(">        1")
      try await console.press("/")
      try await console.type("message 777777")
      try await console.press("Enter")
      try await console.see("> ", "message 777777", "  777,778")
      try await console.press("n")
      try await console.see("no message with")
      try await console.press("N")
      try await console.see("no message with")
    }
  }

  @Test func `payloads are shown as JSON, text and hex, and copied to the clipboard`() async throws
  {
    let directory = try TemporaryDirectory()
    _ = try await Program.diskq([
      "put", directory.path.string, "q", "--nsq", "--text", #"{"order":7,"lines":[{"sku":"A"}]}"#,
    ])
    try await withConsole(in: directory) { console in
      try await console.press("m")
      try await console.see("attempts 0", #"  "order": 7,"#, #"      "sku": "A""#, "JSON yes")
      try await console.press("t")
      try await console.see("[text]", #"{"order":7,"lines":[{"sku":"A"}]}"#)
      try await console.press("t")
      try await console.see("[hex]", "7b 22 6f 72 64 65")
      try await console.press("y")
      try await console.see("sent to the terminal's clipboard")
      #expect(try await console.clipboard() == #"{"order":7,"lines":[{"sku":"A"}]}"#)
    }
  }

  @Test func `a terminal without a clipboard is told so, and sent nothing`() async throws {
    try await withConsole(over: "clean-basic", environment: ["TERM": "linux"]) { console, _ in
      try await console.press("y")
      try await console.see("this terminal has no clipboard")
    }
  }

  @Test func `marked messages are copied to a file and leave the queue as it is`() async throws {
    let target = try TemporaryDirectory().path.string
    try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
    try await withConsole(over: "clean-rolled", ["--queue", "jobs"]) { console, directory in
      let before = try directory.contents()
      try await console.press("m")
      try await console.see("m0000000")
      try await console.press("Space", "j", "Space")
      try await console.see("2 marked")
      try await console.press("e")
      try await console.see("EXPORT 2 messages")
      try await console.press("C-u")
      try await console.type(target + "/out")
      try await console.press("Enter")
      try await console.see("2 messages copied")
      let text = try String(contentsOfFile: target + "/out", encoding: .utf8)
      #expect(text.split(separator: "\n").count == 2)
      #expect(try directory.contents() == before)
    }
    try FileManager.default.removeItem(atPath: target)
  }

  @Test func `events are written to a file, and never over one that is there`() async throws {
    let target = try TemporaryDirectory()
    let file = target.path.string + "/events"
    try await withConsole(over: "clean-basic", ["--interval", "0.1"]) { console, directory in
      try await console.see("> jobs")
      _ = try await Program.diskq(["put", directory.path.string, "fresh", "--text", "x"])
      try await console.see("2 queues")
      for text in ["written to", "File exists"] {
        try await console.press("L", "e")
        try await console.see("EXPORT events")
        try await console.press("C-u")
        try await console.type(file)
        try await console.press("Enter")
        try await console.see(text)
      }
      let lines = try String(contentsOfFile: file, encoding: .utf8)
      #expect(lines.contains("NEW fresh"))
      try await console.press("Escape", ":")
      try await console.type("export \(file)2")
      try await console.press("Enter")
      try await console.see("messages and events can be exported")
    }
  }

  /// No byte of a payload or a name reaches the terminal as a control.
  @Test func `hostile payloads are shown, never obeyed`() async throws {
    let hostile: [[UInt8]] = [
      Array("\u{1B}]0;pwned\u{7}\u{1B}[31mred\u{1B}c".utf8),
      Array("a\u{202E}b\u{200B}c\u{FEFF}d".utf8),
      Array("\u{301}\u{301}\u{301}climb".utf8), Array("世界\u{1F600}wide".utf8),
      [0xFF, 0xC0, 0x80, 0xE2, 0x80], [0x9B, 0x33, 0x31, 0x6D] + Array("c1".utf8),
      Array((0...0x1F).map { UInt8($0) }) + [0x7F], Array(#"{"a":"\u001b[31m","b":"‮"}"#.utf8),
    ]
    let directory = try TemporaryDirectory()
    let queue = try DiskQueue("q", directory: directory.path)
    try queue.put(contentsOf: hostile)
    try queue.close()
    try await ConsoleDriver.run { console in
      let log = directory.path.string + "/.screen"
      try await console.record(to: log)
      try await console.start(directory.path.string)
      try await console.press("m")
      try await console.see("<1B>]0;pwned<07>")
      for _ in hostile {
        for _ in 0..<3 { try await console.press("t") }
        try await console.press("j")
      }
      try await console.press("k", "k", "k", "k", "k", "k")
      try await console.see("<U+202E>")
      try await console.press("Q")
      try await console.seePrompt()
      let sent = try Data(contentsOf: URL(fileURLWithPath: log))
      for bytes in [
        "\u{1B}]0;", "\u{1B}c", "\u{1B}[31mred", "\u{202E}", "\u{200B}", "\u{FEFF}", "\u{7}",
      ] {
        #expect(sent.range(of: Data(bytes.utf8)) == nil, "\(bytes.debugDescription)")
      }
      for byte in [0xFF, 0xC0, 0x01, 0x02] as [UInt8] { #expect(!sent.contains(byte)) }
      #expect(sent.count > 2000)
    }
  }
}
