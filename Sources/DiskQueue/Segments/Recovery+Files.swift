package import SystemPackage

extension Recovery {
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
