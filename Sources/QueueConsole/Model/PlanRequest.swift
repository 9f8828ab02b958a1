package import DiskQueue
import QueueInspection
package import QueueOperations

/// What an operator asks a plan for.
package struct PlanRequest: Hashable, Sendable {
  /// Where messages that leave a queue go.
  package enum Target: Hashable, Sendable {
    case file(String, MessageFormat)
    case queue(QueueName)
    /// A shell command that reads each batch.
    case command(String, MessageFormat)

    /// In words, for a plan.
    package var text: String {
      switch self {
      case .file(let path, _): path
      case .queue(let name): "queue \(VisibleText.string(name.bytes))"
      case .command(let command, _): "command: \(command)"
      }
    }
  }

  /// Where messages that are injected come from.
  package enum Source: Hashable, Sendable {
    case payload([UInt8])
    case file(String, MessageFormat)
  }

  package var kind: Plan.Kind
  package var queues: [QueueName]
  package var source = Source.payload([])
  package var injection = Injection()
  package var target: Target?
  /// What a repair looks into.
  package var repair = RepairPlanner.Request()
  /// How many messages are passed over.
  package var count: Int64 = 1
  /// The messages that are moved.
  package var positions: Set<Position> = []
  /// The operation that is undone or purged; nil for the last, or all.
  package var operation: String?

  package init(_ kind: Plan.Kind, _ queues: [QueueName]) {
    self.kind = kind
    self.queues = queues
  }

  package init(_ kind: Plan.Kind, _ queue: QueueName) { self.init(kind, [queue]) }

  /// What must be typed to apply its plans: the queue's name, or the act and how many.
  package func phrase(_ plans: [Plan]) -> String {
    String(decoding: Plan.passwords(plans).first ?? [], as: UTF8.self)
  }
}
