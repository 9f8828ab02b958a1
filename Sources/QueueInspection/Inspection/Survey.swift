public import DiskQueue
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
  private let watch: (any DirectoryWatch)?
  private var seen: [QueueName: Seen] = [:]
  /// Which files each queue has, as far as the last listing and what the watch told since say.
  private var names: [QueueName: [FileName]] = [:]
  private var report: Report?
  private var open = OpenFiles(complete: false)
  private var openAt: Timestamp?
  private var listedAt: Timestamp?
  /// When something was last seen to change.
  private var changedAt: Timestamp?

  /// Even a watched directory is listed so often, in nanoseconds: what a program writes through a
  /// mapping is not told.
  private static let listingInterval: Int64 = 60_000_000_000

  /// A survey of `directory`.
  public init(_ directory: FilePath) {
    self.init(
      directory, disk: RealDisk(below: directory), processes: RealProcessTable(), now: Machine.now)
  }

  /// A survey that looks again only at what has changed.
  package init(watching directory: FilePath) {
    self.init(
      directory, disk: RealDisk(below: directory), processes: RealProcessTable(),
      watch: InotifyWatch(directory),
      now: Machine.now)
  }

  package init(
    _ directory: FilePath, disk: any Disk, processes: any ProcessTable,
    watch: (any DirectoryWatch)? = nil, now: @escaping @Sendable () -> Timestamp
  ) {
    self.directory = directory
    self.disk = disk
    self.processes = processes
    self.watch = watch
    self.now = now
  }

  /// Looks once.
  ///
  /// - Parameter only: leaves all other queues out.
  /// - Returns: all that could be seen; a queue that could not be read in full says why in
  ///   ``QueueReport/problem``.
  /// - Throws: `notFound`, `permissionDenied` or `inputOutput` when the directory cannot be listed.
  public mutating func refresh(only: QueueName? = nil) throws(DiskQueueError) -> Report {
    try look(only: only).report
  }

  /// What a look led to.
  package struct Look: Sendable {
    package var report: Report
    /// The queues that may differ from the look before; nil for all.
    package var changed: Set<QueueName>?
  }

  /// As ``refresh(only:)``, and tells which queues have changed since the last time.
  package mutating func look(only: QueueName? = nil) throws(DiskQueueError) -> Look {
    let time = now()
    let status = try disk.status(at: directory)
    guard status.isDirectory else {
      throw DiskQueueError(.notFound, "this is not a directory", path: directory)
    }
    let changed = try noteChanges(at: time, only: only)
    if changed?.isEmpty != true, report == nil || watch != nil { changedAt = time }
    // Before the files are looked at: what an act has only begun to bring is left out.
    if changed?.isEmpty != true { lookForUnfinished() }
    if let changed {
      for name in changed { lookAgain(at: name, names[name] ?? []) }
    } else {
      seen = seen.filter { names[$0.key] != nil }
      for (name, files) in names { lookAgain(at: name, files) }
    }
    let owners = owners(status, at: time, isQuiet: changed?.isEmpty == true)
    let moved = owners == lastOwners ? changed : nil
    lastOwners = owners
    report = assemble(owners, moved, at: time)
    guard let report else { preconditionFailure("a look always makes a report") }
    return Look(report: report, changed: moved)
  }

  /// Looks at one queue and forgets names of files that are gone.
  private mutating func lookAgain(at name: QueueName, _ files: [FileName]) {
    guard let entry = look(at: name, files) else {
      seen[name] = nil
      names[name] = nil
      return
    }
    seen[name] = entry
    if entry.report.problem == nil, files.count != entry.files.statuses.count {
      names[name] = files.filter { entry.files.statuses[$0.entry(of: name)] != nil }
    }
  }

  /// Brings ``names`` up to date; returns whose files may have changed, nil for all.
  private mutating func noteChanges(at time: Timestamp, only: QueueName?) throws(DiskQueueError)
    -> Set<QueueName>?
  {
    let isDue =
      listedAt.map { time.nanoseconds(since: $0) >= Survey.listingInterval || time < $0 }
      ?? true
    // Asked before the listing, so that nothing between the two is missed.
    let changes = watch?.changes() ?? .anything
    guard only == nil, !isDue, case .entries(let entries) = changes else {
      let entries = try disk.list(directory)
      names = QueueFiles.group(entries)
      readNSQ(entries.contains(Survey.nsqd))
      if let only { names = names.filter { $0.key == only } }
      listedAt = time
      return nil
    }
    if entries.contains(Survey.nsqd) { readNSQ(true) }
    let groups = QueueFiles.group(Array(entries))
    for (name, files) in groups {
      for file in files where !names[name, default: []].contains(file) {
        names[name, default: []].append(file)
      }
    }
    // What could not be read is tried again each time.
    return Set(groups.keys).union(seen.filter { $0.value.report.problem != nil }.keys)
  }

  private static let nsqd = Array(NSQDirectory.fileName.utf8)
  /// The queues that nsqd opens, where the directory is one's; nil where it is not, or its list cannot
  /// be read now.
  private var nsqQueues: Set<QueueName>?

  private mutating func readNSQ(_ isThere: Bool) {
    nsqQueues = isThere ? (try? NSQDirectory(directory, disk: disk))?.queues : nil
  }

  private func assemble(_ owners: Owners, _ changed: Set<QueueName>?, at time: Timestamp)
    -> Report
  {
    let space = try? disk.space(at: directory)
    var next = Report(
      directory: directory, takenAt: time, queues: report?.queues ?? [],
      owner: owners.directory, ownersKnown: owners.areKnown, freeBytes: space?.freeBytes ?? 0,
      totalBytes: space?.totalBytes ?? 0)
    func owned(_ entry: Seen) -> QueueReport {
      var report = entry.report
      report.owner =
        owners.directory ?? owners.queues[report.name]
        ?? Occupancy.holder(of: entry.files, among: open).map { owner($0, .none) }
      report.noteOwner(at: time)
      if let files = owners.quarantined[report.name] { report.note(files) }
      report.noteUnfinished(owners.unfinished.contains(report.name))
      report.noteUnknown(owners.nsqQueues.map { !$0.contains(report.name) } ?? false)
      return report
    }
    if let changed, report != nil {
      for name in changed {
        let index = next.queues.partition { $0.name < name }
        let isThere = index < next.queues.count && next.queues[index].name == name
        switch (seen[name], isThere) {
        case (let entry?, true): next.queues[index] = owned(entry)
        case (let entry?, false): next.queues.insert(owned(entry), at: index)
        case (nil, true): next.queues.remove(at: index)
        case (nil, false): break
        }
      }
    } else {
      next.queues = seen.keys.sorted().compactMap { seen[$0].map(owned) }
    }
    return next
  }

  // MARK: Owners

  /// Who has what.
  private struct Owners: Hashable, Sendable {
    var directory: Owner?
    var queues: [QueueName: Owner] = [:]
    var open: OpenFiles
    var areKnown: Bool
    /// Queues with an operation under way, or one that was interrupted.
    var unfinished: Set<QueueName>
    /// What is in quarantine.
    var quarantined: [QueueName: [BadFile]]
    /// What nsqd says it opens.
    var nsqQueues: Set<QueueName>?
  }

  private var lastOwners: Owners?

  private mutating func owners(_ status: FileStatus, at time: Timestamp, isQuiet: Bool)
    -> Owners
  {
    let locks = processes.locks()
    let hasLooked = lookForOpenFiles(at: time, directory: status)
    // An act that stops before it touches a queue is found with the next look for open files.
    if !isQuiet || hasLooked {
      lookForUnfinished()
      lookForQuarantined()
    }
    let holder = locks.first {
      $0.exclusive && $0.inode == status.inode && $0.device == status.device
    }
    let owner = holder.map { self.owner($0.process, .directory) }
    let queues = locks.isEmpty ? [:] : queueLocks(locks).mapValues { self.owner($0, .queue) }
    return Owners(
      directory: owner, queues: queues, open: open, areKnown: open.complete || owner != nil,
      unfinished: unfinishedQueues, quarantined: quarantined, nsqQueues: nsqQueues)
  }

  private func owner(_ process: Int32, _ lock: Owner.Lock) -> Owner {
    Owner(pid: process, command: processes.command(of: process) ?? "?", lock: lock)
  }

  /// Reading every process's open files costs milliseconds, so it is done each five seconds, and each
  /// half minute where nothing happens.
  ///
  /// Returns whether it was done.
  private mutating func lookForOpenFiles(at time: Timestamp, directory: FileStatus) -> Bool {
    if let openAt, time >= openAt {
      let isQuiet =
        watch != nil
        && changedAt.map { time.nanoseconds(since: $0) > 10_000_000_000 } ?? false
      let interval: Int64 = isQuiet ? 30_000_000_000 : 5_000_000_000
      if time.nanoseconds(since: openAt) < interval { return false }
    }
    openAt = time
    open = processes.openQueueFiles()
    return true
  }

  private var unfinishedQueues: Set<QueueName> = []
  private var journalFolder: FileStatus?

  private var quarantined: [QueueName: [BadFile]] = [:]
  private var quarantineFolder: FileStatus?

  /// What is in quarantine: listed anew when the folder has changed.
  private mutating func lookForQuarantined() {
    let folder = Quarantine.folder(directory)
    guard let status = try? disk.status(at: folder) else {
      quarantineFolder = nil
      quarantined = [:]
      return
    }
    if status != quarantineFolder {
      quarantineFolder = status
      quarantined = (try? Quarantine.list(in: directory, disk: disk)) ?? [:]
    }
  }

  /// The queues with a journal: listed anew when their folder has changed.
  private mutating func lookForUnfinished() {
    let folder = Journal.home(directory)
    guard let status = try? disk.status(at: folder) else {
      journalFolder = nil
      unfinishedQueues = []
      return
    }
    if status != journalFolder {
      journalFolder = status
      unfinishedQueues = (try? Interrupted.queues(Ledger(directory, disk: disk))) ?? []
    }
  }

  /// The lock files of queues by what tells them apart, as of the last listing of their folder.
  private var lockFiles: [FileIdentity: QueueName] = [:]
  private var lockFolder: FileStatus?

  /// Who holds which queue's own lock.
  private mutating func queueLocks(_ locks: [HeldLock]) -> [QueueName: Int32] {
    let folder = QueueLock.folder(directory)
    guard let status = try? disk.status(at: folder) else { return [:] }
    // Names only come and go when the folder changes, so a look costs no more than the locks held.
    if status != lockFolder, let entries = try? disk.list(folder) {
      lockFolder = status
      lockFiles = [:]
      for entry in entries where entry.count > 5 {
        guard let name = QueueName(bytes: Array(entry.dropLast(5))),
          let status = try? disk.status(at: folder.entry(entry))
        else { continue }
        lockFiles[FileIdentity(status)] = name
      }
    }
    var holders: [QueueName: Int32] = [:]
    for lock in locks {
      if let name = lockFiles[FileIdentity(device: lock.device, inode: lock.inode)] {
        holders[name] = lock.process
      }
    }
    return holders
  }

  // MARK: One queue

  private func look(at name: QueueName, _ names: [FileName]) -> Seen? {
    let before = seen[name]
    do throws(DiskQueueError) {
      var files = try QueueFiles(
        name, names, in: directory, disk: disk, previous: before?.files)
      if unfinishedQueues.contains(name) {
        try Interrupted.hide(&files, of: name, in: directory, disk: disk)
      }
      if files.isEmpty { return nil }
      if let before, before.files == files { return before }
      do { return try conclude(name, files, before: before) } catch {
        guard error.code == .notFound else { throw error }
        // A segment went while it was read: its owner is at work, and the next look is right.
        var again = try QueueFiles(name, in: directory, disk: disk)
        try Interrupted.hide(&again, of: name, in: directory, disk: disk)
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

extension [QueueReport] {
  /// The index of the first element of which `isBefore` does not hold; those before it come first.
  fileprivate func partition(_ isBefore: (QueueReport) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
