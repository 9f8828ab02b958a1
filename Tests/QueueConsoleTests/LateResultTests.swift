import DiskQueue
import QueueConsole
import QueueOperations
import Testing

/// What a job has done is told also when nobody shows the job any more.
@Suite struct LateResultTests {
  @Test(arguments: [true, false]) func `a late result is told, and only a result`(isResult: Bool)
    throws
  {
    let request = PlanRequest(.drain, try QueueName("orders:billing"))
    var model = try Sample.model()
    let failure = DiskQueueError(.inputOutput, "a test")
    let effects = model.update(
      .job(
        JobID(4711),
        isResult
          ? .applied([.sample(Plan.sample(request))], request, failure: failure)
          : .failed(failure)))
    #expect((model.overlay != nil) == isResult)
    #expect(effects.isEmpty != isResult)
  }
}
