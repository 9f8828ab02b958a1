import DiskQueue
import QueueInspection

/// What filters and searches look through: the queues of the list, unless a page has its own.
protocol Searchable {
  /// The filter in force.
  func filter(in model: Model) -> String
  /// Shows only what has a word, or with `!` what has it not.
  func filter(by text: String, in model: inout Model)
  /// What was looked for last.
  func pattern(in model: Model) -> String
  /// Notes what is looked for.
  func look(for text: String, in model: inout Model)
  /// Goes to the next match, or to the one before.
  func find(forward: Bool, in model: inout Model) -> [Effect]
}

extension Searchable {
  func filter(in model: Model) -> String { model.filter }

  func filter(by text: String, in model: inout Model) {
    model.filter = text
    model.arrange()
  }

  func pattern(in model: Model) -> String { model.pattern }

  func look(for text: String, in model: inout Model) { model.pattern = text }

  func find(forward: Bool, in model: inout Model) -> [Effect] {
    let (pattern, count) = (model.pattern, model.visibleCount)
    guard !pattern.isEmpty, count > 0 else { return [] }
    let word = pattern.lowercased()
    let start = model.rowOfSelected ?? 0
    for step in 1...count {
      let row = (start + (forward ? step : count * 2 - step)) % count
      guard let name = model.visible(row)?.name, name.description.lowercased().contains(word)
      else { continue }
      model.choose(row)
      model.keepInView()
      return []
    }
    model.say("no queue with “\(pattern)” in its name".plainIf(model.ascii), .warning)
    return []
  }
}
