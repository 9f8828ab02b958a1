package import DiskQueue
package import SystemPackage

/// What became of the messages in `.bad` files and in the quarantine, by the evidence that is left.
///
/// A whole file tells nothing: a reader that had delivered all of it leaves it (go-diskqueue 1.0.0
/// gives files up that end exactly at the limit, all versions one whose reader had caught up), and so
/// does one that could not open it. The depth proves nothing either, since it is put right at the
/// tail. In a damaged file, what lies behind the first damage was surely not delivered by the reader
/// that stopped there; what lies before it most likely was. What is in the quarantine was cut off before
/// anybody could read it.
package struct BadFileJudge: Sendable {
  /// A `.bad` file and what was found in it.
  package struct Judgement: Hashable, Sendable {
    package var file: BadFile
    package var verdict: BadFileVerdict
    package var salvage: SalvageReport
    /// Messages that were surely never delivered, guesses left out.
    package var messages: Int64
    /// Where the first of them begins, in bytes.
    package var from: Int64

    package init(
      file: BadFile, verdict: BadFileVerdict, salvage: SalvageReport, messages: Int64,
      from: Int64
    ) {
      self.file = file
      self.verdict = verdict
      self.salvage = salvage
      self.messages = messages
      self.from = from
    }
  }

  let queue: QueueName
  let directory: FilePath
  let disk: any Disk
  let limits: RecordLimits
  let watch: SegmentScanner.Watch?

  package init(
    queue: QueueName, directory: FilePath, disk: any Disk, limits: RecordLimits,
    watch: SegmentScanner.Watch?
  ) {
    self.queue = queue
    self.directory = directory
    self.disk = disk
    self.limits = limits
    self.watch = watch
  }

  /// Judges `.bad` files and quarantined ones of a queue.
  ///
  /// - Parameter files: the queue's.
  /// - Returns: in the order of the files.
  /// - Throws: what reading reports.
  package func judge(_ files: [BadFile]) throws(DiskQueueError) -> [Judgement] {
    var judgements: [Judgement] = []
    for file in files {
      judgements.append(try file.quarantined == nil ? judge(file) : quarantined(file))
    }
    return judgements
  }

  private func quarantined(_ file: BadFile) throws(DiskQueueError) -> Judgement {
    // Zeros were cut off since they are no messages.
    let salvage = try Salvage(disk: disk, limits: limits, watch: watch)
      .read(path(file), size: file.size, trusted: 0)
    let messages = salvage.messages(.likely)
    return Judgement(
      file: file, verdict: messages > 0 ? .salvageable : .hopeless, salvage: salvage,
      messages: messages, from: 0)
  }

  private func judge(_ file: BadFile) throws(DiskQueueError) -> Judgement {
    let salvage = try Salvage(disk: disk, limits: limits, watch: watch)
      .read(path(file), size: file.size, trusted: file.size)
    guard let index = salvage.regions.firstIndex(where: \.isDamaged) else {
      return Judgement(
        file: file, verdict: .whole, salvage: salvage, messages: 0, from: file.size)
    }
    let from = try beginsInside(salvage, index, of: file) ? 0 : salvage.regions[index].start
    let messages = salvage.regions.filter { $0.start >= from }
      .reduce(0) { $0 + $1.messages(.likely) }
    return Judgement(
      file: file, verdict: messages > 0 ? .salvageable : .hopeless, salvage: salvage,
      messages: messages, from: from)
  }

  /// Whether the damage is the rest of an older record, with its older neighbours behind it: too
  /// short for a record of theirs.
  ///
  /// A writer with stale metadata has written over the head of the file then. The reader that gave
  /// it up need not have met this place, so nothing there counts as delivered.
  private func beginsInside(_ salvage: SalvageReport, _ index: Int, of file: BadFile)
    throws(DiskQueueError) -> Bool
  {
    let hole = salvage.regions[index]
    guard hole.start > 0, case .damage = hole.kind, index + 1 < salvage.regions.count,
      case .records = salvage.regions[index + 1].kind
    else { return false }
    let handle = try disk.open(path(file), .read)
    defer { disk.close(handle) }
    let older = salvage.regions[index + 1]
    let search = ChainSearch(disk: disk, limits: limits)
    let chain = try search.first(handle, in: older.start..<(older.start + 1), end: file.size)
    guard let chain else { return false }
    return hole.end - hole.start < Record.size(of: chain.sizes.lowerBound)
  }

  private func path(_ file: BadFile) -> FilePath {
    directory.entry(file.entry(of: queue))
  }
}
