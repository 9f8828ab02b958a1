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
    drawPage(model, in: &frame)
    StatusBar.draw(model, in: &frame)
    DialogView.draw(model, in: &frame)
    return frame
  }

  private static func drawPage(_ model: Model, in frame: inout Frame) {
    // Of a queue that is not known yet there is nothing to show.
    if model.screen.queue != nil, model.target == nil { return }
    StatusBar.header(model, place: model.page.place(in: model), in: &frame)
    if model.screen.queue != nil { TabBar.draw(model, in: &frame) }
    model.page.draw(model, in: &frame)
  }
}
