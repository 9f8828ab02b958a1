package import SystemPackage

/// What never changes about an open queue: where it is and how it was opened.
package struct Place: Sendable {
  package let queue: QueueName
  package let directory: FilePath
  package let disk: any Disk
  package let options: DiskQueue.Options
  /// Who new files are given to; nil when this process cannot give files away.
  package let ownership: Ownership?
  /// Where events go.
  let events: EventHub

  func path(_ file: FileName) -> FilePath { directory.file(file, of: queue) }

  /// A directory entry as text.
  func entry(_ number: Int64) -> String {
    String(decoding: FileName.segment(number).entry(of: queue), as: UTF8.self)
  }

  /// Lets a finished segment go as the options say.
  func retire(_ segment: SegmentFile) throws(DiskQueueError) {
    try options.retirement.retire(
      FileName.segment(segment.number).entry(of: queue), in: directory, disk: disk)
  }

  /// Runs recovery with scans over the real files.
  package static func recover(
    _ queue: QueueName, _ files: QueueFiles, in directory: FilePath, limits: RecordLimits,
    disk: any Disk, countUpTo: Int64 = 1 << 20, salvages: Bool = false,
    watch: SegmentScanner.Watch? = nil
  ) throws(DiskQueueError) -> Recovery.Outcome {
    func path(_ segment: SegmentFile) -> FilePath {
      directory.file(.segment(segment.number), of: queue)
    }
    return try Recovery.recover(
      queue, files, countUpTo: countUpTo,
      resume: { (segment, offset) throws(DiskQueueError) in
        guard salvages else { return nil }
        return try ChainSearch(disk: disk, limits: limits)
          .next(path(segment), after: offset, end: segment.size)
      },
      scan: { (segment, from, trusted, most) throws(DiskQueueError) in
        var scanner = SegmentScanner(disk: disk, watch: watch)
        return try scanner.scan(
          path(segment), size: segment.size, from: from, limits: limits, trusted: trusted,
          most: most)
      })
  }
}
