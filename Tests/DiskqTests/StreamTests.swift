import DiskQueue
import DiskQueueTesting
import Foundation
import SystemPackage
import Testing

/// Standard descriptors that are closed, and signals while a command waits.
@Suite struct StreamTests {
  /// What is closed, the command, its exit code; the queue `q` holds one message before and after.
  static let closed: [(String, Int32)] = [
    ("take $D q --all >&-", 1), ("take $D q --all <&- >&- 2>&-", 1), ("peek $D q >&-", 1),
    ("drain $D q --to-file - >&-", 1), ("drain $D q --to-file - --format frames >&-", 1),
    ("put $D q <&-", 1), ("put $D q <&- >&-", 1), ("put $D q --format raw <&-", 1),
    ("put $D new <&- 2>&-", 1), ("drain $D q --exec 'cat' >&-", 1), ("status $D >&-", 1),
    ("take $D nope 2>&-", 4), ("take $D q --grep one >&- 2>&-", 1), ("--help >&-", 1),
  ]

  @Test(arguments: closed)
  func `a closed stream fails before a message leaves or comes`(words: String, code: Int32)
    async throws
  {
    let directory = try TemporaryDirectory()
    _ = try await shell("diskq put $D q --text one", in: directory)
    let before = try directory.contents()
    let outcome = try await shell("diskq \(words)", in: directory)
    #expect(outcome.code == code)
    #expect(try await shell("diskq peek $D q", in: directory).text == "one\n")
    #expect(try directory.contents().keys == before.keys)
  }

  @Test func `what is said on a closed stream lands in no file`() async throws {
    let directory = try TemporaryDirectory()
    let outcome = try await shell(
      """
      printf 'one\\ntwo\\n' | diskq put $D q
      diskq drain $D q --to-file $D/out --verbose 2>&- >&-; echo $?
      diskq put $D q --text x --verbose 2>&-
      """, in: directory)
    #expect(outcome.text == "0\n")
    let out = try String(contentsOfFile: directory.path.string + "/out", encoding: .utf8)
    #expect(out == "one\ntwo\n")
    let segment = try directory.contents()["q.diskqueue.000000.dat"]
    #expect(segment.map { $0.suffix(5) } == [0, 0, 0, 1, 120])
  }

  /// A wait: what is started before as `$P`, the command, when it waits, how many messages are left.
  struct Wait: Sendable {
    var before: String
    var words: String
    var isReady = "[ -s $D/q.diskqueue.000000.dat ]"
    var left: ClosedRange<Int> = 1...1
  }

  static let waits: [String: Wait] = [
    "input": Wait(
      before: "mkfifo $D/f; (echo one; exec sleep 654) > $D/f & P=$!", words: "put $D q < $D/f"),
    "input file": Wait(
      before: "mkfifo $D/f; (echo one; exec sleep 654) > $D/f & P=$!",
      words: "put $D q --file $D/f"),
    "writer of the input file": Wait(
      before: "mkfifo $D/f; P=", words: "put $D q --file $D/f", isReady: "true", left: 0...0),
    "rate": Wait(
      before: "mkfifo $D/f; yes > $D/f & P=$!", words: "put $D q --rate 0.001 < $D/f"),
    "lock": Wait(
      before: """
        mkfifo $D/f; (echo one; exec sleep 654) > $D/f & P=$!
        '\(Program.diskq)' put $D q < $D/f & P="$P $!"
        until [ -s $D/q.diskqueue.000000.dat ]; do :; done
        """, words: "take $D q --wait 600"),
    "full output": Wait(
      before: """
        seq 100000 | diskq put $D q; mkfifo $D/f
        (exec 3< $D/f; head -c 9 <&3 > $D/mark; exec sleep 654) & P=$!
        """, words: "take $D q --all > $D/f", isReady: "[ -s $D/mark ]", left: 50_000...100_000),
    "retry": Wait(
      before: "diskq put $D q --text one; P=",
      words: "drain $D q --retries 99 --exec \"touch '$D/mark'; cat > /dev/null; exit 3\"",
      isReady: "[ -e $D/mark ]"),
  ]

  @Test(arguments: waits.keys.sorted())
  func `a signal ends every wait, and what came so far is in`(name: String) async throws {
    let wait = try #require(Self.waits[name])
    let directory = try TemporaryDirectory()
    // Under job control, since what a plain shell starts beside it ignores the signal.
    let outcome = try await shell(
      """
      set -m
      \(wait.before)
      '\(Program.diskq)' \(wait.words) &
      W=$!
      until \(wait.isReady); do :; done
      until grep -q 'SigCgt:.*[2367abef]$' /proc/$W/status; do :; done
      kill -INT $W; wait $W; echo code $?
      for p in $P; do kill -KILL -$p; wait $p 2> /dev/null; done
      """, in: directory, "bash")
    #expect(outcome.text == "code 1\n", "\(outcome.errors)")
    let left = try await shell("diskq peek $D q --all | wc -l", in: directory)
    #expect(wait.left.contains(Int(left.text.filter(\.isNumber)) ?? -1))
  }
}
