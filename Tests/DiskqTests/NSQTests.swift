import DiskQueueTesting
import Foundation
import SystemPackage
import Testing

@testable import DiskQueue
@testable import QueueInspection

/// Putting into a directory of nsqd: F40 and F41.
@Suite struct NSQTests {
  /// What is named as nsqd's list or as a queue's file may be anything, in a target's directory too.
  @Test(arguments: [
    "mkfifo $D/b/nsqd.dat", "ln -s /dev/zero $D/b/nsqd.dat",
    "ln -s $D/outside $D/b/t.diskqueue.000000.dat", "ln -s $D/outside $D/b/t.diskqueue.meta.dat",
    "mkdir $D/b/.diskq; ln -s $D/away $D/b/.diskq/locks", "ln -s $D/away $D/b/.diskq",
    "mkdir -p $D/b/.diskq/journal; mkfifo $D/b/.diskq/journal/t.journal",
  ])
  func `a drain into a queue follows nothing in the target's directory`(plant: String)
    async throws
  {
    let outcome = try await shell(
      """
      mkdir $D/a $D/b $D/away; echo outside >$D/outside; exec 2>/dev/null
      seq 3 | diskq put $D/a q; \(plant)
      timeout 60 '\(Program.diskq)' drain $D/a q --to-queue t --to-dir $D/b; echo $?
      timeout 60 '\(Program.diskq)' put $D/b t --text x; echo $?
      cat $D/outside; ls $D/away; diskq peek $D/a q --all
      """, in: TemporaryDirectory())
    #expect(outcome.text == "5\n5\noutside\n1\n2\n3\n")
  }

  /// Words after `put $D orders`, the exit code, and how long the record on disk is, or nil.
  static let puts: [(String, Int32, Int?)] = [
    ("--text short", 5, nil), ("--text ''", 5, nil), ("--text 12345678901234567890123456", 0, 26),
    ("--text 1234567890123456789012345", 5, nil), ("--text short --nsq", 0, 31),
    ("--text short --min-message-size 0", 0, 5), ("--text short --dry-run", 5, nil),
    ("--text 12345678901234567890123456 --text short", 5, nil),
  ]

  @Test(arguments: puts)
  func `what nsqd would give its file up for is refused`(words: String, code: Int32, size: Int?)
    async throws
  {
    let directory = try Fixture("nsqd-clean").copy()
    let before = try directory.contents()
    let put = try await shell("diskq put $D orders \(words)", in: directory)
    #expect(put.code == code)
    if let size {
      let all = try directory.contents().filter { $0.key.hasPrefix("orders.diskqueue.0") }
      let old = before.filter { $0.key.hasPrefix("orders.diskqueue.0") }
      let grown = all.values.reduce(0) { $0 + $1.count } - old.values.reduce(0) { $0 + $1.count }
      #expect(grown == size + 4)
    } else {
      #expect(try directory.contents() == before)
    }
  }

  @Test func `a queue moved to nsqd's directory must fit it, too`() async throws {
    let directory = try Fixture("nsqd-clean").copy()
    let source = try TemporaryDirectory()
    _ = try await shell("diskq put $D q --text short", in: source)
    let words = ["drain", source.path.string, "q", "--to-queue", "orders", "--to-dir"]
    #expect(try await Program.diskq(words + [directory.path.string]).code == 5)
    #expect(try await shell("diskq peek $D q", in: source).text == "short\n")
    let given = try await Program.diskq(
      words + [directory.path.string, "--min-message-size", "0"])
    #expect(given.code == 0)
  }

  @Test(arguments: [
    ("orders", true), ("orders:billing", true), ("orders:audit", true), ("clicks.web", true),
    ("orders:other", false), ("clicks.web:audit", false), ("other", false),
  ])
  func `a queue that nsqd will not open is warned of`(queue: String, known: Bool) async throws {
    let directory = try Fixture("nsqd-clean").copy()
    let list = try #require(try NSQDirectory(directory.path))
    #expect(list.names(try QueueName(queue)) == known)
    let put = try await shell("diskq put $D '\(queue)' --nsq --text x", in: directory)
    #expect(put.code == 0)
    #expect(put.errors.isEmpty == known)
    let quiet = try await shell("diskq put $D '\(queue)' --nsq --text x --quiet", in: directory)
    #expect(quiet.errors.isEmpty)
  }

  /// Lists as nsqd may write them, and the queues; nil for what is no list.
  static let lists: [(String, [String]?)] = [
    (#"{"topics":[],"version":"1.3.0"}"#, []), (#"{"version":"1.3.0","topics":null}"#, []),
    (#"{"topics":[{"name":"a","channels":null}]}"#, ["a"]),
    (#"{"topics":[{"channels":[{"paused":true,"name":"c"}],"name":"a"}]}"#, ["a", "a:c"]),
    (#"{"topics":[{"name":"a","channels":[]},{"name":"b"}]}"#, ["a", "b"]),
    (
      #"{"topics":[{"name":"\u0061","x":{"name":"no"},"channels":[{"name":"c","y":[{"name":"no"}]}]}]}"#,
      ["a", "a:c"]
    ),
    (#"{"topics":[{"name":"../x"}]}"#, []), ("{}", nil), ("", nil), ("[]", nil),
    (#"{"topics":["#, nil),
    (#"{"topics":{"name":"a"}}"#, nil),
  ]

  @Test(arguments: lists)
  func `topics and channels are read`(text: String, queues: [String]?) {
    let found = NSQDirectory.queues(Array(text.utf8))
    #expect(found.map { Set($0.map(\.description)) } == queues.map(Set.init))
  }

  @Test func `no list, and one that cannot be read`() async throws {
    let directory = try TemporaryDirectory()
    #expect(try NSQDirectory(directory.path) == nil)
    let path = directory.path.string + "/nsqd.dat"
    try Data("garbage".utf8).write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: DiskQueueError.self) { _ = try NSQDirectory(directory.path) }
    #expect(error?.code == .damaged)
    // It is nsqd's directory all the same.
    #expect(try await shell("diskq put $D q --text x", in: directory).code == 5)
    #expect(try await shell("diskq put $D q --text x --nsq", in: directory).code == 0)
  }
}
