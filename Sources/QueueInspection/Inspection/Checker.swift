package import DiskQueue
package import SystemPackage

/// Reads every record of a queue and says what is wrong; changes nothing.
package struct Checker: Sendable {
  let directory: FilePath
  let disk: any Disk
  let limits: RecordLimits
  let processes: any ProcessTable
  /// Told where the pass is in the file it reads; throwing ends it.
  package var watch: SegmentScanner.Watch?

  package init(
    _ directory: FilePath, disk: (any Disk)? = nil, limits: RecordLimits = .init(),
    processes: any ProcessTable = RealProcessTable()
  ) {
    self.processes = processes
    self.directory = directory
    self.disk = disk ?? RealDisk(below: directory)
    self.limits = limits
  }

  /// A survey's report of one queue, made exact: every segment counted, every position verified.
  ///
  /// - Parameters:
  ///   - queue: which one.
  ///   - bad: also judge `.bad` files and what is in quarantine.
  ///   - names: its files, where the directory was listed already.
  /// - Returns: the report, each segment's messages counted, every damaged place a finding.
  /// - Throws: `notFound` without such a queue, or what reading reports.
  package func check(_ queue: QueueName, bad: Bool = false, names: [FileName]? = nil)
    throws(DiskQueueError) -> QueueReport
  {
    var names = names
    for _ in 0..<3 {
      do throws(DiskQueueError) {
        return try check(queue, bad: bad, names: names) { _ in }
      } catch {
        // A segment has gone while it was read, since the queue's owner is at work: once more.
        guard error.code == .notFound, try !QueueFiles(queue, in: directory, disk: disk).isEmpty
        else { throw error }
      }
      names = nil
    }
    throw DiskQueueError(
      .inUse, "the queue's files come and go while they are read; its owner is at work",
      path: directory)
  }

  /// What became of the messages in each `.bad` file of a queue, then in each of its quarantined ones,
  /// with the regions of the file.
  ///
  /// - Parameters:
  ///   - queue: which one.
  ///   - watch: told how far the pass is.
  /// - Returns: in the order of the files.
  /// - Throws: as ``check(_:bad:)``.
  package func judgements(_ queue: QueueName, watch: SegmentScanner.Watch?) throws(DiskQueueError)
    -> [BadFileJudge.Judgement]
  {
    var checker = self
    checker.watch = watch
    var judgements: [BadFileJudge.Judgement] = []
    _ = try checker.check(queue, bad: true) { judgements = $0 }
    return judgements
  }

  private func check(
    _ queue: QueueName, bad: Bool, names: [FileName]? = nil,
    _ found: ([BadFileJudge.Judgement]) -> Void
  ) throws(DiskQueueError) -> QueueReport {
    var files =
      if let names { try QueueFiles(queue, names, in: directory, disk: disk) } else {
        try QueueFiles(queue, in: directory, disk: disk)
      }
    guard !files.isEmpty else {
      throw DiskQueueError(
        .notFound, "there is no queue “\(queue)” here", path: directory)
    }
    try Interrupted.hide(&files, of: queue, in: directory, disk: disk)
    let pass = ScanMemory(queue, in: directory, limits: limits, disk: disk, watch: watch)
    let search = ChainSearch(disk: disk, limits: limits)
    let outcome = try Recovery.recover(
      queue, files, countUpTo: .max,
      resume: { (segment, offset) throws(DiskQueueError) in
        try search.next(
          directory.file(.segment(segment.number), of: queue), after: offset, end: segment.size)
      }, scan: pass.scan)
    var report = QueueReport(queue, files, outcome, directory: directory)
    for index in report.segments.indices {
      let segment = report.segments[index]
      let file = SegmentFile(number: segment.file, size: segment.bytes)
      let found = try pass.whole(file)
      report.segments[index].messages = found.records
      if found.stop != .end || !outcome.countIsRight {
        let salvage = try read(queue, file, outcome)
        report.segments[index].messages = salvage.messages(.likely)
        let places = salvage.places(of: segment.file)
        report.damage += places
        note(places, of: segment.file, in: &report)
      }
    }
    let known = (try? NSQDirectory(directory, disk: disk))?.queues
    report.noteUnknown(known.map { !$0.contains(queue) } ?? false)
    let standing = try Interrupted.stopped(queue, Ledger(directory, disk: disk), processes)
    let isInterrupted = if case .interrupted = standing { true } else { false }
    report.noteUnfinished(isInterrupted)
    let quarantined = try Quarantine.list(in: directory, disk: disk, only: queue)[queue] ?? []
    report.note(quarantined)
    guard bad else { return report }
    let judge = BadFileJudge(
      queue: queue, directory: directory, disk: disk, limits: limits, watch: watch)
    let judgements = try judge.judge(files.bad + quarantined)
    found(judgements)
    for (index, judgement) in judgements.enumerated() {
      let count = report.badFiles.count
      if index < count {
        report.badFiles[index].take(judgement)
      } else {
        report.quarantined[index - count].take(judgement)
      }
    }
    report.noteSalvageable()
    return report
  }

  private func read(_ queue: QueueName, _ file: SegmentFile, _ outcome: Recovery.Outcome)
    throws(DiskQueueError) -> SalvageReport
  {
    try Salvage(disk: disk, limits: limits, trustsEmpties: outcome.countIsRight, watch: watch).read(
      directory.file(.segment(file.number), of: queue), size: file.size,
      trusted: outcome.zeroTail(of: file.number) ?? file.size)
  }

  /// A finding for each damaged place; among what was read already it is nothing to be mended.
  private func note(_ places: [DamagedPlace], of number: Int64, in report: inout QueueReport) {
    let entry = FileName.segment(number).entry(of: report.name)
    let file = String(decoding: entry, as: UTF8.self)
    // What plain reading stumbled over is told better by what salvage found.
    let codes: Set<Finding.Code> = [.badLength, .tornTail, .zeroTail]
    report.findings.removeAll { codes.contains($0.code) && $0.file == file }
    for place in places {
      let end = Position(file: number, offset: place.offset + place.bytes)
      let isRead = end <= report.read || number < report.read.file
      report.findings.append(
        Finding(
          place.code, isRead ? .info : .error, file: file, offset: place.offset, place.text))
    }
  }
}
