import DiskQueueTesting
import Foundation
import SystemPackage
import Testing

@testable import ConsoleRuntime
@testable import DiskQueue
@testable import QueueConsole

/// The impure edge holds, whatever the model wishes for.
@Suite struct PerformerTests {
  private func performer(_ directory: TemporaryDirectory) -> (EffectPerformer, Mailbox) {
    let mailbox = Mailbox(wakeUp: {})
    let settings = ConsoleSettings(directory: directory.path) {
      (_, _, _) throws(DiskQueueError) in
    }
    return (EffectPerformer(settings, mailbox: mailbox), mailbox)
  }

  /// Waits for what the performer posts.
  private func event(_ mailbox: Mailbox) async -> Event? {
    let end = ContinuousClock.now + .seconds(600)
    while ContinuousClock.now < end {
      if let event = mailbox.collect().first { return event }
      await Task.yield()
    }
    return nil
  }

  @Test(arguments: Plan.Kind.allCases)
  func `a screen that forgets to ask cannot write: the core has no token`(kind: Plan.Kind)
    async throws
  {
    let directory = try Fixture("clean-rolled").copy()
    let before = try directory.contents()
    let (performer, mailbox) = performer(directory)
    let request = PlanRequest(kind, try QueueName("jobs"))
    let plan = try Planner(directory.path).empty(try QueueName("jobs"))
    performer.perform(.apply([plan], request))
    guard case .applied(let results, _, let failure) = await event(mailbox) else {
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
    performer.perform(.apply([plan], request))
    guard case .applied(_, _, let again) = await event(mailbox) else {
      Issue.record("nothing came")
      return
    }
    #expect(again?.code == .refused)
    #expect(try directory.contents() == before)
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
    performer.perform(.apply(plans, PlanRequest(.empty, names)))
    guard case .applied(let results, _, let failure) = await event(mailbox) else {
      Issue.record("nothing came")
      return
    }
    #expect(results.map(\.queue) == [names[0]])
    #expect(failure?.code == .inUse)
    #expect(open.depth == 1)
    try open.close()
  }
}
