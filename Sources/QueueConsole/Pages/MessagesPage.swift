import DiskQueue
import QueueInspection
import QueueOperations

extension PageID {
  static let messages = PageID("messages")
}

/// A queue's messages, and the one under the cursor in full.
package struct MessagesPage: Page {
  /// Messages that are asked for at once.
  package static let pageSize = 150

  let id = PageID.messages
  let title = "Messages"
  let shortcut: Command? = .messages
  let commands: Set<Command> = [.view, .wrap, .mark, .unmarkAll]
  let canExport = true

  func draw(_ model: Model, in frame: inout Frame) {
    guard let page = model.messages else { return }
    MessagesView.draw(page, model, rows(in: model), in: &frame)
  }

  func remarks(in model: Model) -> [Remark] {
    guard let page = model.messages else { return [] }
    var text = page.takenAt.map { "\(Numbers.messages(page.depth)) at \($0.clock)   " } ?? ""
    if page.follows { text += "following   " }
    if !page.marks.isEmpty { text += "\(page.marks.count) marked   " }
    if !page.pattern.isEmpty { text += "/\(page.pattern)   " }
    return [Remark(text: text, role: .dim, width: model.columns * 2 / 3)]
  }

  func hints(in model: Model) -> [Hint] {
    [
      Hint(.filter, "Search"), Hint(.view, "View"), Hint(.nextPane, "Pane"), Hint(.copy, "Copy"),
      Hint(.export, "Export"), Hint(.mark, "Mark"), Hint(.move, "Move"), .acts, .back,
    ]
  }

  func amend(_ request: inout PlanRequest, in model: Model) {
    switch request.kind {
    case .move: request.positions = Set(model.messages?.chosen ?? [])
    // Through the one under the cursor.
    case .skip: request.count = model.messages?.current?.number ?? 1
    default: break
    }
  }

  func copied(in model: Model) -> [UInt8] {
    guard let payload = model.messages?.opened?.payload else { return [] }
    return PayloadText.envelope(payload)?.body ?? payload
  }

  func export(to path: String, _ format: MessageFormat, in model: inout Model) -> [Effect] {
    guard let page = model.messages, !page.chosen.isEmpty else { return [] }
    return model.begin(
      .export(page.queue, page.chosen, path: path, format),
      "export \(Numbers.messages(Int64(page.chosen.count)))", queue: page.queue)
  }

  // MARK: Going about

  func pane(in model: Model) -> any Pane {
    model.messages?.isInPane == true ? PayloadPane() : self
  }

  func rows(in model: Model) -> Rows {
    let page = model.messages
    return Rows(
      page?.entries.count ?? 0, room: MessagesLayout(model.layout).list.count,
      at: Cursor(selected: page?.selected ?? 0, top: page?.top ?? 0))
  }

  func move(_ by: Int, in model: inout Model) -> [Effect] {
    guard let page = model.messages else { return [] }
    model.messages?.follows = false
    // All the way means the queue's ends, not those of what is loaded.
    if by <= -Int(Int32.max), !page.reachesStart {
      return model.browse(page.queue, .first, isFresh: false)
    }
    if by >= Int(Int32.max), !page.reachesEnd {
      return model.browse(page.queue, .last, isFresh: false)
    }
    return model.select(page.selected.clampedAdding(by))
  }

  func enter(in model: inout Model) -> [Effect] {
    model.messages?.isInPane = true
    return []
  }

  func settle(in model: inout Model) {}

  // MARK: Finding

  func pattern(in model: Model) -> String { model.messages?.pattern ?? "" }

  func look(for text: String, in model: inout Model) { model.messages?.pattern = text }

  func find(forward: Bool, in model: inout Model) -> [Effect] {
    guard let page = model.messages, !page.pattern.isEmpty, let current = page.current else {
      model.say("nothing to look for yet; / asks", .warning)
      return []
    }
    let effects = model.begin(
      .find(page.queue, page.pattern, from: current.position, forward: forward),
      "search “\(page.pattern)”".plainIf(model.ascii), queue: page.queue)
    if !effects.isEmpty { model.messages?.isSearching = true }
    return effects
  }
}
