extension PageID {
  package static let summary = PageID("summary")
}

/// One queue in numbers, from top to bottom.
struct SummaryPage: Page {
  let id = PageID.summary
  let title = "Summary"

  func draw(_ model: Model, in frame: inout Frame) {
    guard let queue = model.target else { return }
    SummaryView.draw(queue, model, rows(in: model), in: &frame)
  }

  func rows(in model: Model) -> Rows {
    let height = model.target.map { SummaryLayout($0, in: model).height } ?? 0
    return Rows(height, room: model.layout.page.count, at: model.cursor(id), isChosen: false)
  }

  func enter(in model: inout Model) -> [Effect] {
    model.screen.queue.map { model.open($0, .segments) } ?? []
  }
}
