import DiskQueue
import DiskQueueTesting
import Foundation
import SystemPackage
import Testing

/// The real process on the real disk, killed at any moment.
///
/// DISKQ_KILLS sets how often.
@Suite struct KillTests {
  /// What the killed process told before its end.
  private struct Told {
    var put: [Int] = []
    var taken: [Int] = []
    /// How many were taken when the last sync returned.
    var settled = 0

    init(_ log: String) {
      // The last line may be cut; what it tells was done all the same.
      for line in log.split(separator: "\n") {
        let words = line.split(separator: " ")
        switch (words.first, words.count > 1 ? Int(words[1]) : nil) {
        case ("p", let number?): put.append(number)
        case ("t", let number?): taken.append(number)
        case ("s", _): settled = taken.count
        default: break
        }
      }
    }
  }

  static var rounds: Int {
    ProcessInfo.processInfo.environment["DISKQ_KILLS"].flatMap { Int($0) } ?? 200
  }

  @Test(arguments: 0..<4)
  func `nothing acknowledged is lost by a kill`(worker: Int) async throws {
    let directory = try TemporaryDirectory()
    let log = directory.path.string + ".log"
    defer { try? FileManager.default.removeItem(atPath: log) }
    var owed: [Int] = []
    var next = 0
    var operations = 0
    var random = SeededGenerator(seed: UInt64(worker))
    for round in 0..<(KillTests.rounds / 4) {
      let milliseconds = Int.random(in: 5...95, using: &random)
      // Under load the process may be killed before its log is opened: it must not tell old news.
      try? FileManager.default.removeItem(atPath: log)
      // Two of three are killed at work, however long the process takes to start; one at any moment.
      let working =
        round.isMultiple(of: 3)
        ? "" : "until [ -s '\(log)' ] || ! kill -0 $!; do sleep 0.01; done; "
      let line =
        "'\(Program.built("queue-torture").string)' '\(directory.path.string)' \(next) "
        + "\(worker + round * 4) > '\(log)' & "
        + working + "sleep 0.0\(milliseconds < 10 ? "0" : "")\(milliseconds); kill -9 $!; wait $!"
      _ = try await Program.run("sh", ["-c", line])
      let told = Told((try? String(contentsOfFile: log, encoding: .utf8)) ?? "")
      operations += told.put.count + told.taken.count
      let there = try read(directory)
      let place = "round \(round) of worker \(worker)"

      // Everything told of, in order, but for what was taken; the last put may be in untold.
      let all = owed + told.put
      let left = Array(all.dropFirst(told.taken.count))
      #expect(Array(all.prefix(told.taken.count)) == told.taken, "\(place): taken out of order")
      let start = there.first.flatMap { all.firstIndex(of: $0) } ?? all.count
      #expect(start <= told.taken.count + 1, "\(place): lost before \(there.first ?? -1)")
      #expect(start >= told.settled, "\(place): came again after a sync")
      let known = there.prefix(all.count - start)
      #expect(Array(known) == Array(all.dropFirst(start)), "\(place): lost of \(left.count) owed")
      // Beyond what was told there may be one operation more: up to ten messages of a batch.
      let untold = Array(there.dropFirst(known.count))
      #expect(untold.count <= 10, "\(place): \(untold)")
      let first = (told.put.last ?? next - 1) + 1
      #expect(untold == Array(first..<(first + untold.count)), "\(place): unknown")
      owed = there
      next = (there.last ?? told.put.last ?? next) + 1
      next = max(next, (told.put.last ?? 0) + 11)
    }
    #expect(operations > KillTests.rounds / 4)
  }

  /// What the next process finds, left as it is but for the recovery.
  private func read(_ directory: TemporaryDirectory) throws -> [Int] {
    var options = DiskQueue.Options()
    options.checksOpenFiles = false
    let queue = try DiskQueue("jobs", directory: directory.path, options: options)
    defer { try? queue.close() }
    let messages = try queue.peek(.max)
    #expect(messages.count == queue.depth)
    let bad = try FileManager.default.contentsOfDirectory(atPath: directory.path.string)
      .filter { $0.contains(".bad") }
    #expect(bad.isEmpty)
    return messages.compactMap { message in
      let parts = message.text.split(separator: ".", omittingEmptySubsequences: false)
      guard parts.count == 2, let number = Int(parts[0]), parts[1].count == number % 90 else {
        Issue.record("unknown message \(message.text)")
        return nil
      }
      return number
    }
  }
}
