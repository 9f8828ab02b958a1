public import SystemPackage

/// Looks at every queue of a directory, again and again: takes no lock, writes nothing, and reads
/// only what has changed since the last time.
public struct Survey: Sendable {
  private struct Seen: Sendable {
    var files: QueueFiles
    var report: QueueReport
    var tails: [Int64: Tail] = [:]
  }

  /// How far the records of a growing segment were counted.
  private struct Tail: Sendable {
    var from: Int64
    var end: Int64
    var records: Int64
  }

  /// The directory looked at.
  public let directory: FilePath
  private let disk: any Disk
  private let processes: any ProcessTable
  private let now: @Sendable () -> Timestamp
  private var seen: [QueueName: Seen] = [:]
  private var open = OpenFiles(complete: false)
  private var openAt: Timestamp?

  /// A survey of `directory`.
  public init(_ directory: FilePath) {
    self.init(directory, disk: RealDisk(), processes: RealProcessTable(), now: Machine.now)
  }

  package init(
    _ directory: FilePath, disk: any Disk, processes: any ProcessTable,
    now: @escaping @Sendable () -> Timestamp
  ) {
    self.directory = directory
    self.disk = disk
    self.processes = processes
    self.now = now
  }

  /// Looks once.
  ///
  /// - Parameter only: leaves all other queues out.
  /// - Returns: all that could be seen; a queue that could not be read in full says why in
  ///   ``QueueReport/problem``.
  /// - Throws: `notFound`, `permissionDenied` or `inputOutput` when the directory cannot be listed.
  public mutating func refresh(only: QueueName? = nil) throws(DiskQueueError) -> Report {
    let time = now()
    let status = try disk.status(at: directory)
    guard status.isDirectory else {
      throw DiskQueueError(.notFound, "this is not a directory", path: directory)
    }
    let groups = QueueFiles.group(try disk.list(directory))
    let locks = processes.locks()
    lookForOpenFiles(at: time, directory: status)
    let holder = locks.first {
      $0.exclusive && $0.inode == status.inode && $0.device == status.device
    }
    let owner = holder.map { self.owner($0.process, .directory) }
    let queueLocks = locks.isEmpty ? [:] : queueLocks(locks)
    var next: [QueueName: Seen] = [:]
    for (name, files) in groups where only == nil || name == only {
      guard var entry = look(at: name, files) else { continue }
      entry.report.owner =
        owner ?? queueLocks[name].map { self.owner($0, .queue) }
        ?? Occupancy.holder(of: entry.files, among: open).map { self.owner($0, .none) }
      entry.report.noteOwner()
      next[name] = entry
    }
    seen = next
    let space = try? disk.space(at: directory)
    return Report(
      directory: directory, takenAt: time,
      queues: next.values.map(\.report).sorted { $0.name < $1.name }, owner: owner,
      ownersKnown: open.complete || owner != nil, freeBytes: space?.freeBytes ?? 0,
      totalBytes: space?.totalBytes ?? 0)
  }

  // MARK: Owners

  private func owner(_ process: Int32, _ lock: Owner.Lock) -> Owner {
    Owner(pid: process, command: processes.command(of: process) ?? "?", lock: lock)
  }

  /// Reading every process's open files costs milliseconds, so it is done each five seconds.
  private mutating func lookForOpenFiles(at time: Timestamp, directory: FileStatus) {
    if let openAt, time.nanoseconds - openAt.nanoseconds < 5_000_000_000, time >= openAt { return }
    openAt = time
    open = processes.openQueueFiles(of: [directory.ownership.user])
  }

  private func queueLocks(_ locks: [HeldLock]) -> [QueueName: Int32] {
    let folder = QueueLock.folder(directory)
    guard let entries = try? disk.list(folder) else { return [:] }
    var holders: [QueueName: Int32] = [:]
    for entry in entries where entry.count > 5 {
      guard let name = QueueName(bytes: Array(entry.dropLast(5))),
        let status = try? disk.status(at: folder.entry(entry)),
        let lock = locks.first(where: {
          $0.inode == status.inode && $0.device == status.device
        })
      else { continue }
      holders[name] = lock.process
    }
    return holders
  }

  // MARK: One queue

  private func look(at name: QueueName, _ names: [FileName]) -> Seen? {
    let before = seen[name]
    do throws(DiskQueueError) {
      let files = try QueueFiles(
        name, names, in: directory, disk: disk, previous: before?.files)
      if files.isEmpty { return nil }
      if let before, before.files == files { return before }
      do { return try conclude(name, files, before: before) } catch {
        guard error.code == .notFound else { throw error }
        // A segment went while it was read: its owner is at work, and the next look is right.
        let again = try QueueFiles(name, in: directory, disk: disk)
        return again.isEmpty ? nil : try conclude(name, again, before: nil)
      }
    } catch {
      let place = Position(file: 0, offset: 0)
      return Seen(
        files: QueueFiles(),
        report: QueueReport(
          name: name, depth: 0, depthSource: Recovery.DepthSource.scan.rawValue, unreadBytes: 0,
          metadata: nil, read: place, write: place, segments: [], badFiles: [], temporaries: [],
          owner: nil, findings: [], problem: error.description))
    }
  }

  private func conclude(_ name: QueueName, _ files: QueueFiles, before: Seen?)
    throws(DiskQueueError) -> Seen
  {
    var tails: [Int64: Tail] = [:]
    let known = before?.tails ?? [:]
    let outcome = try Recovery.recover(name, files, countUpTo: 0) {
      (segment, from, trusted, most) throws(DiskQueueError) in
      var scanner = SegmentScanner(disk: disk)
      let path = directory.file(.segment(segment.number), of: name)
      var start = from
      var counted: Int64 = 0
      if most == .max, let tail = known[segment.number], tail.from == from,
        tail.end <= segment.size
      {
        (start, counted) = (tail.end, tail.records)
      }
      var found = try scanner.scan(
        path, size: segment.size, from: start, limits: RecordLimits(), trusted: trusted, most: most)
      found.records += counted
      if most == .max {
        tails[segment.number] = Tail(from: from, end: found.end, records: found.records)
      }
      return found
    }
    return Seen(
      files: files, report: QueueReport(name, files, outcome, directory: directory), tails: tails)
  }
}

extension QueueReport {
  /// A finding when another process has the files open and no lock shows it.
  package mutating func noteOwner() {
    findings.removeAll { $0.code == .openElsewhere }
    guard let owner, owner.lock == .none else { return }
    findings.append(
      Finding(
        .openElsewhere, .info,
        "process \(owner.pid) (\(owner.command)) has the files open without a lock; acts are "
          + "refused until it has ended"))
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
      badFiles: files.bad.map { bad in
        BadFileReport(
          name: String(
            decoding: FileName.bad(bad.number, copy: bad.copy).entry(of: name), as: UTF8.self),
          file: bad.number, bytes: bad.size, modifiedAt: bad.modified)
      },
      temporaries: files.temporaries.map {
        String(decoding: FileName.temporary(tag: $0).entry(of: name), as: UTF8.self)
      },
      owner: nil, findings: outcome.findings, problem: nil)
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
