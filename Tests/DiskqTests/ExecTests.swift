import DiskQueue
import DiskQueueTesting
import Foundation
import QueueOperations
import SystemPackage
import Testing

/// `drain --exec`: when a batch counts as kept, and what a command is told.
@Suite struct ExecTests {
  /// Commands over three messages, and the exit code; what fails leaves the queue as it was.
  static let commands: [(String, [String], Int32)] = [
    ("cat > /dev/null", [], 0), ("true", [], 1), ("exit 0", [], 1), ("head -1 > /dev/null", [], 1),
    ("false | cat", [], 1), ("cat > /dev/null; exit 3", [], 1), ("kill -9 $$", [], 1),
    ("read -r line", [], 1), ("read -r a; read -r b; read -r c", [], 0),
    ("true", ["--allow-unread"], 0), ("head -1 > /dev/null", ["--allow-unread"], 0),
    ("exit 3", ["--allow-unread"], 1), ("sh -c cat > /dev/null & wait", [], 1),
    ("(cat > /dev/null) | cat", [], 0),
  ]

  @Test(arguments: commands)
  func `a batch is kept by a command that read all of it and exits with 0`(
    command: String, words: [String], code: Int32
  ) async throws {
    let directory = try TemporaryDirectory()
    _ = try await shell("printf 'a\\nb\\nc\\n' | diskq put $D q", in: directory)
    let before = try directory.contents()
    let drain = try await Program.diskq(
      ["drain", directory.path.string, "q", "--exec", command] + words)
    #expect(drain.code == code)
    let left = try await shell("diskq peek $D q", in: directory)
    #expect(left.text == (code == 0 ? "" : "a\nb\nc\n"))
    if code != 0 { #expect(try directory.contents() == before) }
  }

  /// It is over when it has ended, whatever it has left behind.
  @Test func `a child that goes on talking holds nothing up`() async throws {
    let outcome = try await shell(
      """
      printf 'a\nb\n' | diskq put $D q
      diskq drain $D q --exec 'yes >&2 & cat >/dev/null' 2>/dev/null; echo $?
      diskq status $D q | tail -1 | tr -s ' ' | cut -d ' ' -f 2
      """, in: TemporaryDirectory())
    #expect(outcome.text == "0\n0\n")
  }

  /// Where the shell has the option, a pipeline fails with any of its parts.
  @Test func `a part of a pipeline that fails is noticed where the shell can`() async throws {
    let directory = try TemporaryDirectory()
    let has = try await shell(
      "diskq put $D q --text a; (set -o pipefail) 2> /dev/null && echo yes", in: directory)
    let drain = try await shell(
      "diskq drain $D q --exec '(cat > /dev/null; exit 3) | cat'", in: directory)
    #expect(drain.code == (has.text == "yes\n" ? 1 : 0))
  }

  @Test func `a batch whose last try failed too stays`() async throws {
    let directory = try TemporaryDirectory()
    let outcome = try await shell(
      """
      printf 'a\\nb\\n' | diskq put $D q
      diskq drain $D q --retries 1 --exec "cat > /dev/null; echo x >> '$D/.tries'; exit 9"; echo $?
      wc -l < $D/.tries; diskq peek $D q
      """, in: directory)
    #expect(outcome.text == "1\n2\na\nb\n")
  }

  @Test(arguments: [0, 1, 4])
  func `every retry is used, each after a longer wait, and none of them counts`(retries: Int) throws
  {
    let directory = try TemporaryDirectory()
    let tries = directory.path.string + "/tries"
    var waited = 0.0
    var manner = CommandSink.Manner()
    manner.retries = retries
    manner.pause = { waited += $0 }
    let sink = CommandSink(
      Array("cat > /dev/null; echo x >> '\(tries)'; exit 1".utf8),
      encoder: MessageEncoder(.lines, nsq: false, queue: try QueueName("q")), manner)
    let message = Message(payload: [65], position: Position(file: 0, offset: 0))
    let error = #expect(throws: DiskQueueError.self) { try sink.keep([message]) }
    #expect(error?.code == .inputOutput)
    #expect(try String(contentsOfFile: tries, encoding: .utf8).count == 2 * (retries + 1))
    #expect(abs(waited - (pow(2, Double(retries)) - 1) / 2) < 0.01)
  }

  @Test func `the command is told its queue and where its batch begins`() async throws {
    let directory = try TemporaryDirectory()
    let outcome = try await shell(
      """
      Q=$(printf 'q\\377:x')
      export DISKQ_QUEUE=other
      printf 'a\\nb\\nc\\n' | diskq put $D "$Q"
      diskq drain $D "$Q" --batch 2 --exec 'printf %s "$DISKQ_QUEUE" | od -An -tx1; echo $DISKQ_BATCH; cat'
      """, in: directory)
    #expect(outcome.text == " 71 ff 3a 78\n0@0\na\nb\n 71 ff 3a 78\n0@10\nc\n")
  }

  private static let everyByte = (0..<256).map { String($0 | 256, radix: 16).dropFirst() }.joined()

  /// What nsqd's `/mpub?binary=true` takes, as a real nsqd took it.
  @Test func `mpub is a count and frames`() async throws {
    let directory = try TemporaryDirectory()
    let outcome = try await shell(
      """
      diskq put $D q --text five; printf 'six\\nwith newline' | diskq put $D q --format raw
      echo \(Self.everyByte) | diskq put $D q --format hex
      diskq drain $D q --format mpub --exec 'od -An -v -tx1 | tr -d " \\n"'
      """, in: directory)
    #expect(
      outcome.text == "00000003" + "0000000466697665" + "000000107369780a77697468206e65776c696e65"
        + "00000100" + Self.everyByte)
    // nsqd does not take an empty message: it would refuse the whole batch again and again.
    let empty = try await shell(
      "diskq put $D e --text ''; diskq drain $D e --format mpub --exec cat", in: directory)
    #expect(empty.code == 64)
    for words in ["peek $D q", "take $D q", "put $D q"] {
      #expect(try await shell("diskq \(words) --format mpub", in: directory).code == 64)
    }
  }
}
