import DiskQueue
import DiskQueueTesting
import Foundation
import SystemPackage
import Testing

/// Waiting for a busy owner, what nothing leaves behind, and what is told of damage.
@Suite struct WaitTests {
  /// The owner puts and takes until the command waits; then it ends.
  @Test(arguments: [
    ("drain $D q --to-file $D/out --wait 60", 0), ("take $D q --all --wait 60", 0),
    ("take $D q --skip 1 --wait 60", 0), ("empty $D q --yes --wait 60", 0),
    ("repair $D q --yes --wait 60", 0), ("drain $D q --grep message --to-file $D/out --wait 60", 0),
    ("put $D q --text x --wait 60", 0),
  ])
  func `a busy owner is waited for`(words: String, code: Int32) async throws {
    let directory = try TemporaryDirectory()
    // Something for a repair to do, or it would need no lock.
    try Data().write(
      to: URL(fileURLWithPath: directory.path.string + "/q.diskqueue.meta.dat.1.tmp"))
    let queue = try DiskQueue("q", directory: directory.path)
    // Enough that a plan made at any moment finds something.
    for number in -9...0 { try queue.put("message \(number)") }
    try queue.sync()
    async let waiting = shell(
      "'\(Program.diskq)' \(words) & echo $! > $D/.pid; wait $!", in: directory)
    if words.hasPrefix("drain") || words.hasPrefix("take") { try await watches(directory) }
    for number in 1...2000 {
      try queue.put("message \(number)")
      if number % 2 == 0 { _ = try queue.take() }
      if number % 100 == 0 { try queue.sync() }
    }
    try queue.close()
    let outcome = try await waiting
    #expect(outcome.code == code, "\(outcome.errors)")
  }

  /// Returns once the command in `.pid` notes signals, or has ended: by then a drain has made its plan.
  private func watches(_ directory: TemporaryDirectory) async throws {
    // Bit 2 of what is caught is SIGINT.
    _ = try await shell(
      """
      until [ -s $D/.pid ]; do sleep 0.01; done
      read P < $D/.pid
      while grep -q "State:.[^ZX]" /proc/$P/status; do
        grep -q "SigCgt:.*[2367abef]$" /proc/$P/status && exit
        sleep 0.01
      done 2>/dev/null
      """, in: directory)
  }

  /// Commands for which there is nothing to do, and their exit codes.
  @Test(arguments: [
    ("put $D q < /dev/null", 0), ("put $D new < /dev/null", 0),
    ("drain $D q --to-file $D/out", 0), ("drain $D q --to-queue other", 0),
    ("drain $D q --exec cat", 0), ("drain $D full --grep nothing --to-file $D/out", 0),
    ("drain $D full -n 0 --to-file $D/out", 0), ("take $D full -n 0", 0),
    ("take $D full --grep nothing", 4), ("take $D q", 4), ("drain $D q --to-file $D/out --json", 0),
    ("drain $D full --to-file $D/none/out", 1), ("drain $D full --to-queue x --to-dir $D/none", 1),
    ("drain $D full --to-file $D/out --backup-dir $D/none/x", 1),
    ("put $D full --file $D/none", 1), ("drain $D full --to-file $D", 1),
  ])
  func `nothing to do leaves nothing behind, and only that is 4`(words: String, code: Int32)
    async throws
  {
    let directory = try TemporaryDirectory()
    _ = try await shell(
      "diskq put $D q --text x; diskq take $D q; diskq put $D full --text x", in: directory)
    let before = try directory.contents()
    let outcome = try await shell("diskq \(words)", in: directory)
    #expect(outcome.code == code, "\(outcome.errors)")
    #expect(try directory.contents() == before)
    if code != 1 {
      #expect(try await shell("diskq undo $D", in: directory).text.isEmpty)
    }
  }

  @Test(arguments: ["take $D jobs --all --format hex", "drain $D jobs --to-file - --format hex"])
  func `damage is told with its place, and the exit code stays`(words: String) async throws {
    let directory = try Fixture("length-huge").copy()
    let outcome = try await shell("diskq \(words)", in: directory)
    #expect(outcome.code == 0)
    #expect(outcome.errors.contains("bad-length"))
    #expect(outcome.errors.contains(".dat@"))
    let again = try Fixture("length-huge").copy()
    let quiet = try await shell("diskq \(words) --quiet", in: again)
    #expect(quiet.errors.isEmpty)
    let whole = try Fixture("clean-rolled").copy()
    #expect(try await shell("diskq take $D jobs --all --format hex", in: whole).errors.isEmpty)
  }

  /// Each plans while another is at work, which is no interrupted act.
  @Test(arguments: ["empty $D q --yes", "drain $D q --to-file $D/out --quiet"])
  func `many acts on one queue wait for each other`(words: String) async throws {
    let outcome = try await shell(
      """
      seq 500 | diskq put $D q --max-bytes-per-file 400
      for i in 1 2 3 4 5 6 7 8 9 10; do
        (diskq \(words) --wait 60 2>>$D/said; echo $? >>$D/codes) &
      done
      wait; sort $D/codes | uniq -c | tr -s ' '
      ls $D/.diskq/backup | wc -l
      """, in: TemporaryDirectory())
    #expect(outcome.text == " 10 0\n1\n")
  }

  @Test func `two drains into one file at once both come whole`() async throws {
    let directory = try TemporaryDirectory()
    let outcome = try await shell(
      """
      seq -f 'a %g' 3000 | diskq put $D a; seq -f 'b %g' 3000 | diskq put $D b
      diskq drain $D a --batch 7 --to-file $D/out --quiet & A=$!
      diskq drain $D b --batch 5 --to-file $D/out --quiet & B=$!
      wait $A; echo $?; wait $B; echo $?
      wc -l < $D/out; grep '^a' $D/out | cut -c3- | cksum; grep '^b' $D/out | cut -c3- | cksum
      seq 3000 | cksum
      """, in: directory)
    let lines = outcome.text.split(separator: "\n")
    #expect(lines.prefix(3) == ["0", "0", "6000"])
    #expect(Set(lines.suffix(3)).count == 1)
  }
}
