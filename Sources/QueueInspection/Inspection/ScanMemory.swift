import DiskQueue
import SystemPackage

/// Scans segments and remembers what each pass found, so that a check reads every byte once.
final class ScanMemory {
  private struct Key: Hashable {
    var number: Int64
    var from: Int64
    var size: Int64
  }

  private let queue: QueueName
  private let directory: FilePath
  private let limits: RecordLimits
  private let disk: any Disk
  private let watch: SegmentScanner.Watch?
  private var known: [Key: SegmentScan] = [:]

  init(
    _ queue: QueueName, in directory: FilePath, limits: RecordLimits, disk: any Disk,
    watch: SegmentScanner.Watch? = nil
  ) {
    self.watch = watch
    self.queue = queue
    self.directory = directory
    self.limits = limits
    self.disk = disk
  }

  /// What recovery asks for.
  func scan(_ segment: SegmentFile, _ from: Int64, _ trusted: Int64, _ most: Int64)
    throws(DiskQueueError) -> SegmentScan
  {
    let key = Key(number: segment.number, from: from, size: segment.size)
    // A pass that trusts nothing and ended at the end says the same as one that trusts all.
    if most == .max, let found = known[key], found.stop == .end { return found }
    var scanner = SegmentScanner(disk: disk, watch: watch)
    let found = try scanner.scan(
      directory.file(.segment(segment.number), of: queue), size: segment.size, from: from,
      limits: limits, trusted: trusted, most: most)
    if most == .max { known[key] = found }
    return found
  }

  /// A whole segment: from the passes that were made where they cover it.
  func whole(_ segment: SegmentFile) throws(DiskQueueError) -> SegmentScan {
    for (key, tail) in known where key.number == segment.number && key.size == segment.size {
      let head = known[Key(number: segment.number, from: 0, size: key.from)]
      if key.from > 0, let head, head.stop == .end {
        return SegmentScan(end: tail.end, records: head.records + tail.records, stop: tail.stop)
      }
    }
    return try scan(segment, 0, segment.size, .max)
  }
}
