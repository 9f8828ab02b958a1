package import DiskQueue
import QueueInspection
package import SystemPackage

/// What an operator says to something that is about to be done.
package enum Answer: Sendable, Hashable {
  /// Asked for outright: by `--yes`, by a verb that does nothing else, as a drain, or by a key where one
  /// is enough.
  case yes
  /// What was typed where a word was asked for.
  case typed([UInt8])
}

/// What is only done once an operator has seen it and wants it.
package protocol Confirmable: Sendable {
  /// Where it would be done.
  var directory: FilePath { get }
  /// What has to be typed, in any of these spellings.
  var passwords: [[UInt8]] { get }
}

extension Confirmable {
  /// The proof that this, as it is, is wanted; nothing else makes one.
  ///
  /// - Throws: `refused` where something else was typed.
  package func confirmed(by answer: Answer) throws(DiskQueueError) -> Confirmed<Self> {
    try Confirmed.all([self], by: answer)[0]
  }
}

/// What an operator has confirmed.
///
/// The operator of queues takes nothing else, so no screen and no command can change a queue by mistake.
package struct Confirmed<Subject: Confirmable>: Sendable {
  package let plan: Subject

  fileprivate init(_ plan: Subject) { self.plan = plan }

  fileprivate static func all(
    _ subjects: [Subject], by answer: Answer, _ passwords: [[UInt8]]? = nil
  )
    throws(DiskQueueError) -> [Confirmed]
  {
    if case .typed(let typed) = answer,
      !(passwords ?? subjects.first?.passwords ?? []).contains(typed)
    {
      throw DiskQueueError(
        .refused, "not confirmed; nothing was changed", path: subjects.first?.directory)
    }
    return subjects.map { Confirmed($0) }
  }
}

extension Confirmed: Equatable where Subject: Equatable {}
extension Confirmed: Hashable where Subject: Hashable {}

/// A plan that may be applied.
package typealias ConfirmedPlan = Confirmed<Plan>

extension Plan: Confirmable {
  /// The queue's name; what is no text is typed as it is shown.
  package var passwords: [[UInt8]] {
    [queue.bytes, Array(VisibleText.string(queue.bytes).utf8)]
  }

  /// What is typed for several plans at once; the first spelling is the one to show.
  package static func passwords(_ plans: [Plan]) -> [[UInt8]] {
    guard plans.count != 1, let kind = plans.first?.kind else {
      return plans.first?.passwords.reversed() ?? []
    }
    return [Array("\(kind.rawValue) \(plans.count)".utf8)]
  }

  /// Confirms plans that were shown together.
  ///
  /// - Throws: `refused` where something else was typed than ``passwords(_:)``.
  package static func confirm(_ plans: [Plan], by answer: Answer) throws(DiskQueueError)
    -> [ConfirmedPlan]
  {
    try Confirmed.all(plans, by: answer, passwords(plans))
  }
}
