import DiskQueue
import DiskQueueTesting
import Foundation
import QueueOperations
import SystemPackage
import Testing

/// What commands leave, find and say of what others have left.
@Suite struct RemnantTests {
  @Test func `a purge removes what another one has left`() async throws {
    let outcome = try await shell(
      """
      diskq put "$D" q --text one; diskq empty "$D" q --yes --quiet
      mkdir -p "$D/.diskq/backup/.purged-x/old"; echo a > "$D/.diskq/backup/.purged-x/old/b"
      diskq purge "$D" --all --yes --quiet; echo $?
      ls -A "$D/.diskq/backup" 2>/dev/null | wc -l
      """, in: TemporaryDirectory())
    #expect(outcome.text == "0\n0\n")
  }

  @Test func `a repair that leaves damage says so by its exit code`() async throws {
    let outcome = try await shell(
      """
      exec 2>/dev/null
      printf 'one\\ntwo\\n' | diskq put "$D" q
      cp "$D/q.diskqueue.000000.dat" "$D/q.diskqueue.000000.dat.bad"
      diskq repair "$D" q --requeue-bad --yes --quiet; echo $?
      diskq repair "$D" q --requeue-bad-all --yes --quiet; echo $?
      """, in: TemporaryDirectory())
    #expect(outcome.text == "2\n0\n")
  }

  /// The newest file is from the future, so that the owner is within its time however long this takes.
  @Test func `what a live owner leaves between two syncs is no damage`() async throws {
    let outcome = try await shell(
      """
      printf 'one\\ntwo\\n' | diskq put "$D" q
      rm "$D/q.diskqueue.meta.dat"
      touch -d '+1 hour' "$D/q.diskqueue.000000.dat"
      diskq check "$D" >/dev/null; echo $?
      exec 8<"$D/q.diskqueue.000000.dat"
      diskq check "$D" >/dev/null; echo $?
      """, in: TemporaryDirectory())
    #expect(outcome.text == "2\n0\n")
  }

  @Test(.enabled(if: Machine.effectiveUser == 0, "only root can become somebody else"))
  func `one who may not give files away writes all the same`() async throws {
    let outcome = try await shell(
      """
      mkdir "$D/data"; chmod 755 "$D"; chown -R nobody:root "$D/data"
      setpriv --reuid nobody --regid nogroup --clear-groups \
        '\(Program.diskq)' put "$D/data" q --text one; echo $?
      chgrp root "$D"/data/q.*
      setpriv --reuid nobody --regid nogroup --clear-groups \
        '\(Program.diskq)' put "$D/data" q --text two; echo $?
      diskq peek "$D/data" q --all
      """, in: TemporaryDirectory())
    #expect(outcome.text == "0\n0\none\ntwo\n")
  }

  // MARK: Owners that cannot be seen

  private static let canUnshare =
    Machine.effectiveUser == 0 && FileManager.default.isExecutableFile(atPath: "/usr/bin/unshare")

  @Test(.enabled(if: canUnshare, "only root can make a world of processes"))
  func `whoever cannot see all processes does not believe that nobody is there`() async throws {
    let outcome = try await shell(
      """
      diskq put "$D" q --text one
      exec 8<"$D/q.diskqueue.000000.dat"
      unshare --pid --fork --mount-proc '\(Program.diskq)' put "$D" q --text two 8<&-; echo $?
      exec 8<&-
      unshare --pid --fork --mount-proc '\(Program.diskq)' put "$D" q --text two; echo $?
      """, in: TemporaryDirectory())
    #expect(outcome.text == "3\n0\n")
  }

  // MARK: Targets

  @Test func `an empty file that was there before stays when a batch fails`() throws {
    let disk = InMemoryDisk()
    let path: FilePath = "/data/out"
    disk.plant(path, [])
    let faulty = FaultyDisk(disk)
    faulty.inject(.init(.write, times: 9, cause: .noSpace))
    let sink = try FileSink(
      path, encoder: MessageEncoder(.lines, nsq: false, queue: QueueName("q")), disk: faulty,
      pause: { _ in false })
    let message = Message(payload: [65], position: Position(file: 0, offset: 0))
    let error = #expect(throws: DiskQueueError.self) { try sink.keep([message]) }
    #expect(error?.code == .noSpace)
    #expect(disk.bytes(path) == [])
  }

  @Test func `a queue's own file is no target, nor is the queue itself`() throws {
    let directory = try TemporaryDirectory()
    let (name, other) = (try QueueName("q"), try QueueName("other"))
    let file = #expect(throws: DiskQueueError.self) {
      try FileSink(
        directory.path.appending("q.diskqueue.000000.dat"),
        encoder: MessageEncoder(.lines, nsq: false, queue: name))
    }
    #expect(file?.code == .refused)
    let link = directory.path.string + "/link"
    try FileManager.default.createSymbolicLink(
      atPath: link, withDestinationPath: directory.path.string)
    for place in [directory.path, FilePath(link)] {
      let queue = #expect(throws: DiskQueueError.self) {
        try QueueSink(name, in: place, from: name, at: directory.path, options: .init())
      }
      #expect(queue?.code == .refused)
    }
    try QueueSink.check(other, in: directory.path, from: name, at: directory.path)
  }
}
