package import DiskQueue

/// The one loop by which messages leave a queue: each batch is kept before it leaves.
package struct Handover {
  /// How far it is.
  package struct Done: Hashable, Sendable {
    /// Messages that are safe where they go.
    package var kept: Int64 = 0
    /// Of those, the ones that have left the queue: all but the last batch's, for a moment.
    package var left: Int64 = 0
    /// Bytes of those that were kept.
    package var bytes: Int64 = 0

    package init() {}
  }

  /// How many messages at the most.
  package var most: Int64
  /// How many at once.
  package var batch: Int64
  /// Asked between two batches; false stops there with nothing lost.
  package var goesOn: (Done) -> Bool

  package init(
    most: Int64 = .max, batch: Int64 = 1000, goesOn: @escaping (Done) -> Bool = { _ in true }
  ) {
    self.most = most
    self.batch = batch
    self.goesOn = goesOn
  }

  /// Hands on what `source` has until it has no more, `most` are through, or `goesOn` says no.
  ///
  /// - Throws: what reading, the sink or the leaving reports; `done` tells how far it came.
  package func run(
    from source: inout some MessageSource & ~Copyable, to sink: any MessageSink,
    done: inout Done
  ) throws(DiskQueueError) {
    while done.kept < most, goesOn(done), let next = try source.next(min(batch, most - done.kept)) {
      do { try sink.keep(next) } catch let error as DiskQueueError { throw error } catch {
        throw DiskQueueError(.inputOutput, "the messages could not be handed on: \(error)")
      }
      done.kept += next.count
      done.bytes += next.bytes
      try source.commit(next)
      done.left += next.count
    }
  }
}
