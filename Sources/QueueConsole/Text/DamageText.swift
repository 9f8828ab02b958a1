package import QueueInspection

/// What a check has found in a queue's damaged places, on one line.
package enum DamageText {
  /// How many places there are, and how sure the messages of all segments are; nil where none is damaged.
  package static func summary(of queue: QueueReport) -> String? {
    guard !queue.damage.isEmpty else { return nil }
    let places = queue.damage.count
    let all = queue.segments.reduce(0) { $0 + ($1.messages ?? 0) }
    let likely = queue.damage.reduce(0) { $0 + $1.likely }
    let guesses = queue.damage.reduce(0) { $0 + $1.guess }
    return "\(Numbers.grouped(Int64(places))) damaged place\(places == 1 ? "" : "s"); "
      + "\(Numbers.messages(all)) can be had, \(Numbers.grouped(likely)) of them only likely; "
      + "\(Numbers.grouped(guesses)) guess\(guesses == 1 ? "" : "es") beside"
  }
}
