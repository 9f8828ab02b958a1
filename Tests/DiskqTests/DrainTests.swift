import DiskQueue
import DiskQueueTesting
import Foundation
import QueueOperations
import SystemPackage
import Testing

@testable import diskq

/// `drain` into files, queues and commands: at least once, in order, chosen as `peek` chooses.
@Suite struct DrainTests {
  private func diskq(_ words: String..., input: [UInt8] = []) async throws -> Program.Outcome {
    try await Program.diskq(words, input: input)
  }

  private func lines(_ range: some Sequence<Int>) -> String {
    range.map { "message \($0)\n" }.joined()
  }

  private func queue(_ count: Int) async throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    let put = try await diskq(
      "put", directory.path.string, "q", input: Array(lines(0..<count).utf8))
    #expect(put.code == 0)
    return directory
  }

  private func left(_ directory: TemporaryDirectory, _ queue: String = "q") async throws -> String {
    try await diskq("peek", directory.path.string, queue, "--all").text
  }

  @Test func `a command has each batch on its input, and a batch leaves when it exits with 0`()
    async throws
  {
    let directory = try await queue(2500)
    let out = directory.path.string + "/.out"
    let drain = try await diskq(
      "drain", directory.path.string, "q", "--exec", "wc -l >> '\(out).sizes'; exit 0", "--batch",
      "1000", "-n", "0")
    #expect(drain.code == 0)
    let whole = try await diskq(
      "drain", directory.path.string, "q", "--batch", "1000", "--json", "--exec",
      "tee -a '\(out)' | wc -l >> '\(out).sizes'")
    #expect(whole.code == 0)
    #expect(try String(contentsOfFile: out, encoding: .utf8) == lines(0..<2500))
    let sizes = try String(contentsOfFile: out + ".sizes", encoding: .utf8)
    #expect(sizes.split(separator: "\n").map { $0.filter(\.isNumber) } == ["1000", "1000", "500"])
    #expect(whole.text.contains(#""messages":2500"#))
    #expect(try await left(directory).isEmpty)
  }

  @Test func `a failing command keeps its batch in the queue, and says why`() async throws {
    let directory = try await queue(300)
    let count = directory.path.string + "/.count"
    // The third batch fails.
    let command =
      "cat > /dev/null; echo x >> '\(count)'; [ $(wc -l < '\(count)') -lt 3 ] || { echo no >&2; exit 7; }"
    let drain = try await diskq(
      "drain", directory.path.string, "q", "--batch", "100", "--exec", command)
    #expect(drain.code == 1)
    #expect(drain.errors.contains("no\n"))
    #expect(drain.errors.contains("exited with 7"))
    #expect(drain.errors.contains("200 messages were handed on"))
    #expect(try await left(directory) == lines(200..<300))
  }

  @Test func `a batch is tried again, and goes once that succeeds`() async throws {
    let directory = try await queue(10)
    let count = directory.path.string + "/.count"
    let drain = try await diskq(
      "drain", directory.path.string, "q", "--retries", "2", "--exec",
      "cat > /dev/null; echo x >> '\(count)'; [ $(wc -l < '\(count)') -ge 2 ]")
    #expect(drain.code == 0)
    #expect(try await left(directory).isEmpty)
  }

  @Test(arguments: [
    ["--grep", "5$"], ["--grep", "(12|34)"], ["--skip", "7"], ["--skip", "3", "-n", "4"],
    ["--grep", "^message 2", "--skip", "2", "-n", "5"], ["-n", "6"], ["--grep", "nothing"],
    ["--grep", ""], ["--skip", "1000"],
  ])
  func `peek and drain agree on what they choose, and the others stay in order`(words: [String])
    async throws
  {
    let directory = try await queue(60)
    let all = lines(0..<60).split(separator: "\n")
    let base = [directory.path.string, "q"]
    let peek = try await Program.diskq(
      ["peek"] + base + words + (words.contains("-n") ? [] : ["--all"]))
    let drain = try await Program.diskq(["drain"] + base + words + ["--to-file", "-"])
    #expect(drain.output == peek.output)
    let gone = Set(peek.text.split(separator: "\n"))
    #expect(
      try await left(directory).split(separator: "\n") == all.filter { !gone.contains($0) })
    #expect(try await diskq("check", directory.path.string).code == 0)
  }

  @Test func `take picks from among others, and tells when there is nothing`() async throws {
    let directory = try await queue(30)
    let take = try await diskq("take", directory.path.string, "q", "--grep", "7$", "--all")
    #expect(take.text == lines([7, 17, 27]))
    #expect(try await diskq("take", directory.path.string, "q", "--grep", "7$").code == 4)
    #expect(try await left(directory).split(separator: "\n").count == 27)
    #expect(try await diskq("peek", directory.path.string, "q", "--grep", "(").code == 64)
  }

  @Test func `bytes that are no text are looked for, too, NUL among them`() async throws {
    let directory = try TemporaryDirectory()
    _ = try await diskq(
      "put", directory.path.string, "q", "--format", "hex", input: Array("00ff41\n00ff42\n\n".utf8))
    let found = try await diskq(
      "peek", directory.path.string, "q", "--grep", "B$", "--format", "hex")
    #expect(found.text == "00ff42\n")
    let empty = try await diskq(
      "peek", directory.path.string, "q", "--grep", "^$", "--format", "hex")
    #expect(empty.text == "\n")
  }

  @Test func `a limit of time ends between two batches, a rate holds it back`() async throws {
    let directory = try await queue(1000)
    let drain = try await diskq(
      "drain", directory.path.string, "q", "--limit-time", "0.5", "--rate", "200", "--to-file", "-")
    #expect(drain.code == 0)
    let taken = drain.text.split(separator: "\n").count
    #expect(taken < 1000)
    #expect(drain.text == lines(0..<taken))
    #expect(try await left(directory) == lines(taken..<1000))
  }

  /// Rates, limits of time, and what comes through at which times.
  @Test(
    arguments: [
      (nil, nil, 1000, 0), (200, 0.5, 100, 0.5), (200, nil, 1000, 5), (5, 1, 5, 1),
      (1e6, 0.25, 1000, 0.001), (nil, 0.5, 1000, 0),
    ] as [(Double?, Double?, Int, Double)])
  func `time and rate decide how much comes through`(
    rate: Double?, limit: Double?, count: Int, seconds: Double
  ) throws {
    let builder = DirectoryBuilder()
    let queue = try builder.open()
    for number in 0..<1000 { try queue.put("\(number)") }
    var time = 0.0
    let watch = Stopwatch(elapsed: { time }, sleep: { time += $0 }, isStopped: { false })
    let flow = DrainFlow(rate: rate, limitTime: limit, watch)
    var source = QueueSource(queue, syncs: false)
    var done = Handover.Done()
    var kept: [Int] = []
    let sink = ClosureSink { kept.append(Int($0.count)) }
    try Handover(batch: flow.batch(100), goesOn: flow.goesOn).run(
      from: &source, to: sink, done: &done)
    #expect(done.left == count && kept.reduce(0, +) == count)
    #expect(abs(time - seconds) < 0.01)
    // A tenth of a second at once, so that it is smooth.
    #expect(kept.allSatisfy { $0 <= max(1, Int((rate ?? 1000) / 10)) })
  }

  @Test func `a signal ends the wait of a rate, and nothing more is begun`() {
    var time = 0.0
    let watch = Stopwatch(elapsed: { time }, sleep: { _ in time += 0.1 }, isStopped: { time > 1 })
    let flow = DrainFlow(rate: 1, limitTime: nil, watch)
    var done = Handover.Done()
    done.kept = 1000
    #expect(!flow.goesOn(done))
    #expect(time < 2)
  }

  @Test func `a signal ends it between two batches, and the rest is in the queue`() async throws {
    let directory = try await queue(1000)
    let out = directory.path.string + "/.out"
    let script = """
      '\(Program.diskq)' drain '\(directory.path)' q --batch 10 --exec "cat >> '\(out)'" &
      until [ -s '\(out)' ]; do :; done
      kill -TERM $!; wait $!; echo code $?
      """
    let shell = try await Program.run("sh", ["-c", script])
    #expect(shell.text == "code 1\n")
    let taken = try String(contentsOfFile: out, encoding: .utf8).split(separator: "\n").count
    let rest = try await left(directory).split(separator: "\n").count
    // The batch whose command the signal ended may be in both.
    #expect((1000...1010).contains(taken + rest))
    #expect(try await diskq("check", directory.path.string).code == 0)
  }

  @Test func `a target's segments are as long as it was told`() async throws {
    let directory = try await queue(400)
    let path = directory.path.string
    // A target that has complete segments tells a length of its own.
    let put = try await diskq(
      "put", path, "other", "--max-bytes-per-file", "1000", input: Array(lines(0..<200).utf8))
    #expect(put.code == 0)
    let drain = try await diskq(
      "drain", path, "q", "--to-queue", "other", "--max-bytes-per-file", "100000")
    #expect(drain.code == 0)
    let sizes = try directory.contents().filter { $0.key.hasPrefix("other") }.map(\.value.count)
    #expect(sizes.contains { $0 > 4000 })
  }

  @Test func `what a stopped command has started ends with it`() async throws {
    let directory = try await queue(10)
    let mark = directory.path.string + "/.started"
    let script = """
      '\(Program.diskq)' drain '\(directory.path)' q --exec "touch '\(mark)'; sleep 987 | sleep 987" &
      until [ -e '\(mark)' ]; do :; done
      kill -INT $!; wait $!; echo code $?
      # Told to end it is; a busy machine takes a moment for that.
      while pgrep -a -x sleep | grep -q 987; do sleep 0.05; done; echo gone
      """
    let shell = try await Program.run("bash", ["-c", "set -m\n" + script])
    #expect(shell.text.split(separator: "\n").map { $0.filter { $0 != " " } } == ["code1", "gone"])
    #expect(try await left(directory) == lines(0..<10))
  }

  /// Wherever it is killed, no message is lost, none comes from nowhere, and only a batch comes twice.
  @Test(arguments: ["file", "queue", "command"])
  func `kills at any moment lose nothing`(target: String) async throws {
    let kills = Int(ProcessInfo.processInfo.environment["DISKQ_DRAIN_KILLS"] ?? "") ?? 50
    let directory = try await queue(20_000)
    let path = directory.path.string
    let out = path + "/.out"
    let words: [String] =
      switch target {
      case "file": ["--to-file", out]
      case "queue": ["--to-queue", "other"]
      default: ["--exec", "cat >> '\(out)'"]
      }
    let command = [Program.diskq.string, "drain", path, "q", "--batch", "100"] + words
    for kill in 0..<kills {
      let time = "0.0\(5 + kill * 7 % 90 / 2)"
      let run = try await Program.run("timeout", ["-s", "KILL", time] + command)
      if run.code == 0 { break }
    }
    let last = try await Program.run(command[0], Array(command.dropFirst()))
    #expect(last.code == 0)
    let text =
      target == "queue"
      ? try await left(directory, "other") : try String(contentsOfFile: out, encoding: .utf8)
    var seen = -1
    var again = 0
    for line in text.split(separator: "\n") {
      let number = try #require(Int(line.dropFirst("message ".count)))
      if number == seen + 1 {
        seen = number
      } else {
        // Only what was handed on last may be handed on again.
        #expect(number <= seen && number > seen - 100, "\(number) after \(seen)")
        again += 1
      }
    }
    #expect(seen == 19_999)
    #expect(again <= (kills + 1) * 100)
  }
}
