package import DiskQueue
import QueueInspection
import SystemPackage

extension Operator {
  /// Hands the chosen messages of a plan to `sink` and then changes the queue so that they are gone.
  ///
  /// Should it stop or fail on the way, those that the sink has kept leave the queue and the others
  /// stay; a crash before that gives them to the sink again, and never loses one.
  ///
  /// - Parameters:
  ///   - plan: what was shown and confirmed.
  ///   - selection: what the plan was made from.
  ///   - handover: how many at once, and whether to go on; all of them are wanted.
  ///   - sink: where the messages go.
  /// - Returns: what was done, with the messages that left.
  /// - Throws: `planVoid`, `inUse`, or what reading or the sink reports.
  package func move(
    by plan: ConfirmedPlan, of selection: MessageSelection, _ handover: Handover = .init(),
    into sink: any MessageSink
  ) throws(DiskQueueError) -> OperationResult {
    let planned = plan.plan
    var failure: DiskQueueError?
    let result = try apply(plan) { () throws(DiskQueueError) in
      var source = RangeSource(
        planned.selected, of: planned.queue, in: directory, disk: disk, limits: options.limits)
      var done = Handover.Done()
      do throws(DiskQueueError) {
        try handover.run(from: &source, to: sink, done: &done)
      } catch {
        guard done.kept > 0 else { throw error }
        failure = error
      }
      if done.kept == planned.messages { return nil }
      guard done.kept > 0 else {
        throw DiskQueueError(.refused, "stopped; the queue is as it was", path: directory)
      }
      var kept = selection
      kept.limit = done.kept
      return try planner.move(planned.queue, kept, to: planned.target ?? "")
    }
    if let failure { throw failure }
    return result
  }
}
