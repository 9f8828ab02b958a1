package import SystemPackage

/// Finishes operations that a crash has interrupted.
package enum Interrupted {
  /// Carries out what the queue's journal, if there is one, still asks for; the queue's lock is held.
  ///
  /// When another program has written the files since, they stay as they are: the journal moves to
  /// the operation's folder, where what was taken out is, and the rest is left to a person.
  ///
  /// - Returns: whether something was finished.
  /// - Throws: what the disk reports.
  package static func finish(_ queue: QueueName, in directory: FilePath, disk: any Disk)
    throws(DiskQueueError) -> Bool
  {
    guard
      let bytes = try disk.contents(of: Journal.path(of: queue, in: directory), limit: 1 << 26)
    else { return false }
    // A torn journal was never followed: its operation has touched nothing.
    guard let journal = Journal(bytes) else {
      try ChangeSet.forgetJournal(of: queue, in: directory, disk: disk)
      return false
    }
    guard let record = try OperationRecord(journal.folder, disk: disk),
      try isUntouched(journal, record, directory, disk)
    else {
      if try disk.exists(journal.folder) {
        try disk.rename(
          Journal.path(of: queue, in: directory),
          to: journal.folder.entry(Array("journal".utf8)))
      }
      try ChangeSet.forgetJournal(of: queue, in: directory, disk: disk)
      return false
    }
    for path in [ChangeSet.old(journal.folder), ChangeSet.new(journal.folder)] {
      try disk.makeOwnedDirectory(path, like: directory)
    }
    try ChangeSet.run(journal, directory, disk)
    let files = try QueueFiles(queue, in: directory, disk: disk)
    try Backup.finish(journal.folder, record.messages, files, disk: disk)
    try ChangeSet.forgetJournal(of: queue, in: directory, disk: disk)
    Audit(directory, disk: disk).append(finished: record, at: Machine.now())
    return true
  }

  /// Every file must be one that was there before, or one that the operation made.
  private static func isUntouched(
    _ journal: Journal, _ record: OperationRecord, _ directory: FilePath, _ disk: any Disk
  ) throws(DiskQueueError) -> Bool {
    let known = Set(record.before.map(\.inode))
    for action in journal.actions {
      let coming: (source: FilePath, entry: [UInt8])
      switch action {
      case .in(let entry): coming = (ChangeSet.new(journal.folder).entry(entry), entry)
      case .back(let source, let entry): coming = (source, entry)
      default: continue
      }
      guard try disk.exists(coming.source), try disk.exists(directory.entry(coming.entry)) else {
        continue
      }
      let inode = try disk.status(at: directory.entry(coming.entry)).inode
      if !known.contains(inode) { return false }
    }
    return true
  }
}
