package import DiskQueue
import SystemPackage

extension QueueReport {
  /// So long a live owner may take, in nanoseconds, until its metadata is on disk.
  private static let grace: Int64 = 5_000_000_000

  /// What a live owner leaves between two syncs is no damage while it is young.
  private mutating func excuseOwner(at time: Timestamp) {
    let codes: Set<Finding.Code> = [.metadataMissing, .missingSegment, .orphanSegment]
    // What its reader has finished goes from the front; a gap further on is nobody's doing.
    let front = (metadata?.numbers?.read.file).map {
      String(decoding: FileName.segment($0).entry(of: name), as: UTF8.self)
    }
    for index in findings.indices {
      let finding = findings[index]
      if finding.code == .missingSegment, finding.file != front { continue }
      let changed =
        finding.code == .leftoverTemporary
        ? finding.file.flatMap { temporaryTimes[$0] }
        : codes.contains(finding.code) ? changedAt : nil
      guard let changed, time.nanoseconds(since: changed) < QueueReport.grace else { continue }
      findings[index].severity = .info
    }
  }

  /// A finding when another process has the files open and no lock shows it; what is normal while
  /// it is at work is information.
  package mutating func noteOwner(at time: Timestamp) {
    if owner != nil { excuseOwner(at: time) }
    findings.removeAll { $0.code == .openElsewhere }
    guard let owner, owner.lock == .none else { return }
    findings.append(
      Finding(
        .openElsewhere, .info,
        "process \(owner.pid) (\(owner.command)) has the files open without a lock; acts are "
          + "refused until it has ended"))
  }

  /// A finding when an operation on the queue has stopped on its way and nobody is at it.
  package mutating func noteUnfinished(_ isUnfinished: Bool) {
    findings.removeAll { $0.code == .unfinishedOperation }
    guard isUnfinished, owner?.lock != .queue else { return }
    findings.append(
      Finding(
        .unfinishedOperation, .warning,
        "an operation was interrupted; the next act, or `diskq repair`, finishes it or takes it back"
      ))
  }

  /// A finding when nsqd has the directory and does not know the queue.
  package mutating func noteUnknown(_ isUnknown: Bool) {
    findings.removeAll { $0.code == .unknownQueue }
    guard isUnknown else { return }
    findings.append(
      Finding(
        .unknownQueue, .warning, file: NSQDirectory.fileName,
        "nsqd's list does not name this queue: what is in it is delivered to nobody"))
  }

  /// What the files and the conclusions from them look like to people.
  init(_ name: QueueName, _ files: QueueFiles, _ outcome: Recovery.Outcome, directory: FilePath) {
    let state = outcome.state
    self.init(
      name: name, depth: state.depth, depthSource: outcome.depthSource.rawValue,
      unreadBytes: state.unreadBytes,
      metadata: files.metadata.map {
        MetadataReport(
          numbers: $0.reading.whole, modifiedAt: $0.status.modified,
          mode: $0.status.ownership.mode)
      },
      read: state.read, write: state.write,
      segments: files.segments.map { SegmentReport(file: $0.number, bytes: $0.size) },
      badFiles: files.bad.map { BadFileReport($0, of: name) },
      temporaries: files.temporaries.map {
        String(decoding: FileName.temporary(tag: $0).entry(of: name), as: UTF8.self)
      },
      owner: nil, findings: outcome.findings, problem: nil)
    changedAt = files.statuses.values.map(\.modified).max()
    for tag in files.temporaries {
      let entry = FileName.temporary(tag: tag).entry(of: name)
      temporaryTimes[String(decoding: entry, as: UTF8.self)] = files.statuses[entry]?.modified
    }
    for bad in badFiles {
      findings.append(
        Finding(
          .badFile, .warning, file: bad.name,
          "a reader gave this segment up; its \(bad.bytes) bytes are kept"))
    }
    for temporary in temporaries {
      findings.append(
        Finding(
          .leftoverTemporary, .warning, file: temporary,
          "metadata on its way was never renamed, as after a crash or a full disk"))
    }
    for entry in files.foreign {
      findings.append(
        Finding(
          .notAFile, .error, file: String(decoding: entry, as: UTF8.self),
          "this is a link, a folder or a device where a file of the queue's is expected; it is never "
            + "opened"))
    }
    let owners = Set(files.statuses.values.map(\.ownership.user))
    if owners.count > 1 {
      findings.append(
        Finding(
          .wrongOwner, .warning,
          "the files belong to \(owners.count) users: \(owners.sorted().map(String.init).joined(separator: ", "))"
        ))
    }
  }
}

extension QueueReport {
  /// Says what of the queue is in quarantine.
  package mutating func note(_ files: [BadFile]) {
    quarantined = files.map { BadFileReport($0, of: name) }
    for file in quarantined {
      findings.append(
        Finding(
          .quarantined, .info, file: file.name,
          "\(file.bytes) bytes that are no record were cut from segment \(file.file) and are kept"))
    }
  }

  /// Makes it a warning where messages could be read in it.
  mutating func noteSalvageable() {
    for file in quarantined {
      guard let messages = file.salvageable, messages > 0,
        let index = findings.firstIndex(where: { $0.code == .quarantined && $0.file == file.name })
      else { continue }
      findings[index].severity = .warning
      findings[index].text =
        "\(messages) messages can be read in what was cut from segment \(file.file); "
        + "`diskq repair --requeue-bad` puts them back"
    }
  }
}

extension BadFileReport {
  init(_ file: BadFile, of queue: QueueName) {
    self.init(
      name: String(decoding: file.entry(of: queue), as: UTF8.self), file: file.number,
      bytes: file.size, modifiedAt: file.modified)
  }

  /// Says what was found in it.
  mutating func take(_ judgement: BadFileJudge.Judgement) {
    messages = judgement.salvage.messages(.likely)
    verdict = judgement.verdict
    salvageable = judgement.messages
    from = judgement.from
  }
}
