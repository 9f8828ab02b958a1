package import SystemPackage

/// Reads every record of a queue and says what is wrong; changes nothing.
package struct Checker: Sendable {
  let directory: FilePath
  let disk: any Disk
  let limits: RecordLimits

  package init(_ directory: FilePath, disk: any Disk = RealDisk(), limits: RecordLimits = .init()) {
    self.directory = directory
    self.disk = disk
    self.limits = limits
  }

  /// A survey's report of one queue, made exact: every segment counted, every position verified.
  ///
  /// - Parameters:
  ///   - queue: which one.
  ///   - bad: also count what is whole in `.bad` files.
  /// - Returns: the report, each segment's messages counted.
  /// - Throws: `notFound` without such a queue, or what reading reports.
  package func check(_ queue: QueueName, bad: Bool = false) throws(DiskQueueError) -> QueueReport {
    let files = try QueueFiles(queue, in: directory, disk: disk)
    guard !files.isEmpty else {
      throw DiskQueueError(
        .notFound, "there is no queue “\(queue)” here", path: directory)
    }
    let pass = ScanMemory(queue, in: directory, limits: limits, disk: disk)
    let outcome = try Recovery.recover(queue, files, countUpTo: .max, scan: pass.scan)
    var report = QueueReport(queue, files, outcome, directory: directory)
    var scanner = SegmentScanner(disk: disk)
    for index in report.segments.indices {
      let segment = report.segments[index]
      let found = try pass.whole(SegmentFile(number: segment.file, size: segment.bytes))
      report.segments[index].messages = found.records
      // Damage before the read position costs nothing any more, but it tells of the disk.
      if case .badLength(let length) = found.stop,
        !report.findings.contains(where: { $0.code == .badLength && $0.offset == found.end })
      {
        report.findings.append(
          Finding(
            .badLength, .error,
            file: String(
              decoding: FileName.segment(segment.file).entry(of: queue), as: UTF8.self),
            offset: found.end, "the length \(length) at \(found.end) cannot be right"))
      }
    }
    for index in report.badFiles.indices where bad {
      let file = report.badFiles[index]
      report.badFiles[index].messages = try scanner.scan(
        directory.entry(Array(file.name.utf8)), size: file.bytes, from: 0, limits: limits,
        trusted: file.bytes
      ).records
    }
    return report
  }
}
