import DiskQueue
import QueueInspection

/// The map of a queue's segments: which of many files are in sight, and how many rows it takes.
struct MapLayout: Hashable, Sendable {
  /// The files in sight, by their places among all that are mapped.
  let files: Range<Int>
  /// Whether the file that is written next is not there yet, which is a row of its own.
  let awaitsNext: Bool

  /// - Parameters:
  ///   - queue: whose files they are.
  ///   - cursor: the file that is chosen; without one, those around the read position are in sight.
  ///   - most: rows for all of it; the least it takes is one file, a ruler and a legend.
  init(of queue: QueueReport, cursor: Int?, most: Int) {
    let all = queue.mapped
    let room = MapLayout.room(in: most)
    if all.count > room {
      let middle = cursor ?? all.firstIndex { $0 >= queue.read.file } ?? 0
      let top = max(0, min(middle - room / 2, all.count - room))
      files = top..<(top + room)
    } else {
      files = all.indices
    }
    awaitsNext = !queue.segments.contains { $0.file == queue.write.file }
  }

  /// How many files fit: beside them go the ruler, the next file and the legend.
  static func room(in most: Int) -> Int { max(1, most - 3) }

  /// Its rows: the ruler, the files, the next one, the legend.
  var height: Int { 1 + files.count + (awaitsNext ? 1 : 0) + 1 }
}

/// The page of a queue's segments: two lines of numbers, the map, and a graph where there is room.
struct SegmentsLayout: Hashable, Sendable {
  let map: MapLayout
  /// The rows the map may take.
  let mapRows: Range<Int>
  /// The rows of the graph with its head; nil where it has no room.
  let graph: Range<Int>?

  init(_ layout: Layout, of queue: QueueReport, cursor: Int) {
    mapRows = SegmentsLayout.mapRows(layout)
    map = MapLayout(of: queue, cursor: cursor, most: mapRows.count)
    let left = mapRows.count - map.height - 1
    let start = mapRows.lowerBound + map.height + 1
    graph = left >= 4 ? start..<(start + 1 + min(6, left - 1)) : nil
  }

  private static func mapRows(_ layout: Layout) -> Range<Int> {
    let first = layout.page.lowerBound + 3
    return first..<(first + max(3, layout.rows - first - 4))
  }

  /// How many files fit.
  static func room(_ layout: Layout) -> Int { MapLayout.room(in: mapRows(layout).count) }
}

extension QueueReport {
  /// The numbers of the files on the map: segments and `.bad` files.
  var mapped: [Int64] { (badFiles.map(\.file) + segments.map(\.file)).sorted() }
}
