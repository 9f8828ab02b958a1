import DiskQueue
import DiskQueueTesting
import Foundation
import SystemPackage
import Testing

/// The real binary: what it prints, what it returns, and what it leaves.
@Suite struct CommandTests {
  private static func lines(_ range: ClosedRange<Int>) -> [UInt8] {
    Array(range.map { "\($0)\n" }.joined().utf8)
  }

  private static func object(_ outcome: Program.Outcome) throws -> [String: Any] {
    try #require(
      JSONSerialization.jsonObject(with: Data(outcome.output)) as? [String: Any])
  }

  @Test(arguments: ["104857600", "200", "1"])
  func `what one process puts another takes, in order`(bytesPerFile: String) async throws {
    let directory = try TemporaryDirectory()
    let limit = ["--max-bytes-per-file", bytesPerFile]
    let input = CommandTests.lines(1...(bytesPerFile == "1" ? 50 : 1000))
    let put = try await Program.diskq(["put", directory.path.string, "q"] + limit, input: input)
    #expect(put.code == 0)
    let take = try await Program.diskq(["take", directory.path.string, "q", "--all"] + limit)
    #expect(take.code == 0)
    #expect(take.output == input)
    let again = try await Program.diskq(["take", directory.path.string, "q", "--all"] + limit)
    #expect(again.code == 4)
    let left = try directory.contents().keys
    #expect(left.allSatisfy { $0.hasPrefix("q.diskqueue.") })
    #expect(left.count <= 2)
  }

  @Test func `status tells the same as the metadata of a real nsqd`() async throws {
    let fixture = try Fixture("nsqd-clean")
    let outcome = try await Program.diskq(["status", fixture.data.string, "--json"])
    #expect(outcome.code == 0)
    let queues = try #require(CommandTests.object(outcome)["queues"] as? [[String: Any]])
    let depths = Dictionary(
      uniqueKeysWithValues: queues.map { ($0["name"] as? String ?? "", $0["depth"] as? Int ?? -1) })
    #expect(depths == ["clicks.web": 5, "orders": 0, "orders:audit": 90, "orders:billing": 72])
    let billing = try #require(queues.first { $0["name"] as? String == "orders:billing" })
    #expect(billing["read"] as? [String: Int] == ["file": 0, "position": 3016])
    #expect(billing["write"] as? [String: Int] == ["file": 2, "position": 878])
    #expect(billing["owner"] is NSNull)
    let text = try await Program.diskq(["status", fixture.data.string])
    #expect(text.text.contains("orders:billing     72  0@3016   2@878"))
  }

  static let mistakes: [([String], Int32)] = [
    (["status", "/nonexistent"], 4), (["status", "DIR", "nope"], 4), (["status", "DIR"], 4),
    (["peek", "DIR", "nope"], 4), (["take", "DIR", "nope"], 4), (["check", "DIR"], 4),
    (["drain", "DIR", "nope", "--to-file", "-"], 4), (["empty", "DIR", "nope", "--yes"], 4),
    (["repair", "DIR"], 4), (["put", "DIR", "../x", "--text", "t"], 64),
    (["take", "DIR", "a/b"], 64), (["put", "DIR", "", "--text", "t"], 64),
    (["put", "/nonexistent", "q", "--text", "t"], 4), (["status", "/etc/passwd"], 4),
    (["put", "DIR", "q", "--text", "t", "--max-bytes-per-file", "0"], 64),
    (["put", "DIR", "q", "--text", "long", "--max-message-size", "3"], 5),
    (["put", "DIR", "q", "--format", "nope"], 64), (["take", "DIR", "q", "-n", "-1"], 64),
    (["nope", "DIR", "x", "y"], 64), (["console", "DIR"], 5), (["console", "/nonexistent"], 4),
    (["DIR", "--interval", "0"], 64), ([], 64), (["--version"], 0), (["help", "put"], 0),
    (["demo"], 5),
  ]

  @Test(arguments: mistakes)
  func `each mistake has its exit code and changes nothing`(words: [String], code: Int32)
    async throws
  {
    let directory = try TemporaryDirectory()
    let outcome = try await Program.diskq(words.map { $0 == "DIR" ? directory.path.string : $0 })
    #expect(outcome.code == code)
    #expect((code == 0) == outcome.errors.isEmpty)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path.string).isEmpty)
  }

  @Test func `damage gives exit code 2 and is named`() async throws {
    let directory = try Fixture("torn-tail").copy()
    let before = try directory.contents()
    for verb in ["status", "check"] {
      let outcome = try await Program.diskq([verb, directory.path.string, "--json"])
      #expect(outcome.code == 2)
      let queues = try #require(CommandTests.object(outcome)["queues"] as? [[String: Any]])
      let findings = try #require(queues[0]["findings"] as? [[String: Any]])
      #expect(
        findings.contains { $0["code"] as? String == "torn-tail" && $0["offset"] as? Int == 120 })
    }
    #expect(try directory.contents() == before)
  }

  @Test func `a queue that is open elsewhere gives exit code 3 and the holder`() async throws {
    let directory = try TemporaryDirectory()
    let queue = try DiskQueue("q", directory: directory.path)
    try queue.put("mine")
    // Something for a repair to do, or it would need no lock.
    try Data().write(
      to: URL(fileURLWithPath: directory.path.string + "/q.diskqueue.meta.dat.1.tmp"))
    for words in [
      ["put", directory.path.string, "q", "--text", "x"], ["take", directory.path.string, "q"],
      ["drain", directory.path.string, "q", "--to-file", "-"],
      ["empty", directory.path.string, "q", "--yes"],
      ["repair", directory.path.string, "q", "--yes"],
    ] {
      let outcome = try await Program.diskq(words)
      #expect(outcome.code == 3)
      #expect(outcome.errors.contains("\(Machine.processID)"))
    }
    let status = try await Program.diskq(["status", directory.path.string, "--json"])
    let queues = try #require(CommandTests.object(status)["queues"] as? [[String: Any]])
    let owner = try #require(queues[0]["owner"] as? [String: Any])
    #expect(owner["pid"] as? Int32 == Machine.processID)
    #expect(owner["lock"] as? String == "queue")
    #expect(try queue.take()?.text == "mine")
  }

  @Test func `drain appends to a file and keeps what it read in the backup`() async throws {
    let directory = try Fixture("clean-rolled").copy()
    let target = directory.path.string + ".out"
    defer { try? FileManager.default.removeItem(atPath: target) }
    try Data("before\n".utf8).write(to: URL(fileURLWithPath: target))
    let dry = try await Program.diskq(
      ["drain", directory.path.string, "jobs", "--to-file", target, "--dry-run"])
    #expect(dry.code == 0)
    #expect(try Data(contentsOf: URL(fileURLWithPath: target)) == Data("before\n".utf8))
    let before = try directory.contents()
    let outcome = try await Program.diskq(
      [
        "drain", directory.path.string, "jobs", "--to-file", target, "--format", "hex", "--batch",
        "7",
      ])
    #expect(outcome.code == 0)
    let owed = try Fixture("clean-rolled").queues[0].owed
    let written = try String(contentsOf: URL(fileURLWithPath: target), encoding: .utf8)
      .split(separator: "\n").dropFirst().map { unhex(String($0)) }
    #expect(written == owed)
    // The last segment is as long as its owner's finished ones.
    #expect(try directory.contents()["jobs.diskqueue.meta.dat"] == Array("0\n5,0\n5,0\n".utf8))
    let backups = directory.path.string + "/.diskq/backup"
    let id = try #require(try FileManager.default.contentsOfDirectory(atPath: backups).first)
    for name in [
      "jobs.diskqueue.000000.dat", "jobs.diskqueue.000003.dat", "jobs.diskqueue.meta.dat",
    ] {
      let kept = FileManager.default.contents(atPath: "\(backups)/\(id)/old/\(name)")
      #expect(kept.map { Array($0) } == before[name])
    }
  }

  @Test func `put repeats each message, and keeps to a rate`() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.path.string
    let put = try await Program.diskq(
      ["put", path, "q", "--repeat", "3", "--rate", "1000"], input: Array("a\nb\n".utf8))
    #expect(put.code == 0)
    let take = try await Program.diskq(["take", path, "q", "--all"])
    #expect(take.text == "a\na\na\nb\nb\nb\n")
    for wrong in [["--repeat", "0"], ["--rate", "0"], ["--rate", "-5"]] {
      #expect(try await Program.diskq(["put", path, "q", "--text", "t"] + wrong).code == 64)
    }
  }

  @Test func `drain moves a queue behind another, in order and to the last byte`() async throws {
    let directory = try Fixture("clean-binary").copy()
    let path = directory.path.string
    let before = try await Program.diskq(["peek", path, "jobs", "--all", "--format", "hex"])
    _ = try await Program.diskq(["put", path, "other:x", "--text", "first"])
    let drain = try await Program.diskq(
      ["drain", path, "jobs", "--to-queue", "other:x", "--batch", "2"])
    #expect(drain.code == 0)
    #expect(try await Program.diskq(["take", path, "jobs"]).code == 4)
    let take = try await Program.diskq(["take", path, "other:x", "--all", "--format", "hex"])
    #expect(take.text == "6669727374\n" + before.text)
    for wrong in [
      ["drain", path, "jobs"], ["drain", path, "jobs", "--to-queue", "jobs"],
      ["drain", path, "jobs", "--to-file", "x", "--to-queue", "y"],
      ["drain", path, "jobs", "--to-file", "x", "--to-dir", path],
      ["drain", path, "jobs", "--to-queue", "../x"],
    ] {
      #expect(try await Program.diskq(wrong).code == 64, "\(wrong)")
    }
  }

  @Test func `empty and repair refuse without a terminal unless told yes`() async throws {
    let directory = try Fixture("missing-meta").copy()
    let before = try directory.contents()
    for verb in ["empty", "repair"] {
      let outcome = try await Program.diskq([verb, directory.path.string, "jobs"])
      #expect(outcome.code == 5)
    }
    #expect(try directory.contents() == before)
    let repair = try await Program.diskq(["repair", directory.path.string, "jobs", "--yes"])
    #expect(repair.code == 0)
    let check = try await Program.diskq(["check", directory.path.string])
    #expect(check.code == 0)
    let again = try await Program.diskq(["repair", directory.path.string, "--yes", "--json"])
    let object = try CommandTests.object(again)
    #expect((object["plan"] as? [Any])?.isEmpty == true)
    #expect(object["applied"] as? Bool == false)
    let empty = try await Program.diskq(["empty", directory.path.string, "jobs", "--yes"])
    #expect(empty.code == 0)
    let status = try await Program.diskq(["take", directory.path.string, "jobs"])
    #expect(status.code == 4)
    let audit = try String(
      contentsOfFile: directory.path.string + "/.diskq/audit.jsonl", encoding: .utf8)
    #expect(audit.split(separator: "\n").count == 2)
  }

  @Test func `a closed pipe ends quietly and loses nothing`() async throws {
    let directory = try TemporaryDirectory()
    let dir = directory.path.string
    _ = try await Program.diskq(["put", dir, "q"], input: CommandTests.lines(1...200_000))
    let outcome = try await Program.run(
      "sh", ["-c", "'\(Program.diskq.string)' take '\(dir)' q --all | head -n 1"])
    #expect(outcome.text == "1\n")
    #expect(outcome.errors.isEmpty)
    let rest = try await Program.diskq(["take", dir, "q", "--all"])
    let numbers = rest.text.split(separator: "\n").compactMap { Int($0) }
    #expect(numbers.last == 200_000)
    let first = try #require(numbers.first)
    #expect(numbers == Array(first...200_000))
    #expect(first <= 65_536)
  }
}
