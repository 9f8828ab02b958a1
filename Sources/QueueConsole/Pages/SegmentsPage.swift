import DiskQueue
import QueueInspection

extension PageID {
  static let segments = PageID("segments")
}

/// A queue's files as a map, one of them under the cursor.
struct SegmentsPage: Page {
  let id = PageID.segments
  let title = "Segments"

  func draw(_ model: Model, in frame: inout Frame) {
    guard let queue = model.target else { return }
    SegmentsView.draw(queue, model, rows(in: model), in: &frame)
  }

  func rows(in model: Model) -> Rows {
    Rows(
      model.target?.mapped.count ?? 0, room: SegmentsLayout.room(model.layout),
      at: model.cursor(id))
  }

  /// On the segment that is read, until it has been moved.
  func start(in model: Model) -> Cursor {
    let read = model.target.flatMap { $0.mapped.firstIndex(of: $0.read.file) }
    return model.cursors[id] ?? Cursor(selected: read ?? 0)
  }

  /// Shows the messages from the segment on.
  func enter(in model: inout Model) -> [Effect] {
    guard let queue = model.target else { return [] }
    let file = queue.mapped[safely: rows(in: model).cursor.selected] ?? 0
    return model.open(queue.name, at: Position(file: file, offset: 0))
  }
}
