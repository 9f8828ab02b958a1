import DiskQueue

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
    let room = max(1, most - 3)
    if all.count > room {
      let middle = cursor ?? all.firstIndex { $0 >= queue.read.file } ?? 0
      let top = max(0, min(middle - room / 2, all.count - room))
      files = top..<(top + room)
    } else {
      files = all.indices
    }
    awaitsNext = !queue.segments.contains { $0.file == queue.write.file }
  }

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
    let first = layout.page.lowerBound + 3
    let room = max(3, layout.rows - first - 4)
    mapRows = first..<(first + room)
    map = MapLayout(of: queue, cursor: cursor, most: room)
    let left = room - map.height - 1
    let start = first + map.height + 1
    graph = left >= 4 ? start..<(start + 1 + min(6, left - 1)) : nil
  }
}

extension QueueReport {
  /// The numbers of the files on the map: segments and `.bad` files.
  var mapped: [Int64] { (badFiles.map(\.file) + segments.map(\.file)).sorted() }
}
