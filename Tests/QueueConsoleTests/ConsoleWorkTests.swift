import DiskQueueTesting
import Dispatch
import Foundation
import QueueInspection
import QueueOperations
import SystemPackage
import Testing

@testable import ConsoleRuntime
@testable import DiskQueue
@testable import QueueConsole

/// A job that was cancelled stops between two steps, whatever it is at, and leaves the rest as it was.
@Suite struct ConsoleWorkTests {
  /// A directory with queues of so many messages, and a job in it that is cancelled when it first tells how
  /// far it is: before its first batch.
  private struct Stage {
    let directory: TemporaryDirectory
    let names: [QueueName]
    let cancellation = Cancellation()
    let work: Work

    init(_ names: [String], count: Int = 1, cancels: Bool = true) throws {
      directory = try TemporaryDirectory()
      self.names = try names.map { try QueueName($0) }
      for name in self.names {
        let queue = try DiskQueue(name, directory: directory.path)
        try queue.put(contentsOf: (0..<count).map { Array("message \($0)".utf8) })
        try queue.close()
      }
      let settings = ConsoleSettings(directory: directory.path)
      let mailbox = Mailbox(wakeUp: { [cancellation] in if cancels { cancellation.cancel() } })
      work = Work(
        settings, id: JobID(1),
        reader: MessageReader(directory.path, limits: settings.options.limits),
        cancellation: cancellation, mailbox: mailbox)
    }

    /// Plans and applies an act on all queues; what came of it.
    func apply(_ kind: Plan.Kind, to target: PlanRequest.Target) throws -> (
      results: [OperationResult], failure: DiskQueueError?
    ) {
      var request = PlanRequest(kind, names)
      request.target = target
      let plans = try names.map { try Planner(directory.path).drain($0, to: target.text) }
      let confirmed = try Plan.confirm(plans, by: .yes)
      guard case .applied(let results, _, let failure) = work.apply(confirmed, request) else {
        throw DiskQueueError(.inputOutput, "nothing was applied")
      }
      return (results, failure)
    }

    func depths() throws -> [Int64] {
      try names.map { name in
        try QueueBrowser(name, in: directory.path).state.depth
      }
    }
  }

  @Test func `a drain that was cancelled hands nothing more on`() throws {
    let stage = try Stage(["a"], count: 2500)
    let (results, failure) = try stage.apply(
      .drain, to: .file(stage.directory.path.string + "/out", .lines))
    #expect(failure == nil)
    #expect(results.map(\.messages) == [0])
    #expect(try stage.depths() == [2500])
  }

  @Test func `of several queues those behind the one at which it was cancelled are left`() throws {
    let stage = try Stage(["a", "b", "c"])
    let (results, failure) = try stage.apply(
      .drain, to: .file(stage.directory.path.string, .lines))
    #expect(failure?.code == .refused)
    #expect(results.map(\.queue) == [stage.names[0]])
    #expect(try stage.depths() == [1, 1, 1])
  }

  @Test func `a command ends when its job was cancelled, and its batch stays`() throws {
    let stage = try Stage(["a"], cancels: false)
    let fifo = stage.directory.path.appending("fifo").string
    #expect(unsafe mkfifo(fifo, 0o600) == 0)
    DispatchQueue.global().async { [cancellation = stage.cancellation] in
      _ = Foundation.FileHandle(forReadingAtPath: fifo)?.availableData
      cancellation.cancel()
    }
    let (results, failure) = try stage.apply(
      .drain, to: .command("cat >/dev/null; echo begun >'\(fifo)'; sleep 30", .lines))
    #expect(failure?.code == .inputOutput)
    #expect(results.isEmpty)
    #expect(try stage.depths() == [1])
  }

  // MARK: Plans

  @Test func `a queue is not moved to itself`() throws {
    let stage = try Stage(["a"], cancels: false)
    for (target, isRefused) in [(stage.names[0], true), (try QueueName("b"), false)] {
      var request = PlanRequest(.drain, stage.names)
      request.target = .queue(target)
      switch stage.work.run(.plan(request)) {
      case .failed(let error): #expect(isRefused && error.code == .refused)
      case .planned: #expect(!isRefused)
      default: Issue.record("it was not planned")
      }
    }
  }

  @Test func `the segments tell an act when one is finished`() throws {
    let stage = try Stage([], cancels: false)
    let sizes: [Int64] = [1000, 1000, 5]
    let told = stage.work.told(
      by: QueueFiles(
        segments: sizes.enumerated().map { SegmentFile(number: Int64($0), size: $1) }))
    #expect(told.maxBytesPerFile == 999)
    #expect(told.rollRule == .afterLimit)
    let usual = stage.work.told(by: QueueFiles())
    #expect(usual.maxBytesPerFile == DiskQueue.Options().maxBytesPerFile)
  }
}
