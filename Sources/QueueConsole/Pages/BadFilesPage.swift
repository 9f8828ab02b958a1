import DiskQueue
import QueueInspection
import QueueOperations

extension PageID {
  static let badFiles = PageID("bad files")
}

/// The `.bad` files of a queue and its quarantine: what each is, and what can be saved from it.
struct BadFilesPage: Page {
  let id = PageID.badFiles
  let title = "Bad files"
  let help = ".bad files"
  let shortcut: Command? = .badFiles

  func draw(_ model: Model, in frame: inout Frame) {
    guard let queue = model.target else { return }
    BadFilesView.draw(queue, model, rows(in: model), in: &frame)
  }

  func hints(in model: Model) -> [Hint] {
    [
      Hint(.repair, "Put back what can be saved"), Hint(.undo, "Undo"), .acts, .write, .back,
    ]
  }

  func rows(in model: Model) -> Rows {
    Rows(
      model.target?.setAside.count ?? 0, room: BadFilesLayout.room(model.layout),
      at: model.cursor(id))
  }

  func absence(in model: Model) -> String? {
    guard let target = model.target else { return "no queue is selected" }
    return target.setAside.isEmpty ? "the queue has no .bad files" : nil
  }

  /// Here, repairing is about these files too.
  func amend(_ request: inout PlanRequest, in model: Model) {
    if request.kind == .repair { request.repair = .init(bad: true, requeuesBad: true) }
  }

  func copied(in model: Model) -> [UInt8] {
    let file = model.target?.setAside[safely: rows(in: model).cursor.selected]
    return file.map { Array($0.name.utf8) } ?? []
  }

  // MARK: Reading them

  func read(on occasion: Occasion, in model: inout Model) -> [Effect] {
    switch occasion {
    case .entered: return enterAnew(in: &model)
    case .refreshed: model.judgements = nil
    case .looked(let before, _):
      guard let queue = model.target, before?.queue(queue.name)?.setAside != queue.setAside
      else { return [] }
      model.judgements = nil
    case .applied:
      // The job that ends with it reads them anew.
      model.judgements = nil
      return []
    case .jobEnded: break
    }
    return judgeIfWanted(in: &model)
  }

  private func enterAnew(in model: inout Model) -> [Effect] {
    model.judgements = nil
    guard let queue = model.screen.queue else { return [] }
    guard let report = model.target, !report.setAside.isEmpty else {
      model.say("\(Model.text(queue)) has no .bad files")
      return []
    }
    let effects = judgeIfWanted(in: &model)
    if effects.isEmpty, let busy = model.busy { model.say(busy, .warning) }
    return effects
  }

  /// Reads the files once no other job is in the way.
  private func judgeIfWanted(in model: inout Model) -> [Effect] {
    guard let queue = model.target, !queue.setAside.isEmpty, model.judgements == nil,
      model.job == nil
    else { return [] }
    let kept = (model.message, model.messageRole)
    let effects = model.begin(
      .judge(queue.name), "read .bad files of \(Model.text(queue.name))", queue: queue.name,
      total: queue.setAside.reduce(0) { $0 + $1.bytes })
    (model.message, model.messageRole) = kept
    return effects
  }
}

extension Model {
  /// Takes what was found in `.bad` files, while they are looked at.
  mutating func take(_ found: [BadFileJudge.Judgement], of queue: QueueName) {
    if screen == .queue(queue, .badFiles) { judgements = found }
  }
}
