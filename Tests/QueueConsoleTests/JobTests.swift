import DiskQueue
import DiskQueueTesting
import QueueConsole
import QueueInspection
import QueueOperations
import SystemPackage
import Testing

/// One job at a time, ended by nothing but its own end.
@Suite struct JobTests {
  private static let refusal = DiskQueueError(.refused, "something else failed")

  /// A model in which a drain is being applied.
  private func draining() throws -> Model {
    let request = PlanRequest(.drain, try QueueName("orders:billing"))
    var model = try Sample.model()
    _ = model.update(.writing(unlocked: true))
    model.planned([Plan.sample(request)], request)
    model.type("orders:billing")
    model.press(.enter)
    return model
  }

  /// What may happen while a job runs, none of it the job's end.
  private static func others() throws -> [Event] {
    let queue = try QueueName("orders:billing")
    let other = JobID(4711)
    let request = PlanRequest(.empty, queue)
    let news: [JobNews] = [
      .failed(refusal), .planned([Plan.sample(request)], request), .found(queue, nil),
      .judged(queue, []), .exported("/tmp/x", 1), .written("/tmp/x"),
      .progress(99, seconds: 1), .applied([], request, failure: refusal),
      .checked(try #require(Sample.report().queue(queue))),
    ]
    return [
      .browseFailed(queue, refusal), .surveyFailed(refusal), .audited([]), .refused("no clipboard"),
      .opened(queue, nil), .surveyed(try Sample.report(), changed: nil),
    ] + news.map { .job(other, $0) }
  }

  @Test func `no other failure and no other job's end is taken for the end of the one that runs`()
    throws
  {
    for event in try Self.others() {
      var model = try draining()
      let job = try #require(model.job)
      _ = model.update(event)
      #expect(model.job == job, "\(event)")
      model.overlay = nil
      #expect(model.press(.character("Q")).isEmpty, "\(event)")
      #expect(model.overlay == .quit)
      #expect(model.press(.character("n")).isEmpty)
      #expect(model.press(.control("c")) == [.cancel(job.id)])
    }
  }

  @Test func `its own end ends it, whatever that is`() throws {
    let queue = try QueueName("orders:billing")
    let request = PlanRequest(.drain, queue)
    let plan = Plan.sample(request)
    let ends: [JobNews] = [
      .failed(Self.refusal), .applied([.sample(plan)], request, failure: nil),
      .applied([], request, failure: Self.refusal),
    ]
    for end in ends {
      var model = try draining()
      model.tell(end)
      #expect(model.job == nil)
      model.overlay = nil
      #expect(model.press(.character("Q")) == [.quit])
    }
  }

  @Test(arguments: ["c", "X", "D", "P", "u", ":export /tmp/x", ":check", ":empty"])
  func `a second job is refused in words and the first goes on`(asked: String) throws {
    var model = try draining()
    let job = model.job
    if asked.count == 1 {
      #expect(model.press(.character(Character(asked))).isEmpty)
    } else {
      model.type(asked)
      #expect(model.press(.enter).isEmpty)
    }
    #expect(model.job == job && model.overlay == nil)
    #expect(!model.message.isEmpty)
    // The job has the line of messages; what was refused is seen all the same.
    #expect(Screen.draw(model).lines.contains { $0.contains(model.message.prefix(30)) })
  }

  @Test func `an export of messages waits for its turn, too`() throws {
    var model = try draining()
    _ = model.update(.job(JobID(1), .progress(1, seconds: 1)))
    model.press(.character("m"))
    _ = model.update(.browsed(try QueueName("orders:billing"), .first, Sample.page()))
    model.press(.character("e"))
    #expect(model.press(.enter).isEmpty)
    #expect(!model.message.isEmpty)
    model.press(.character("/"))
    model.type("inv")
    #expect(model.press(.enter).isEmpty)
    #expect(model.messages?.isSearching == false)
  }

  @Test func `a job that was asked to stop is gone when it has stopped, and not before`() throws {
    var model = try draining()
    let id = try #require(model.job?.id)
    #expect(model.press(.control("c")) == [.cancel(id)])
    #expect(model.job?.isStopping == true)
    #expect(model.press(.character("c")).isEmpty)
    model.tell(.failed(Self.refusal))
    #expect(model.job == nil)
    #expect(model.press(.character("c")).jobs?.count == 1)
  }

  @Test func `a plan that was left is still the job, so that the next one does not pass it`() throws
  {
    var model = try Sample.model()
    _ = model.update(.writing(unlocked: true))
    model.press(.end)
    model.press(.home)
    #expect(model.press(.character("X")).jobs?.count == 1)
    let id = try #require(model.job?.id)
    #expect(model.press(.escape) == [.cancel(id)])
    #expect(model.press(.character("X")).isEmpty)
    #expect(model.overlay == nil && model.job?.id == id)
    model.tell(.failed(Self.refusal))
    #expect(model.press(.character("X")).jobs?.count == 1)
    #expect(model.job?.id != id)
  }

  @Test(arguments: [Key.character("Q"), .function(10)])
  func `quitting asks while a job runs, from the help too`(key: Key) throws {
    var model = try draining()
    model.press(.character("?"))
    #expect(model.press(key).isEmpty)
    #expect(model.overlay == .quit)
    #expect(model.press(.character("y")) == [.quit])
  }

  @Test func `.bad files asked for while a job runs are read when it has ended`() throws {
    var model = try draining()
    let audit = try QueueName("audit")
    model.type(":queue audit")
    model.press(.enter)
    #expect(model.press(.character("b")).isEmpty)
    #expect(model.tell(.failed(Self.refusal)).jobs == [.judge(audit)])
    // One that fails is not tried again by itself.
    #expect(model.tell(.failed(Self.refusal)).isEmpty)
    #expect(model.press(.character("R")).contains { if case .start = $0 { true } else { false } })
  }
}
