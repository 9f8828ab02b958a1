/// The payload of the message under the cursor, while the keys are in it.
struct PayloadPane: Pane {
  /// Columns it goes sideways at once.
  private static let step = 8

  func rows(in model: Model) -> Rows {
    let layout = MessagesLayout(model.layout)
    let count = model.messages.map {
      PayloadText($0, width: layout.paneWidth, ascii: model.ascii).rows.count
    }
    return PayloadPane.rows(count ?? 0, of: model.messages, layout)
  }

  /// Its rows, when it is known how many there are.
  static func rows(_ count: Int, of page: LoadedMessages?, _ layout: MessagesLayout) -> Rows {
    Rows(
      count, room: layout.pane.count, at: Cursor(top: page?.paneTop ?? 0), isChosen: false)
  }

  func move(_ by: Int, in model: inout Model) -> [Effect] {
    var rows = rows(in: model)
    rows.move(by)
    model.messages?.paneTop = rows.cursor.top
    return []
  }

  /// Goes to the right in long lines that are cut.
  func enter(in model: inout Model) -> [Effect] {
    if model.messages?.wraps == false { model.messages?.paneLeft += PayloadPane.step }
    return []
  }

  func back(_ key: Key?, in model: inout Model) -> Bool {
    if key == .left, let left = model.messages?.paneLeft, left > 0 {
      model.messages?.paneLeft = max(0, left - PayloadPane.step)
    } else {
      model.messages?.isInPane = false
    }
    return true
  }
}
