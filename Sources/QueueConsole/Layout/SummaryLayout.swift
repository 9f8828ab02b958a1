import DiskQueue
import QueueInspection

/// A queue's summary from top to bottom, of which the screen shows as much as fits.
struct SummaryLayout: Hashable, Sendable {
  /// Lines of numbers.
  let numbers: Int
  /// The map of its segments, on tall screens.
  let map: MapLayout?
  /// Rows of the graph's picture, below its head; 0 before there is anything to show.
  let picture: Int
  /// Rows of what was checked and found.
  let checks: Int
  /// Rows of it that fit.
  let room: Int

  init(_ queue: QueueReport, in model: Model) {
    let isTall = model.rows >= 30
    room = model.layout.page.count
    numbers = queue.problem == nil ? 4 : 5
    map = isTall ? MapLayout(of: queue, cursor: nil, most: model.rows / 3) : nil
    let hasGraph = model.watched[queue.name] != nil && model.now != nil
    picture = hasGraph ? (isTall ? 6 : 4) : 0
    checks = Checkup(of: queue, in: model).texts.reduce(0) { rows, text in
      rows + WordFlow.rows(of: text, width: SummaryLayout.textWidth(model.layout))
    }
  }

  /// Columns for words.
  static func textWidth(_ layout: Layout) -> Int { layout.columns - 1 }

  /// All of its rows, with the blank ones between its parts.
  var height: Int {
    numbers + (map.map { 1 + $0.height } ?? 0) + 1 + (picture > 0 ? 1 + picture : 0) + 1 + checks
  }
}
