/// Draws the whole model: the only way from state to cells.
package enum Screen {
  package static func draw(_ model: Model) -> Frame {
    var frame = Frame(columns: model.columns, rows: model.rows, ascii: model.ascii)
    guard !model.layout.isTooSmall else {
      frame.put("too small", row: 0, column: 0, role: .warning)
      frame.put("q quits", row: 1, column: 0)
      frame.cursor = model.rows > 0 && model.columns > 0 ? (0, 0) : nil
      return frame
    }
    if case .help(let state) = model.overlay {
      HelpView.draw(model, state, in: &frame)
      return frame
    }
    switch model.screen {
    case .list: ListView.draw(model, in: &frame)
    case .queue: QueuePage.draw(model, in: &frame)
    case .events:
      StatusBar.header(model, place: Array("> events and audit log".utf8), in: &frame)
      EventsView.draw(model, isTab: false, in: &frame)
    }
    StatusBar.draw(model, in: &frame)
    DialogView.draw(model, in: &frame)
    return frame
  }
}
