import DiskQueue
import DiskQueueTesting
import Dispatch
import Foundation
import QueueOperations
import SystemPackage
import Testing

/// A command that nobody waits for any more ends, and so does all that it has started.
@Suite struct StoppingTests {
  /// Runs a command that tells by a FIFO that it has begun and is stopped then; returns what it, or what it
  /// has left behind, has said by the same FIFO until all of them were gone.
  private func stop(_ command: String) throws -> (ending: ChildProcess.Ending, said: String) {
    let directory = try TemporaryDirectory()
    let fifo = directory.path.appending("fifo").string
    #expect(unsafe mkfifo(fifo, 0o600) == 0)
    let begun = Guarded(false)
    let said = Guarded("")
    let isOver = DispatchSemaphore(value: 0)
    DispatchQueue.global().async {
      let handle = Foundation.FileHandle(forReadingAtPath: fifo)
      while let data = handle?.availableData, !data.isEmpty {
        begun.withLock { $0 = true }
        said.withLock { $0 += String(decoding: data, as: UTF8.self) }
      }
      isOver.signal()
    }
    let outcome = try ChildProcess.run(
      Array("exec 3>'\(fifo)'; \(command)".utf8), input: [], output: .discarded, errors: { _ in },
      isStopped: { begun.withLock { $0 } })
    isOver.wait()
    return (outcome.ending, said.withLock { $0 })
  }

  @Test(arguments: [
    // One that obeys; what it has started; one that does not listen, and is killed in the end.
    "echo begun >&3; sleep 30; echo late >&3",
    "(echo begun >&3; sleep 30; echo late >&3) & wait",
    "trap '' TERM; echo begun >&3; sleep 30; echo late >&3",
  ])
  func `what is stopped says nothing more`(command: String) throws {
    let (ending, said) = try stop(command)
    #expect(ending == .stopped)
    #expect(said == "begun\n")
  }

  /// Hands one message to a command that always fails: how often it was begun, what came of it, and how
  /// often there was a wait; stopped after so many.
  private func fail(retries: Int, stopsAfter: Int) throws -> (
    tries: Int, error: DiskQueueError?, waits: Int
  ) {
    let directory = try TemporaryDirectory()
    let tries = directory.path.string + "/tries"
    var waits = 0
    var manner = CommandSink.Manner()
    manner.retries = retries
    manner.isStopped = { waits >= stopsAfter }
    manner.pause = { _ in waits += 1 }
    let sink = CommandSink(
      Array("cat >/dev/null; echo x >> '\(tries)'; exit 1".utf8),
      encoder: MessageEncoder(.lines, nsq: false, queue: try QueueName("q")), manner)
    let message = Message(payload: [65], position: Position(file: 0, offset: 0))
    let error = #expect(throws: DiskQueueError.self) { try sink.keep([message]) }
    let begun = (try? String(contentsOfFile: tries, encoding: .utf8)) ?? ""
    return (begun.split(separator: "\n").count, error, waits)
  }

  @Test func `nothing is tried again once it was stopped`() throws {
    let (tries, error, waits) = try fail(retries: 3, stopsAfter: 1)
    #expect(error?.code == .inputOutput)
    #expect(waits == 1)
    #expect(tries <= 2)
  }

  @Test func `a batch is tried again so many times and no more`() throws {
    #expect(try fail(retries: 2, stopsAfter: 100).tries == 3)
  }
}
