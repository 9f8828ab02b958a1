package import DiskQueue
package import QueueOperations

/// Keeps batches by calling what a test says.
package final class ClosureSink: MessageSink {
  package let takesFrames: Bool
  package let isDurable: Bool
  private let body: (MessageBatch) throws -> Void

  package init(
    takesFrames: Bool = false, isDurable: Bool = true,
    _ body: @escaping (MessageBatch) throws -> Void
  ) {
    self.takesFrames = takesFrames
    self.isDurable = isDurable
    self.body = body
  }

  package func keep(_ batch: MessageBatch) throws { try body(batch) }
}

/// Acts by plans that a test means as they are.
extension Operator {
  @discardableResult
  package func apply(_ plan: Plan) throws(DiskQueueError) -> OperationResult {
    try apply(plan.confirmed(by: .yes))
  }

  @discardableResult
  package func inject(_ payloads: [[UInt8]], by plan: Plan) throws(DiskQueueError)
    -> OperationResult
  {
    try inject(payloads, by: plan.confirmed(by: .yes))
  }

  @discardableResult
  package func purge(_ plan: Plan) throws(DiskQueueError) -> OperationResult {
    try purge(plan.confirmed(by: .yes))
  }

  @discardableResult
  package func drain(
    by plan: Plan, most: Int64 = .max, batch: Int = 1000,
    goesOn: @escaping (Int64) -> Bool = { _ in true }, into sink: any MessageSink
  ) throws(DiskQueueError) -> OperationResult {
    try drain(
      by: plan.confirmed(by: .yes), Handover(most: most, batch: Int64(batch)) { goesOn($0.left) },
      into: sink)
  }

  @discardableResult
  package func drain(
    by plan: Plan, most: Int64 = .max, batch: Int = 1000,
    goesOn: @escaping (Int64) -> Bool = { _ in true }, into body: ([Message]) throws -> Void
  ) throws(DiskQueueError) -> OperationResult {
    try withoutActuallyEscaping(body) { (body) throws(DiskQueueError) in
      try drain(
        by: plan, most: most, batch: batch, goesOn: goesOn,
        into: ClosureSink { try body($0.messages) })
    }
  }

  @discardableResult
  package func move(
    by plan: Plan, of selection: MessageSelection, batch: Int = 1000,
    goesOn: @escaping (Int64) -> Bool = { _ in true }, into body: ([Message]) throws -> Void
  ) throws(DiskQueueError) -> OperationResult {
    try withoutActuallyEscaping(body) { (body) throws(DiskQueueError) in
      try move(
        by: plan.confirmed(by: .yes), of: selection,
        Handover(batch: Int64(batch)) { goesOn($0.kept) },
        into: ClosureSink { try body($0.messages) })
    }
  }
}
