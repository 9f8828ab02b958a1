package import SystemPackage

/// Carries changes out so that there is one moment before which the queue is as it was and after which
/// it is as it is to be, for us and for any Go program.
///
/// 1. All new bytes are written and synced in the operation's folder; the disk being full, or a
///    source that cannot be read, shows here. The metadata gets a second name in `old`.
/// 2. The journal is written and synced: from here on the operation is finished or taken back.
/// 3. What is new comes into the directory, under names that no reader looks for yet.
/// 4. One rename changes the metadata: that is the moment.
/// 5. What is old leaves; the result is written, the journal goes.
package struct ChangeSet {
  let queue: QueueName
  let folder: FilePath
  let ledger: Ledger
  let ownership: Ownership?
  var disk: any Disk { ledger.disk }
  var directory: FilePath { ledger.directory }

  /// Where an operation's folder keeps what left the directory, what will enter it, and what was
  /// cut off.
  package static func old(_ folder: FilePath) -> FilePath { folder.entry(Array("old".utf8)) }
  static func new(_ folder: FilePath) -> FilePath { folder.entry(Array("new".utf8)) }
  package static func cut(_ folder: FilePath) -> FilePath { folder.entry(Array("cut".utf8)) }

  /// Where stretches are kept that left the queue though their file stays, as frames.
  static func kept(_ folder: FilePath) -> FilePath { folder.entry(Array("kept".utf8)) }

  /// Where what left the quarantine goes.
  package static func quarantined(_ folder: FilePath) -> FilePath {
    folder.entry(Array("quarantine".utf8))
  }

  /// The file that keeps what was cut from `entry` at `offset`.
  static func cut(_ folder: FilePath, _ entry: [UInt8], _ offset: Int64) -> FilePath {
    cut(folder).entry(entry + Array("@\(offset)".utf8))
  }

  // MARK: Needs

  /// Files and folders of an operation besides those of its changes: its folder and those in it,
  /// `.diskq` with its folders, the records, a lock, a line of the log.
  private static let ownFiles: Int64 = 16
  private static let block: Int64 = 4096

  /// - Throws: `noSpace`, with what is needed and what is free, before anything is touched.
  package static func expectRoom(for changes: [FileChange], in directory: FilePath, disk: any Disk)
    throws(DiskQueueError)
  {
    let files = ownFiles + Int64(changes.count(where: \.makesFile))
    let data = changes.reduce(0) { $0 + ($1.space + block - 1) / block * block }
    // Names of segments that move take room in the folder they move to.
    let names = Int64(changes.count) * 64
    let needed = data + files * block + names
    let space = try disk.space(at: directory)
    let free = space.freeBytes + space.reservedBytes
    // Some file systems count no inodes.
    let lacksInodes = space.totalInodes > 0 && space.freeInodes < files
    guard needed > free || lacksInodes else { return }
    throw DiskQueueError(
      .noSpace,
      "this needs \(needed) bytes and \(files) inodes; \(free) bytes and \(space.freeInodes) inodes "
        + "are free. Nothing was touched. `diskq purge` frees backups; `diskq drain --to-file` "
        + "onto another file system needs no space here",
      path: directory)
  }

  // MARK: Preparing

  /// Does all of an act, from the folder's first line to the journal's end.
  ///
  /// The queue's locks are held, and its files are those the act starts from.
  ///
  /// - Throws: what the disk reports; once the journal is written, the next opening or act goes on.
  package static func carryOut(
    _ act: Act, _ changes: [FileChange], in backup: Backup, at time: Timestamp
  ) throws(DiskQueueError) {
    let ledger = backup.ledger
    let disk = ledger.disk
    let ownership = try disk.ownership(for: act.files, in: ledger.directory)
    try backup.record(act, at: time, ownership: ownership)
    let set = ChangeSet(
      queue: act.queue, folder: backup.folder, ledger: ledger, ownership: ownership)
    try set.commit(try set.prepare(changes, act.files))
    let after = try QueueFiles(act.queue, in: ledger.directory, disk: disk)
    try Backup.finish(backup.folder, act.messages, after, disk: disk)
    if let undone = act.undoes {
      let root = backup.folder.removingLastComponent()
      try Backup.markUndone(root.entry(Array(undone.utf8)), by: backup.id, disk: disk)
    }
    try forgetJournal(of: act.queue, ledger)
  }

  /// Writes all new bytes and tells what is left to do.
  func prepare(_ changes: [FileChange], _ files: QueueFiles) throws(DiskQueueError) -> Journal {
    var preparing = Preparing(self, files, changes)
    for path in [ChangeSet.old(folder), ChangeSet.new(folder), ChangeSet.cut(folder)] {
      try disk.makeOwnedDirectory(path, like: directory)
    }
    do throws(DiskQueueError) {
      for change in changes { try preparing.prepare(change) }
    } catch {
      guard error.code == .notFound else { throw error }
      throw DiskQueueError(
        .planVoid, "a file of the plan has gone meanwhile; nothing was touched", path: error.path,
        cause: error.cause)
    }
    let root = folder.removingLastComponent()
    for path in [
      ChangeSet.old(folder), ChangeSet.new(folder), ChangeSet.cut(folder), folder, root,
    ] {
      try disk.syncDirectory(path)
    }
    return preparing.journal
  }

  func build(_ path: FilePath, _ pieces: [Piece]) throws(DiskQueueError) {
    let target = try disk.open(path, .createNew)
    defer { disk.close(target) }
    if let ownership { try disk.setOwnership(target, to: ownership) }
    var offset: Int64 = 0
    for piece in pieces {
      if let length = piece.length {
        var header: [UInt8] = []
        Record.appendHeader(length, to: &header)
        try disk.writeAll(target, header.span, at: offset)
        offset += Int64(header.count)
      }
      let source = try disk.open(directory.entry(piece.entry), .read)
      defer { disk.close(source) }
      try ChangeSet.copy(source, piece.start..<piece.end, to: target, at: offset, disk)
      offset += piece.end - piece.start
    }
    try disk.syncAll(target)
  }

  /// Copies a stretch of a file to a new one, durably but for its name.
  static func keep(
    _ source: FilePath, _ range: Range<Int64>, at path: FilePath, _ ownership: Ownership?,
    _ disk: any Disk
  ) throws(DiskQueueError) {
    let target = try disk.open(path, .createNew)
    defer { disk.close(target) }
    if let ownership { try disk.setOwnership(target, to: ownership) }
    let source = try disk.open(source, .read)
    defer { disk.close(source) }
    try copy(source, range, to: target, at: 0, disk)
    try disk.syncAll(target)
  }

  /// Links a file, or copies it where the file system has no links; returns whether it is linked.
  @discardableResult
  static func secondName(
    _ source: FilePath, at path: FilePath, size: Int64, _ ownership: Ownership?, _ disk: any Disk
  ) throws(DiskQueueError) -> Bool {
    do {
      try disk.link(source, to: path)
      return true
    } catch {
      switch error.cause {
      case .notPermitted, .notSupported, .noFunction, .tooManyLinks, .permissionDenied: break
      default: throw error
      }
    }
    try keep(source, 0..<size, at: path, ownership, disk)
    return false
  }

  /// Copies bytes; a whole window of zeros becomes a hole, so that a sparse file stays one.
  static func copy(
    _ source: FileHandle, _ range: Range<Int64>, to target: FileHandle, at offset: Int64,
    _ disk: any Disk
  ) throws(DiskQueueError) {
    var buffer = [UInt8](repeating: 0, count: Int(min(max(1, Int64(range.count)), 1 << 20)))
    var at = range.lowerBound
    var isHole = false
    while at < range.upperBound {
      let count = Int(min(Int64(buffer.count), range.upperBound - at))
      let got = try disk.readFull(source, into: &buffer, count: count, at: at)
      guard got == count else {
        throw DiskQueueError(.planVoid, "a file has become shorter while it was copied")
      }
      isHole = count == 1 << 20 && buffer.allSatisfy { $0 == 0 }
      if !isHole {
        try disk.writeAll(
          target, buffer.span.extracting(..<got), at: offset + at - range.lowerBound)
      }
      at += Int64(got)
    }
    if isHole { try disk.truncate(target, to: offset + Int64(range.count)) }
  }

  // MARK: Committing

  /// Writes the journal and does what it says; it is left for the caller to remove once the result
  /// is written.
  func commit(_ journal: Journal) throws(DiskQueueError) {
    try ledger.exclusively { () throws(DiskQueueError) in
      // A purge frees folders under the same lock, and looks for journals that need them.
      for path in journal.sources where try !disk.exists(path) {
        throw DiskQueueError(
          .planVoid, "what should come back was purged meanwhile; nothing was touched", path: path)
      }
      try ledger.make(Journal.home(directory))
      try disk.writeNew(
        Journal.path(of: queue, in: directory),
        Array(journal.text(usual: Backup.root(directory)).utf8), ownership: ownership)
    }
    for path in [Journal.home(directory), ledger.home, directory] {
      try disk.syncDirectory(path)
    }
    try JournalRunner(journal, ledger).run()
  }

  /// Removes the journal of a finished operation, and its folder when it is empty.
  static func forgetJournal(of queue: QueueName, _ ledger: Ledger) throws(DiskQueueError) {
    try ledger.disk.removeIfPresent(Journal.path(of: queue, in: ledger.directory))
    ledger.tidy(Journal.home(ledger.directory))
  }
}
