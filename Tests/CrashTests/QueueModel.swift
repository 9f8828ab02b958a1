import DiskQueue
import DiskQueueTesting
import SystemPackage

/// The plain arrays a queue is held against.
struct QueueModel {
  /// Every message ever put, in order.
  var put: [String] = []
  /// How many of them were taken.
  var taken = 0
  /// How many were put, and taken, when the last sync returned.
  var synced = (put: 0, taken: 0)
  /// An emptying was asked for and not confirmed.
  var emptying = false

  var unread: ArraySlice<String> { put[taken...] }

  mutating func sync() { synced = (put.count, taken) }
}

/// What goes wrong with a queue, by the seed that shows it.
struct Broken: Error, CustomStringConvertible {
  var description: String
}

/// Rules that a Go program needs of every state a queue leaves on disk.
enum GoRules {
  /// - Throws: the rule that is broken.
  static func check(_ disk: InMemoryDisk, _ queue: QueueName, limits: RecordLimits = .init()) throws
  {
    let files = try QueueFiles(queue, in: "/data", disk: disk)
    guard let bytes = files.metadata else {
      // Without metadata a Go program starts at 0,0 and writes over what is there.
      if files.totalBytes > 0 { throw Broken(description: "messages without metadata") }
      return
    }
    guard let metadata = bytes.reading.whole else { throw Broken(description: "bad metadata") }
    let (read, write) = (metadata.read, metadata.write)
    if read > write { throw Broken(description: "read \(read) past write \(write)") }
    let sizes = Dictionary(uniqueKeysWithValues: files.segments.map { ($0.number, $0.size) })
    if let size = sizes[write.file] {
      if size < write.offset { throw Broken(description: "write position past the end") }
    } else if write.offset > 0 {
      throw Broken(description: "write position \(write) in no file")
    }
    if read.file < write.file {
      guard let size = sizes[read.file] else { throw Broken(description: "no read segment") }
      if read.offset >= size { throw Broken(description: "read position at a complete file's end") }
    }
    for number in read.file..<write.file where sizes[number] == nil {
      throw Broken(description: "segment \(number) is missing before \(write.file)")
    }
    var scanner = SegmentScanner(disk: disk)
    for segment in files.segments {
      let found = try scanner.scan(
        FilePath("/data").file(.segment(segment.number), of: queue), size: segment.size, from: 0,
        limits: limits, trusted: segment.size)
      if found.stop != .end {
        throw Broken(description: "segment \(segment.number) ends with \(found.stop)")
      }
    }
  }
}
