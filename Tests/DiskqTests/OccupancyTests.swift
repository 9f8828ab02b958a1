import DiskQueue
import DiskQueueTesting
import Testing

/// Who is in the way of an act: whoever owns a queue, not who looks at it.
@Suite struct OccupancyTests {
  /// Fills `q`; `owned` waits until a process has a segment of it open.
  private static let setUp = """
    seq 1 100000 | diskq put "$D" q || exit 90
    owned() { until ls -l /proc/$1/fd | grep -q diskqueue; do kill -0 $1 || exit 91; done; }

    """

  @Test func `diskq's own looks are in nobody's way, another reader's are`() async throws {
    let outcome = try await shell(
      Self.setUp + """
        mkfifo "$D/pipe"; exec 9<>"$D/pipe"
        '\(Program.diskq)' peek "$D" q --all >"$D/pipe" & owned $!
        echo more | diskq put "$D" q; echo $?
        kill $!; wait $!
        exec 8<"$D/q.diskqueue.000000.dat"
        echo more | diskq put "$D" q; echo $?
        diskq empty "$D" q --yes; echo $?
        exec 8<&-
        echo more | diskq put "$D" q; echo $?
        """, in: TemporaryDirectory())
    #expect(outcome.text.split(separator: "\n") == ["0", "3", "3", "0"])
  }

  @Test(.enabled(if: Machine.effectiveUser == 0, "only root can hide its files"))
  func `another user's open file is noticed although /proc hides it`() async throws {
    let outcome = try await shell(
      """
      mkdir "$D/data"; chmod 755 "$D"; chown -R nobody "$D/data"
      as() { setpriv --reuid nobody --clear-groups "$@"; }
      put() { echo "$1" | as '\(Program.diskq)' put "$D/data" q 8<&-; echo $?; }
      put one
      exec 8<"$D/data/q.diskqueue.000000.dat"
      put two
      exec 8<&-
      put three
      diskq peek "$D/data" q --all
      """, in: TemporaryDirectory())
    #expect(outcome.text.split(separator: "\n") == ["0", "3", "0", "one", "three"])
  }
}
