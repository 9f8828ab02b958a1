import DiskQueue
import QueueInspection
import QueueOperations

/// What the messages' page does when it is asked, and what it has read for that.
extension MessagesPage {
  func read(on occasion: Occasion, in model: inout Model) -> [Effect] {
    switch occasion {
    case .entered:
      guard let queue = model.screen.queue, model.messages?.queue != queue else { return [] }
      model.messages = LoadedMessages(queue)
      return model.browse(queue, .first, isFresh: true)
    case .refreshed:
      return model.messages.map { model.browse($0.queue, .first, isFresh: true) } ?? []
    case .looked(_, let changed): return followTail(changed, in: &model)
    case .applied(let request):
      guard let page = model.messages, request.queues.contains(page.queue) else { return [] }
      return model.browse(page.queue, .first, isFresh: true)
    case .jobEnded: return []
    }
  }

  /// Shows the newest messages when that is wanted and there are some.
  private func followTail(_ changed: Set<QueueName>?, in model: inout Model) -> [Effect] {
    guard let page = model.messages, page.follows, !page.isLoading,
      changed?.contains(page.queue) ?? true
    else { return [] }
    return model.browse(page.queue, .last, isFresh: true)
  }

  func run(_ command: Command, in model: inout Model) -> [Effect]? {
    switch command {
    // Messages are looked for, not filtered: they would all have to be read.
    case .filter: model.overlay = .search(LineEditor(pattern(in: model)))
    case .nextPane: model.messages?.isInPane.toggle()
    case .mark: return mark(in: &model)
    case .follow: return follow(in: &model)
    case .view:
      guard let view = model.messages?.view else { return [] }
      let all = LoadedMessages.View.allCases
      model.messages?.view = all[((all.firstIndex(of: view) ?? 0) + 1) % all.count]
      model.messages?.paneTop = 0
    case .wrap:
      model.messages?.wraps.toggle()
      model.say(
        model.messages?.wraps == true ? "long lines are wrapped" : "long lines are cut")
      model.messages?.paneLeft = 0
    case .export: model.overlay = exportForm(in: model).map { .export($0) }
    default: return nil
    }
    return []
  }

  private func mark(in model: inout Model) -> [Effect] {
    guard let current = model.messages?.current, current.damage == nil else { return [] }
    if model.messages?.marks.remove(current.position) == nil {
      model.messages?.marks.insert(current.position)
    }
    return model.move(1)
  }

  private func follow(in model: inout Model) -> [Effect] {
    guard let page = model.messages else { return [] }
    model.messages?.follows.toggle()
    model.say(page.follows ? "the tail is no longer followed" : "following the tail")
    return page.follows ? [] : model.browse(page.queue, .last, isFresh: true)
  }

  private func exportForm(in model: Model) -> Form? {
    guard let page = model.messages, !page.chosen.isEmpty else { return nil }
    let count = Numbers.messages(Int64(page.chosen.count))
    return Form(
      "EXPORT \(count)", hint: "They are copied; the queue is not touched.",
      [
        .text("target", "File", model.path(page.queue, "ndjson")),
        .choice("format", "Format", MessageFormat.allCases.map(\.rawValue), 5),
      ])
  }
}
