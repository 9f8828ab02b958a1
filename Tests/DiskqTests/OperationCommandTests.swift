import DiskQueue
import DiskQueueTesting
import Foundation
import QueueOperations
import SystemPackage
import Testing

/// `repair`, `undo` and `purge` as scripts see them: output, exit codes, and every byte.
@Suite struct OperationCommandTests {
  private func diskq(_ words: String...) async throws -> Program.Outcome {
    try await Program.diskq(words)
  }

  private func json(_ outcome: Program.Outcome) throws -> [String: Any] {
    let value = try JSONSerialization.jsonObject(with: Data(outcome.output))
    return try #require(value as? [String: Any])
  }

  @Test func `a .bad file is judged, put back, and taken out again`() async throws {
    let directory = try Fixture("bad-file-left").copy()
    let path = directory.path.string
    let before = try directory.contents()

    let check = try await diskq("check", path, "jobs", "--bad", "--json")
    #expect(check.code == 2)
    let queues = try #require(try json(check)["queues"] as? [[String: Any]])
    let bad = try #require((queues[0]["badFiles"] as? [[String: Any]])?.first)
    #expect(bad["verdict"] as? String == "salvageable")
    #expect(bad["salvageable"] as? Int == 5)
    #expect(bad["from"] as? Int == 48)

    let dry = try await diskq("repair", path, "jobs", "--bad", "--requeue-bad", "--dry-run")
    #expect(dry.code == 0)
    #expect(try directory.contents() == before)

    let repair = try await diskq(
      "repair", path, "jobs", "--bad", "--requeue-bad", "--yes", "--json",
      "--max-bytes-per-file", "200")
    #expect(repair.code == 0)
    let result = try json(repair)
    #expect(result["requeued"] as? Int == 5)
    #expect(result["recovered"] as? Int == 11)
    #expect(result["applied"] as? Bool == true)
    let id = try #require(result["operation"] as? String)
    #expect(try await diskq("check", path, "--bad").code == 0)

    let list = try await diskq("undo", path, "--json")
    let line = try json(list)
    #expect(line["operation"] as? String == id)
    #expect(line["kind"] as? String == "repair")
    #expect(line["state"] as? String == "done")

    let undo = try await diskq("undo", path, id, "--yes")
    #expect(undo.code == 0)
    #expect(try directory.contents() == before)
    #expect(try await diskq("undo", path, id, "--yes").code == 5)
  }

  @Test func `what is in quarantine is told, put back, and taken out again`() async throws {
    let directory = try TemporaryDirectory()
    let outcome = try await shell(
      """
      exec 2>/dev/null
      printf 'one\ntwo\n' | diskq put "$D" q
      diskq status "$D"; echo $?
      mkdir -p "$D/.diskq/quarantine"
      diskq peek "$D" q --all --format frames >"$D/.diskq/quarantine/q.diskqueue.000000.dat@14"
      diskq status "$D" >/dev/null; echo $?
      diskq check "$D" >/dev/null; echo $?
      diskq check "$D" --bad >/dev/null; echo $?
      diskq repair "$D" q --requeue-bad --yes >/dev/null; echo $?
      diskq check "$D" --bad >/dev/null; echo $?
      diskq peek "$D" q --all
      """, in: directory)
    let lines = outcome.text.split(separator: "\n").map(String.init)
    #expect(lines.suffix(10) == ["0", "0", "0", "2", "0", "0", "one", "two", "one", "two"])
    let path = directory.path.string
    let list = try json(try await diskq("undo", path, "--json"))
    let id = try #require(list["operation"] as? String)
    #expect(try await diskq("undo", path, id, "--yes").code == 0)
    let check = try await diskq("check", path, "--bad", "--json")
    #expect(check.code == 2)
    let queues = try #require(try json(check)["queues"] as? [[String: Any]])
    let kept = try #require((queues[0]["quarantine"] as? [[String: Any]])?.first)
    #expect(kept["name"] as? String == ".diskq/quarantine/q.diskqueue.000000.dat@14")
    #expect(kept["salvageable"] as? Int == 2)
  }

  @Test func `undo and purge ask, refuse without a terminal, and know no other names`()
    async throws
  {
    let directory = try Fixture("missing-meta").copy()
    let path = directory.path.string
    #expect(try await diskq("repair", path, "--yes", "--quiet").code == 0)
    let id = try #require(
      try json(try await diskq("undo", path, "--json"))["operation"] as? String)
    let repaired = try directory.contents()
    #expect(try await diskq("undo", path, id).code == 5)
    #expect(try await diskq("purge", path, "--all").code == 5)
    #expect(try await diskq("purge", path).code == 64)
    #expect(try await diskq("purge", path, "--older-than", "soon").code == 64)
    #expect(try await diskq("undo", path, "20200101T000000Z", "--yes").code == 4)
    #expect(try await diskq("undo", path, "../\(id)", "--yes").code == 4)
    #expect(try directory.contents() == repaired)

    let young = try await diskq("purge", path, "--older-than", "7d", "--yes", "--json")
    #expect(try json(young)["operations"] as? Int == 0)
    let dry = try await diskq("purge", path, "--all", "--dry-run", "--json")
    #expect(try json(dry)["operations"] as? Int == 1)
    #expect(try await diskq("purge", path, id, "--yes").code == 0)
    #expect(try await diskq("undo", path, id, "--yes").code == 4)
    #expect(try directory.contents() == repaired)
  }

  @Test func `a backup of one's own choosing is found again`() async throws {
    let directory = try Fixture("torn-tail").copy()
    let other = directory.path.appending("kept").string
    try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: false)
    let path = directory.path.string
    let before = try directory.contents()
    let repair = try await diskq(
      "repair", path, "jobs", "--yes", "--json", "--backup-dir", other)
    #expect(repair.code == 0)
    let id = try #require(try json(repair)["operation"] as? String)
    #expect(try await diskq("undo", path, id, "--yes", "--backup-dir", other).code == 0)
    #expect(try directory.contents() == before)
  }

  @Test func `a killed repair is finished by the next command`() async throws {
    let directory = try Fixture("length-off-by-some").copy()
    let options = try Fixture("length-off-by-some").options
    // The process dies between the journal and the first rename.
    let disk = FaultyDisk(RealDisk())
    let queue = try QueueName("jobs")
    var worker = Operator(directory.path, options: options, disk: disk)
    worker.options.checksOpenFiles = false
    let plan = try worker.planner.repair(queue)
    disk.inject(.init(.rename, times: 100))
    #expect(throws: DiskQueueError.self) { try worker.apply(plan) }
    #expect(try directory.contents()["jobs.diskqueue.000001.dat"]?.count == 192)
    let take = try await diskq("take", directory.path.string, "jobs", "--all", "--format", "hex")
    #expect(take.code == 0)
    let owed = try Fixture("length-off-by-some").queues[0].owed
    let taken = take.text.split(separator: "\n").map { unhex(String($0)) }
    #expect(taken == owed)
  }
}
