package import DiskQueue
import QueueInspection
package import SystemPackage

/// What an operation would do to one queue, worked out before anything is touched: it prints, and
/// it is applied only to the very files it was made from.
package struct Plan: Sendable, Hashable {
  package typealias Kind = Act.Kind

  /// One thing that will be done, in order.
  package struct Step: Sendable, Hashable {
    /// A word for scripts: `append`, `take`, `backup`, `cut`, `rebuild`, `rebuild-metadata`,
    /// `rename`, `move`, `requeue`, `restore`, `keep`, `skip`, `purge`, `finish`.
    package var step: String
    /// The directory entry it is about; nil when it is about the queue.
    package var file: String?
    /// One plain sentence.
    package var why: String
  }

  package var kind: Kind
  package var queue: QueueName
  package var directory: FilePath
  package var steps: [Step]
  /// Messages put in, taken off or dropped; for a repair, those that can be read after it.
  package var messages: Int64
  /// Their bytes on disk.
  package var bytes: Int64
  /// The metadata as it is; nil when there is none that can be read.
  package var before: Metadata?
  /// The metadata as it will be.
  package var after: Metadata
  /// Where drained messages go.
  package var target: String?
  /// Damage that stays after the operation.
  package var remaining: [Finding]
  /// The files the plan was made from.
  package var files: QueueFiles
  /// What is done to them; empty for what goes through the queue itself, as a drain.
  package var changes: [FileChange] = []
  /// Messages that the metadata counts and that nothing on disk holds.
  package var lost: Int64 = 0
  /// Bytes among the unread that are no message.
  package var lostBytes: Int64 = 0
  /// What may be messages and is not put back.
  package var uncertain: Int64 = 0
  /// Messages that come back from `.bad` files.
  package var requeued: Int64 = 0
  /// The messages that leave the queue, where not all do.
  package var selected: [RecordRange] = []
  /// The operations whose folders are freed.
  package var operations: [String] = []
  /// The operation that is undone.
  package var undoes: String?
  /// The interrupted operation that is finished or taken back.
  package var finishes: String?

  /// What the ledger writes down of it.
  package var act: Act {
    Act(
      kind: kind, queue: queue, messages: messages, before: before, after: after, target: target,
      undoes: undoes, files: files)
  }

  /// Whether there is anything to do.
  package var isEmpty: Bool { steps.allSatisfy { $0.step == "keep" } }

  /// A number for the files the plan was made from: another one means that they have changed.
  package var fingerprint: String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func mix(_ bytes: some Sequence<UInt8>) {
      for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }
    for image in OperationRecord.images(files) {
      mix(image.entry)
      mix("\(image.inode) \(image.size) \(image.modified.nanoseconds)".utf8)
    }
    mix(files.metadata?.bytes ?? [])
    return String(hash, radix: 16)
  }
}

/// What came of a plan.
package struct OperationResult: Sendable, Hashable {
  /// Names the operation's backup folder and its line in the audit log.
  package var id: String
  package var kind: Plan.Kind
  package var queue: QueueName
  package var messages: Int64
  package var bytes: Int64
  package var after: Metadata
  /// Damage that is still there.
  package var remaining: [Finding]
  /// False when there was no space for a backup, so that it cannot be undone.
  package var isKept = true
}
