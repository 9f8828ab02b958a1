import SystemPackage

/// What became of the messages in `.bad` files, by the evidence that is left.
///
/// A reader gives a segment up where it can read no further, so what lies before the damage was
/// delivered. Go does not correct the depth then: what the metadata counts beyond the messages in
/// the segments is what the `.bad` files still owe. A whole file that the depth does not ask for was
/// delivered to its end (go-diskqueue 1.0.0 does that to files that end exactly at the limit, all
/// versions to one whose reader had caught up); one that the depth does ask for was given up
/// without need, as for want of file descriptors.
package struct BadFileJudge: Sendable {
  /// A `.bad` file and what was found in it.
  package struct Judgement: Hashable, Sendable {
    package var file: BadFile
    package var verdict: BadFileReport.Verdict
    package var salvage: SalvageReport
    /// Messages that were never delivered, guesses left out.
    package var messages: Int64
    /// Where the first of them begins, in bytes.
    package var from: Int64

    package init(
      file: BadFile, verdict: BadFileReport.Verdict, salvage: SalvageReport, messages: Int64,
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

  /// Judges all `.bad` files of a queue.
  ///
  /// - Parameters:
  ///   - files: the queue's.
  ///   - owed: messages that the metadata counts and no segment holds.
  /// - Returns: in the order of the files.
  /// - Throws: what reading reports.
  package func judge(_ files: QueueFiles, owed: Int64) throws(DiskQueueError) -> [Judgement] {
    var judgements: [Judgement] = []
    for file in files.bad { judgements.append(try first(file)) }
    // What is behind damage was not delivered in any case; the rest of the debt is in whole files,
    // or before damage that was never reached. The newest debts are the last to be forgotten.
    var debt = owed - judgements.reduce(0) { $0 + $1.messages + lost($1.salvage) }
    for index in judgements.indices.reversed() where debt > 0 {
      debt -= try charge(&judgements[index], debt)
    }
    return judgements
  }

  /// What was damaged beyond recognition was a message too.
  private func lost(_ salvage: SalvageReport) -> Int64 {
    Int64(salvage.places.count)
      - salvage.regions.reduce(0) { sum, region in
        if case .message(let confidence) = region.kind, confidence >= .likely {
          sum + 1
        } else {
          sum
        }
      }
  }

  private func first(_ file: BadFile) throws(DiskQueueError) -> Judgement {
    let salvage = try Salvage(disk: disk, limits: limits, watch: watch)
      .read(path(file), size: file.size, trusted: file.size)
    guard let damage = salvage.places.first?.offset else {
      return Judgement(
        file: file, verdict: .wholeDelivered, salvage: salvage, messages: 0, from: file.size)
    }
    let behind = salvage.regions.filter { $0.start >= damage }
    let messages = behind.reduce(0) { $0 + $1.messages(.likely) }
    return Judgement(
      file: file, verdict: messages > 0 ? .salvageable : .hopeless, salvage: salvage,
      messages: messages, from: damage)
  }

  /// Lets a file owe up to `debt` more messages, the last before its damage or end; returns how many.
  private func charge(_ judgement: inout Judgement, _ debt: Int64) throws(DiskQueueError) -> Int64 {
    let before = judgement.salvage.messages(.likely) - judgement.messages
    let owed = min(debt, before)
    guard owed > 0 else { return 0 }
    judgement.messages += owed
    var scanner = SegmentScanner(disk: disk)
    let passed = try scanner.scan(
      path(judgement.file), size: judgement.from, from: 0, limits: limits,
      trusted: judgement.from, most: before - owed)
    judgement.from = passed.end
    judgement.verdict = judgement.salvage.isWhole ? .whole : .salvageable
    return owed
  }

  private func path(_ file: BadFile) -> FilePath {
    directory.file(.bad(file.number, copy: file.copy), of: queue)
  }
}
