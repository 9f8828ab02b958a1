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

/// The impure edge holds, whatever the model wishes for.
@Suite struct PerformerTests {
  /// Rings for every post.
  private let bell = Recorder<Void>()

  private func performer(_ directory: TemporaryDirectory) -> (EffectPerformer, Mailbox) {
    let mailbox = Mailbox(wakeUp: { [bell] in bell.append(()) })
    let settings = ConsoleSettings(directory: directory.path)
    return (EffectPerformer(settings, mailbox: mailbox), mailbox)
  }

  /// Waits for what the performer posts.
  private func event(_ mailbox: Mailbox) async -> Event { await events(mailbox)[0] }

  private func events(_ mailbox: Mailbox) async -> [Event] {
    while true {
      let rung = bell.values.count
      let events = mailbox.collect()
      if !events.isEmpty { return events }
      await bell.reached(rung + 1)
    }
  }

  @Test(arguments: Plan.Kind.allCases)
  func `a screen that forgets to ask cannot write: writing is locked`(kind: Plan.Kind)
    async throws
  {
    let directory = try Fixture("clean-rolled").copy()
    let before = try directory.contents()
    let (performer, mailbox) = performer(directory)
    let request = PlanRequest(kind, try QueueName("jobs"))
    let plan = try Planner(directory.path).empty(try QueueName("jobs"))
    try performer.perform(.start(JobID(1), .apply(Plan.confirm([plan], by: .yes), request)))
    guard case .job(_, .applied(let results, _, let failure)) = await event(mailbox) else {
      Issue.record("nothing came")
      return
    }
    #expect(results.isEmpty && failure?.code == .refused)
    #expect(try directory.contents() == before)
    // Unlocked and locked again is locked.
    performer.perform(.unlock)
    _ = await event(mailbox)
    performer.perform(.lock)
    _ = await event(mailbox)
    try performer.perform(.start(JobID(1), .apply(Plan.confirm([plan], by: .yes), request)))
    guard case .job(_, .applied(_, _, let again)) = await event(mailbox) else {
      Issue.record("nothing came")
      return
    }
    #expect(again?.code == .refused)
    #expect(try directory.contents() == before)
  }

  /// F40 in the console: what nsqd would give its file up for is not planned.
  @Test(arguments: [false, true])
  func `a message too short for nsqd is refused in its directory`(nsq: Bool) async throws {
    let directory = try TemporaryDirectory()
    let path = directory.path
    try RealDisk().writeNew(
      path.appending("nsqd.dat"), Array(#"{"topics":[],"version":"1"}"#.utf8), ownership: nil)
    let (performer, mailbox) = performer(directory)
    var request = PlanRequest(.inject, try QueueName("q"))
    request.source = .payload(Array("short".utf8))
    request.injection.nsq = nsq
    performer.perform(.start(JobID(1), .plan(request)))
    switch await event(mailbox) {
    case .job(_, .failed(let error)): #expect(!nsq && error.code == .messageSize)
    case .job(_, .planned(let plans, _)): #expect(nsq && plans.count == 1)
    default: Issue.record("nothing came")
    }
  }

  @Test func `another directory under the same name is seen`() async throws {
    let parent = try TemporaryDirectory()
    let (here, there) = (parent.path.appending("data"), parent.path.appending("moved"))
    func fill(_ name: String) throws {
      try RealDisk().makeDirectory(here)
      let queue = try DiskQueue(name, directory: here)
      try queue.put("one")
      try queue.close()
    }
    let surveyor = Surveyor(here)
    func names() async -> [String]? {
      await withCheckedContinuation { continuation in
        surveyor.look { event in
          if case .surveyed(let report, _) = event {
            continuation.resume(returning: report.queues.map(\.name.description))
          } else {
            continuation.resume(returning: nil)
          }
        }
      }
    }
    try fill("old")
    #expect(await names() == ["old"])
    try RealDisk().rename(here, to: there)
    #expect(await names() == nil)
    try fill("new")
    #expect(await names() == ["new"])
    #expect(await names() == ["new"])
  }

  @Test func `of several queues those before a failure are done, and it is told`() async throws {
    let directory = try TemporaryDirectory()
    for name in ["a", "b", "c"] {
      let queue = try DiskQueue(name, directory: directory.path)
      try queue.put("one")
      try queue.close()
    }
    let (performer, mailbox) = performer(directory)
    let names = try ["a", "b", "c"].map { try QueueName($0) }
    let plans = try names.map { try Planner(directory.path).empty($0) }
    let open = try DiskQueue("b", directory: directory.path)
    performer.perform(.unlock)
    _ = await event(mailbox)
    try performer.perform(
      .start(JobID(1), .apply(Plan.confirm(plans, by: .yes), PlanRequest(.empty, names))))
    guard case .job(_, .applied(let results, _, let failure)) = await event(mailbox) else {
      Issue.record("nothing came")
      return
    }
    #expect(results.map(\.queue) == [names[0]])
    #expect(failure?.code == .inUse)
    #expect(open.depth == 1)
    try open.close()
  }

  /// Waits for what came of plans, beyond what is told on the way.
  private func applied(_ mailbox: Mailbox) async -> [OperationResult]? {
    while true {
      for event in await events(mailbox) {
        if case .job(_, .applied(let results, _, nil)) = event { return results }
        if case .job(_, .progress) = event { continue }
        Issue.record("it was not drained: \(event)")
        return nil
      }
    }
  }

  @Test func `a drain goes on behind the last whole line that a killed one left`() async throws {
    let directory = try TemporaryDirectory()
    let name = try QueueName("jobs")
    let out = directory.path.appending("out")
    var request = PlanRequest(.drain, name)
    request.target = .file(out.string, .lines)
    let (performer, mailbox) = performer(directory)
    performer.perform(.unlock)
    _ = await event(mailbox)
    for isKilled in [true, false] {
      let queue = try DiskQueue("jobs", directory: directory.path)
      try queue.put(contentsOf: ["one", "two"].map { Array($0.utf8) })
      try queue.close()
      let plan = try Planner(directory.path).drain(name, to: out.string)
      try performer.perform(.start(JobID(1), .apply(Plan.confirm([plan], by: .yes), request)))
      let results = await applied(mailbox)
      guard isKilled else { break }
      // As a kill in the middle of the second line leaves it.
      let id = try #require(results?.first?.id)
      let record = try OperationStore(of: directory.path).find(id)
      try FileManager.default.removeItem(atPath: record.folder.appending("result").string)
      try Data("one\ntw".utf8).write(to: URL(fileURLWithPath: out.string))
    }
    #expect(try String(contentsOfFile: out.string, encoding: .utf8) == "one\none\ntwo\n")
  }

  // MARK: Jobs

  /// A performer, and a file for injects that hangs until somebody writes to it.
  private func hanging(_ directory: TemporaryDirectory) throws -> (
    EffectPerformer, Mailbox, DispatchSemaphore, FilePath
  ) {
    let told = DispatchSemaphore(value: 0)
    let mailbox = Mailbox(wakeUp: { told.signal() })
    let pipe = directory.path.appending("pipe")
    guard unsafe mkfifo(pipe.string, 0o600) == 0 else { throw Errno(rawValue: errno) }
    return (
      EffectPerformer(ConsoleSettings(directory: directory.path), mailbox: mailbox), mailbox, told,
      pipe
    )
  }

  private func release(_ pipe: FilePath) throws {
    let writer = try FileDescriptor.open(pipe, .writeOnly)
    try writer.writeAll(Array("one\n".utf8))
    try writer.close()
  }

  private func inject(_ pipe: FilePath) throws -> JobRequest {
    var request = PlanRequest(.inject, try QueueName("jobs"))
    request.source = .file(pipe.string, .lines)
    return .plan(request)
  }

  /// The next events, each noted; waits without giving the thread back.
  private func next(_ performer: EffectPerformer, _ mailbox: Mailbox, _ told: DispatchSemaphore)
    -> [Event]
  {
    while true {
      let events = mailbox.collect()
      for event in events { performer.note(event) }
      if !events.isEmpty { return events }
      guard told.wait(timeout: .now() + 120) == .success else {
        Issue.record("nothing came")
        return []
      }
    }
  }

  @Test func `a performer is busy until the job itself has ended`() throws {
    let directory = try Fixture("clean-rolled").copy()
    let (performer, mailbox, told, pipe) = try hanging(directory)
    performer.perform(.start(JobID(1), try inject(pipe)))
    // Whatever fails or ends meanwhile is no end of it.
    performer.perform(.browse(try QueueName("nowhere"), .first, isFresh: true))
    guard case .browseFailed? = next(performer, mailbox, told).first else {
      Issue.record("no failure")
      return
    }
    #expect(performer.isBusy)
    let refusal = DiskQueueError(.refused, "no")
    performer.note(.job(JobID(2), .failed(refusal)))
    performer.note(.job(JobID(1), .progress(1, seconds: 1)))
    performer.note(.surveyFailed(refusal))
    #expect(performer.isBusy)
    // Nor is somebody else's cancelling its own.
    performer.perform(.cancel(JobID(2)))
    try release(pipe)
    guard case .job(JobID(1), .planned)? = next(performer, mailbox, told).last else {
      Issue.record("no plan")
      return
    }
    #expect(!performer.isBusy)
  }

  @Test func `a job is cancelled by its own name, and by leaving`() throws {
    for leaves in [false, true] {
      let directory = try Fixture("clean-rolled").copy()
      let (performer, mailbox, told, pipe) = try hanging(directory)
      performer.perform(.start(JobID(3), try inject(pipe)))
      if leaves { performer.cancel() } else { performer.perform(.cancel(JobID(3))) }
      // Open for reading, too: the job may have ended before it comes to the file, and writing to nobody
      // would end this process.
      let writer = try FileDescriptor.open(pipe, .readWrite)
      defer { try? writer.close() }
      try writer.writeAll(Array("one\n".utf8))
      guard case .job(JobID(3), .failed(let error))? = next(performer, mailbox, told).last else {
        Issue.record("it was not stopped")
        return
      }
      #expect(error.code == .refused && !performer.isBusy)
    }
  }

  @Test func `nothing that hangs keeps the directory from being looked at`() throws {
    let directory = try Fixture("clean-rolled").copy()
    let (performer, mailbox, told, pipe) = try hanging(directory)
    // Tasks that block, as many as the machine lets run, are what a busy pool looks like.
    let pool = ProcessInfo.processInfo.activeProcessorCount * 2
    let holding = DispatchSemaphore(value: 0)
    for _ in 0..<pool { Task.detached { holding.wait() } }
    performer.perform(.start(JobID(1), try inject(pipe)))
    for _ in 0..<3 {
      performer.perform(.refresh)
      guard case .surveyed? = next(performer, mailbox, told).first else {
        Issue.record("no look")
        break
      }
    }
    // Reading goes on beside the job, too.
    performer.perform(.browse(try QueueName("jobs"), .first, isFresh: true))
    guard case .browsed? = next(performer, mailbox, told).first else {
      Issue.record("no page")
      return
    }
    for _ in 0..<pool { holding.signal() }
    try release(pipe)
    while performer.isBusy { _ = next(performer, mailbox, told) }
  }
}
