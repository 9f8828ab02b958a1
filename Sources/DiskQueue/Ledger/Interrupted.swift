package import SystemPackage

/// Deals with operations that a crash, or a kill, has interrupted.
///
/// Before the metadata has changed an operation is finished only when every file of the queue is
/// exactly as it was or as its own step left it; else another program has been at work, and what the
/// operation brought into the directory is taken out again. Once the metadata has changed it is
/// finished: what still leaves is nothing that anybody reads, and each file only when it is the very
/// one.
package struct Interrupted {
  /// What became of it.
  package enum Outcome: Hashable, Sendable {
    /// There was none.
    case nothing
    case finished(id: String)
    /// Another program has written the queue since, so it was taken back.
    case takenBack(id: String)
  }

  private let queue: QueueName
  private let ledger: Ledger
  private let journal: Journal
  private let runner: JournalRunner
  private var disk: any Disk { ledger.disk }
  private var directory: FilePath { ledger.directory }

  /// Reads the journal of a queue; nil when there is none.
  ///
  /// - Throws: `refused` for one that a newer diskq left, or whose operations are kept elsewhere than
  ///   in `root`.
  package static func journal(of queue: QueueName, _ ledger: Ledger, root: FilePath? = nil)
    throws(DiskQueueError) -> Journal.Reading?
  {
    let path = Journal.path(of: queue, in: ledger.directory)
    guard let bytes = try ledger.disk.contents(of: path, limit: Ledger.largest) else { return nil }
    guard bytes.count < Ledger.largest else {
      throw DiskQueueError(
        .refused, "this is too large for a journal of diskq's; look at it and move it away",
        path: path)
    }
    let usual = Backup.root(ledger.directory)
    let reading = Journal.read(bytes, of: queue, usual: usual, other: root)
    switch reading {
    case .foreign:
      throw DiskQueueError(
        .refused,
        "a newer diskq was interrupted here and must finish its operation; nothing was "
          + "touched", path: path)
    case .elsewhere(let other):
      throw DiskQueueError(
        .refused,
        "an operation with its backup in \(other) was interrupted; finish it with "
          + "`diskq repair --backup-dir` and that folder", path: path)
    case .whole, .unfinished: return reading
    }
  }

  /// The operation that was interrupted on a queue, or is at work on it; nil when there is none.
  package static func pending(_ queue: QueueName, _ ledger: Ledger) throws(DiskQueueError)
    -> String?
  {
    let path = Journal.path(of: queue, in: ledger.directory)
    guard let bytes = try ledger.disk.contents(of: path, limit: Ledger.largest) else { return nil }
    switch Journal.read(bytes, of: queue, usual: Backup.root(ledger.directory), other: nil) {
    case .whole(let journal): return journal.folder.lastComponent?.string ?? "?"
    case .elsewhere(let root): return "in \(root)"
    case .foreign: return "of a newer diskq"
    case .unfinished: return nil
    }
  }

  /// What a journal says of a queue.
  package enum Standing: Hashable, Sendable {
    case none
    case interrupted(String)
    case atWork(String, by: Int32)
  }

  /// Whether a queue's journal is of an act that is at work, or of one that was interrupted.
  ///
  /// Whoever writes a journal holds the queue's lock until it is gone. So one that is there before and
  /// after nobody was seen to hold the lock is nobody's.
  package static func stopped(
    _ queue: QueueName, _ ledger: Ledger, _ processes: any ProcessTable
  ) throws(DiskQueueError) -> Standing {
    var last: String?
    while true {
      guard let id = try pending(queue, ledger) else { return .none }
      if id == last { return .interrupted(id) }
      let holder = QueueLock.holder(
        of: queue, in: ledger.directory, disk: ledger.disk, processes: processes)
      if let holder { return .atWork(id, by: holder) }
      last = id
    }
  }

  /// Shows the queue as it is before or after an operation that is at work or was interrupted: until its
  /// moment without what it has brought, from then on without what has not left yet.
  package static func hide(
    _ files: inout QueueFiles, of queue: QueueName, in directory: FilePath, disk: any Disk
  ) throws(DiskQueueError) {
    let path = Journal.path(of: queue, in: directory)
    guard let bytes = try disk.contents(of: path, limit: Ledger.largest) else { return }
    let usual = Backup.root(directory)
    var reading = Journal.read(bytes, of: queue, usual: usual, other: nil)
    // Only to know the names: nothing there is touched.
    if case .elsewhere(let root) = reading {
      reading = Journal.read(bytes, of: queue, usual: usual, other: root)
    }
    guard case .whole(let journal) = reading else { return }
    let pending = Interrupted(queue, Ledger(directory, disk: disk), journal)
    if try pending.hasFlipped(files) { return try pending.hideLeaving(&files) }
    for image in pending.images(files) where image.bytes == nil {
      if pending.runner.isComing(image), pending.runner.before[image.entry] == nil {
        files.leaveOut(image.entry)
      } else if let start = pending.runner.given(image.entry), try pending.runner.isOurs(image) {
        files.end(image.entry, at: start)
      }
    }
  }

  private func hideLeaving(_ files: inout QueueFiles) throws(DiskQueueError) {
    let now = Dictionary(images(files).map { ($0.entry, $0) }) { first, _ in first }
    for step in journal.steps {
      switch step {
      case .out(let entry), .drop(let entry, _):
        if let image = now[entry], try runner.isOurs(image) { files.leaveOut(entry) }
      case .cut(let entry, let offset):
        if let image = now[entry], try runner.isOurs(image) { files.end(entry, at: offset) }
      default: continue
      }
    }
  }

  /// The queues that have a journal, from one listing.
  package static func queues(_ ledger: Ledger) throws(DiskQueueError) -> Set<QueueName> {
    do {
      return Set(
        try ledger.disk.list(Journal.home(ledger.directory)).compactMap { Journal.queue($0) })
    } catch {
      if error.code == .notFound { return [] }
      throw error
    }
  }

  /// Finishes or takes back what the queue's journal, if there is one, tells of; its lock is held.
  ///
  /// - Throws: what the disk reports, and as ``journal(of:_:root:)``.
  package static func settle(
    _ queue: QueueName, in directory: FilePath, disk: any Disk, root: FilePath? = nil
  ) throws(DiskQueueError) -> Outcome {
    let ledger = Ledger(directory, disk: disk)
    guard let reading = try journal(of: queue, ledger, root: root) else { return .nothing }
    guard case .whole(let journal) = reading else {
      // It was never followed: its operation has touched nothing.
      try ChangeSet.forgetJournal(of: queue, ledger)
      return .nothing
    }
    return try Interrupted(queue, ledger, journal).settle()
  }

  private init(_ queue: QueueName, _ ledger: Ledger, _ journal: Journal) {
    self.queue = queue
    self.ledger = ledger
    self.journal = journal
    runner = JournalRunner(journal, ledger)
  }

  private func settle() throws(DiskQueueError) -> Outcome {
    let id = journal.folder.lastComponent?.string ?? ""
    let isKept = try disk.exists(journal.folder)
    let files = try QueueFiles(queue, in: directory, disk: disk)
    if try hasFlipped(files) {
      if isKept { try runner.finish() }
    } else if isKept, try isExact(files), try isComplete(files) {
      try runner.run()
    } else {
      try takeBack()
      return .takenBack(id: id)
    }
    guard isKept, let record = try OperationRecord(journal.folder, disk: disk) else {
      try ChangeSet.forgetJournal(of: queue, ledger)
      return .finished(id: id)
    }
    let after = try QueueFiles(queue, in: directory, disk: disk)
    // What another program has made of the queue since is not what undoing may take away.
    let isMoved = try !isExplained(after)
    try Backup.finish(
      journal.folder, record.messages, isMoved ? QueueFiles() : after, disk: disk)
    if let undone = record.undoes, OperationStore.isID(undone) {
      let folder = journal.folder.removingLastComponent().entry(Array(undone.utf8))
      if try disk.exists(folder) { try Backup.markUndone(folder, by: id, disk: disk) }
    }
    try ChangeSet.forgetJournal(of: queue, ledger)
    Audit(directory, disk: disk).append(
      record, at: Machine.now(), result: "finished after an interruption")
    return .finished(id: id)
  }

  // MARK: Where it stopped

  /// Whether the metadata was changed: the file it comes from has gone from where it was.
  private func hasFlipped(_ files: QueueFiles) throws(DiskQueueError) -> Bool {
    let now = images(files).first { $0.bytes != nil }
    guard let flip = journal.steps.first(where: { $0.isFlip }) else { return false }
    let source: FilePath
    switch flip {
    case .flip(let image):
      if let now, now.isSame(as: image) { return true }
      source = ChangeSet.new(journal.folder).entry(image.entry)
    case .flipBack(let path, let image):
      if let now, now.isSame(as: image) { return true }
      source = path
    default: return now == nil
    }
    guard try disk.exists(source.removingLastComponent()) else { return false }
    return try !disk.exists(source)
  }

  /// Whether every file of the queue is as it was, or as a step of the operation left it.
  private func isExact(_ files: QueueFiles) throws(DiskQueueError) -> Bool {
    let now = images(files)
    let names = Set(now.map(\.entry))
    guard journal.before.allSatisfy({ names.contains($0.entry) }) else { return false }
    for image in now where !runner.isComing(image) {
      if try !runner.isOurs(image) { return false }
    }
    return true
  }

  /// Whether all that is still to come is where it comes from: somebody may have removed some of it.
  private func isComplete(_ files: QueueFiles) throws(DiskQueueError) -> Bool {
    let come = Set(images(files).filter { runner.isComing($0) }.map(\.entry))
    let new = ChangeSet.new(journal.folder)
    for step in journal.steps {
      let isThere =
        switch step {
        case .place(let image):
          try come.contains(image.entry) ? true : disk.exists(new.entry(image.entry))
        case .bring(let path, let image):
          try come.contains(image.entry) ? true : disk.exists(path)
        case .flip(let image): try disk.exists(new.entry(image.entry))
        case .give(let path, _, _, _), .flipBack(let path, _): try disk.exists(path)
        default: true
        }
      if !isThere { return false }
    }
    return true
  }

  /// Whether the queue is what the operation made of it.
  private func isExplained(_ files: QueueFiles) throws(DiskQueueError) -> Bool {
    let flip: OperationRecord.Image? =
      switch journal.steps.first(where: { $0.isFlip }) {
      case .flip(let image), .flipBack(_, let image): image
      default: nil
      }
    for image in images(files) {
      if image.bytes != nil {
        guard let wanted = flip ?? runner.before[image.entry], image.isSame(as: wanted) else {
          return false
        }
      } else if !runner.isComing(image) {
        guard try runner.isOurs(image) else { return false }
      }
    }
    return true
  }

  private func images(_ files: QueueFiles) -> [OperationRecord.Image] {
    OperationRecord.images(files)
  }

  // MARK: Taking back

  /// Takes out what the operation brought in; what another program made is not touched.
  private func takeBack() throws(DiskQueueError) {
    let new = ChangeSet.new(journal.folder)
    // Somebody may have removed the folder, which is no reason to leave in the directory what a
    // reader would take for messages.
    try ledger.exclusively { () throws(DiskQueueError) in
      for path in [journal.folder.removingLastComponent(), journal.folder, new] {
        try ledger.make(path)
      }
    }
    let firsts = Dictionary(
      journal.steps.compactMap { step in
        if case .drop(let entry, let other) = step { (other, entry) } else { nil }
      }
    ) { first, _ in first }
    for step in journal.steps {
      switch step {
      case .place(let image):
        try takeOut(image, to: new.entry(image.entry), isNamed: firsts[image.entry])
      case .bring(let path, let image): try takeOut(image, to: path, isNamed: nil)
      default: continue
      }
    }
    try disk.syncDirectory(directory)
    try disk.rename(
      Journal.path(of: queue, in: directory), to: journal.folder.entry(Array("journal".utf8)))
    if let record = try OperationRecord(journal.folder, disk: disk) {
      Audit(directory, disk: disk).append(
        record, at: Machine.now(),
        result: "given up: another program has written the queue since it was interrupted")
    }
    try ChangeSet.forgetJournal(of: queue, ledger)
  }

  /// Takes out a file that came in; `first` is the name it had before, where it only got another one.
  private func takeOut(_ image: OperationRecord.Image, to path: FilePath, isNamed first: [UInt8]?)
    throws(DiskQueueError)
  {
    guard let now = try runner.image(image.entry), now.inode == image.inode else { return }
    // Under its first name it may have grown since; it is there, so this name is one too many.
    if let first, try runner.image(first)?.inode == now.inode {
      return try disk.remove(directory.entry(image.entry))
    }
    guard first != nil || now.isSame(as: image) else { return }
    let there = directory.entry(image.entry)
    do { try disk.rename(there, to: path) } catch {
      guard error.code == .notFound else { throw error }
      try disk.rename(there, to: ChangeSet.new(journal.folder).entry(image.entry))
    }
    // What it had replaced comes back under its name.
    let replaced = ChangeSet.old(journal.folder).entry(image.entry)
    if runner.before[image.entry] != nil, try disk.exists(replaced) {
      try disk.rename(replaced, to: there)
    }
  }
}
