import DiskQueue
import DiskQueueTesting
import Foundation
import SystemPackage
import Testing

extension Scenarios {
  private func texts(of queue: String, in directory: TemporaryDirectory) throws -> [String] {
    try messages(of: queue, in: directory).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Fills in a form's target and goes on to the plan.
  private func fill(_ console: ConsoleDriver, _ text: String) async throws {
    try await console.press("C-u")
    try await console.type(text)
    try await console.press("Enter")
  }

  private func confirm(_ console: ConsoleDriver, _ phrase: String) async throws {
    try await console.see("to apply:")
    try await console.type(phrase)
    try await console.see("Enter applies")
    try await console.press("Enter")
  }

  @Test func `a poison message at the head is skipped, kept, and brought back`() async throws {
    try await withConsole(over: "clean-rolled", ["--write", "--queue", "jobs"]) {
      console, directory in
      let before = try directory.contents()
      try await console.press("S")
      try await console.see("SKIP jobs")
      try await fill(console, "3")
      try await console.see("Will pass over the first 3 messages")
      try await confirm(console, "jobs")
      try await console.see("SKIP done", "depth is now 37")
      #expect(try texts(of: "jobs", in: directory).first?.hasPrefix("m00000003") == true)
      try await console.press("Enter", "u")
      try await console.see("UNDO jobs")
      try await confirm(console, "jobs")
      try await console.see("UNDO done")
      #expect(try directory.contents() == before)
    }
  }

  @Test func `marked messages move to another queue, the others stay in order`() async throws {
    try await withConsole(over: "clean-rolled", ["--write", "--queue", "jobs"]) {
      console, directory in
      let all = try texts(of: "jobs", in: directory)
      try await console.press("m")
      try await console.see("40 messages at")
      try await console.press("j", "Space", "j", "j", "Space")
      try await console.see("2 marked")
      try await console.press("M")
      try await console.see("MOVE 2 messages of jobs")
      try await console.press("Up", "Right", "Down")
      try await fill(console, "poison")
      try await console.see("Will move 2 messages", "queue poison")
      try await confirm(console, "jobs")
      try await console.see("MOVE done", "depth is now 38")
      #expect(try texts(of: "poison", in: directory) == [all[1], all[4]])
      #expect(
        try texts(of: "jobs", in: directory)
          == all.enumerated().filter { ![1, 4].contains($0.0) }
          .map(\.1))
    }
  }

  @Test func `a drain goes to another queue, and to a command's input`() async throws {
    let file = try TemporaryDirectory()
    try await withConsole(over: "clean-rolled", ["--write"]) { console, directory in
      let all = try texts(of: "jobs", in: directory)
      try await console.see("jobs")
      try await console.press(":")
      try await console.type("drain-queue other")
      try await console.press("Enter")
      try await console.see("Will move 40 messages", "queue other")
      try await confirm(console, "jobs")
      try await console.see("DRAIN done")
      #expect(try texts(of: "other", in: directory) == all)
      try await console.press("Enter", ":")
      try await console.type("queue other")
      try await console.press("Enter", ":")
      try await console.type("exec echo no >&2; exit 3")
      try await console.press("Enter")
      try await confirm(console, "other")
      try await console.see("the command exited with 3", "no")
      #expect(try texts(of: "other", in: directory) == all)
      try await console.press("Enter", ":")
      try await console.type("exec cat > \(file.path.string)/out")
      try await console.press("Enter")
      try await confirm(console, "other")
      try await console.see("DRAIN done", "depth is now 0")
      let lines = try String(contentsOfFile: file.path.string + "/out", encoding: .utf8)
      #expect(lines == all.map { $0 + "\n" }.joined())
    }
  }

  @Test func `hex, files and repeats are injected, with an envelope where that is wanted`()
    async throws
  {
    let folder = try TemporaryDirectory()
    let path = folder.path.string + "/in"
    try Data("one\ntwo\n".utf8).write(to: URL(fileURLWithPath: path))
    try await withConsole(over: "clean-basic", ["--write", "--queue", "jobs"]) {
      console, directory in
      try await console.press("i")
      try await console.see("INJECT jobs")
      try await console.press("Up", "Right", "Down")
      try await fill(console, "00 ff 1b")
      try await console.see("Will put 1 message")
      try await console.press("y")
      try await console.see("INJECT done")
      #expect(try messages(of: "jobs", in: directory).last == [0, 0xFF, 0x1B])
      try await console.press("Enter", "i")
      try await console.press("Up", "Right", "Right", "Down")
      try await console.type(path)
      try await console.press("Down", "C-u")
      try await console.type("3")
      try await console.press("Down", "Right", "Enter")
      try await console.see("Will put 6 messages")
      try await console.press("y")
      try await console.see("INJECT done", "depth is now 12")
      let bodies = try messages(of: "jobs", in: directory).suffix(6).map {
        NSQEnvelope($0).map { String(decoding: $0.body, as: UTF8.self) }
      }
      #expect(bodies == ["one", "one", "one", "two", "two", "two"])
      try await console.press("Enter", "i", "Up", "Right", "Down")
      try await fill(console, "xyz")
      try await console.see("is not hexadecimal")
    }
  }

  @Test func `marked queues are emptied together, by the act and their number`() async throws {
    try await withConsole(over: "nsqd-clean", ["--write"]) { console, directory in
      try await console.at("orders:audit")
      try await console.press("Space", "Space")
      try await console.see("2 marked")
      try await console.press("X")
      try await console.see("EMPTY 2 queues", "In all 162 messages")
      try await console.type("orders:audit")
      try await console.press("Enter")
      try await console.see("the name differs")
      try await console.press("C-u")
      try await confirm(console, "empty 2")
      try await console.see(
        "EMPTY done", "orders:audit: 90 messages", "orders:billing: 72 messages")
      #expect(try messages(of: "orders:audit", in: directory).isEmpty)
      #expect(try messages(of: "orders:billing", in: directory).isEmpty)
      try await console.press("Enter", "L")
      try await console.see("ACTION orders:audit", "ACTION orders:billing", "empty 90 messages")
    }
  }

  @Test func `purging frees the backups, after it was typed`() async throws {
    try await withConsole(over: "clean-rolled", ["--write", "--queue", "jobs"]) {
      console, directory in
      try await console.press("X")
      try await confirm(console, "jobs")
      try await console.see("EMPTY done")
      let backup = directory.path.string + "/.diskq/backup"
      #expect(try FileManager.default.contentsOfDirectory(atPath: backup).count == 1)
      try await console.press("Enter", "a")
      try await console.see("Acts on jobs", "purge")
      try await console.press("Z")
      try await console.see("PURGE jobs", "cannot be undone then")
      try await confirm(console, "jobs")
      try await console.see("PURGE done", "freed")
      #expect(try FileManager.default.contentsOfDirectory(atPath: backup).isEmpty)
      try await console.press("Enter", "u")
      try await console.see("nothing to undo")
    }
  }
}
