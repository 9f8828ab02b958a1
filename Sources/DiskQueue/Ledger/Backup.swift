package import SystemPackage

/// The folder of one operation: what it started from, and what it took out of the directory.
package struct Backup: Sendable {
  /// Names the folder and the operation.
  package let id: String
  package let folder: FilePath
  let ledger: Ledger
  private var disk: any Disk { ledger.disk }

  /// `DIR/.diskq/backup`, unless the operator chose another place.
  package static func root(_ directory: FilePath) -> FilePath {
    Ledger.home(directory).entry(Array("backup".utf8))
  }

  /// Makes the folder `<time>` under `root`, or `<time>-1`, … where that is taken: no other operation
  /// gets the same, nor the one that this undoes, should a purge free it meanwhile.
  ///
  /// - Throws: `refused` where files cannot be renamed into it, `noSpace`; nothing is left then.
  package init(at time: Timestamp, root: FilePath, _ ledger: Ledger, undoing undone: String? = nil)
    throws(DiskQueueError)
  {
    self.ledger = ledger
    let disk = ledger.disk
    (id, folder) = try ledger.exclusively { () throws(DiskQueueError) -> (String, FilePath) in
      let isNew = try !disk.exists(root)
      try ledger.make(root)
      do throws(DiskQueueError) {
        guard
          try disk.status(at: root).device == (try disk.status(at: ledger.directory).device)
        else {
          throw DiskQueueError(
            .refused,
            "the backup must be on the same file system, so that files can be renamed into it",
            path: root)
        }
        try ledger.keepFormat()
        var suffix = 0
        while true {
          let id = suffix == 0 ? time.compact : "\(time.compact)-\(suffix)"
          if id == undone {
            suffix += 1
            continue
          }
          let folder = root.entry(Array(id.utf8))
          do throws(DiskQueueError) { try disk.makeDirectory(folder) } catch {
            guard error.cause == .fileExists else { throw error }
            suffix += 1
            continue
          }
          try Backup.giveAway(folder, ledger)
          return (id, folder)
        }
      } catch {
        if isNew { try? disk.removeDirectory(root) }
        throw error
      }
    }
  }

  private static func giveAway(_ folder: FilePath, _ ledger: Ledger) throws(DiskQueueError) {
    guard var ownership = try ledger.ownership() else { return }
    ownership.mode = 0o700
    let handle = try ledger.disk.open(folder, .directory)
    defer { ledger.disk.close(handle) }
    try ledger.disk.setOwnership(handle, to: ownership)
  }

  /// Where files that leave the directory go.
  package var old: FilePath { ChangeSet.old(folder) }

  /// Writes what the operation is and starts from, durably.
  package func record(_ act: Act, at time: Timestamp, ownership: Ownership?) throws(DiskQueueError)
  {
    try disk.makeOwnedDirectory(old, like: ledger.directory)
    try disk.writeNew(
      folder.entry(Array("operation".utf8)),
      Array(
        OperationRecord.operation(act, at: time, in: try disk.status(at: ledger.directory)).utf8),
      ownership: ownership)
    let root = folder.removingLastComponent()
    for path in [folder, root, root.removingLastComponent(), ledger.directory] {
      try disk.syncDirectory(path)
    }
  }

  /// Copies what opening the queue will replace or cut: the metadata, and bytes that are no message.
  package func keep(_ act: Act, _ tails: [Recovery.Tail], ownership: Ownership?)
    throws(DiskQueueError)
  {
    if let metadata = act.files.metadata {
      let entry = FileName.metadata.entry(of: act.queue)
      try disk.writeNew(old.entry(entry), metadata.bytes, ownership: ownership)
    }
    guard !tails.isEmpty else { return }
    try disk.makeOwnedDirectory(ChangeSet.cut(folder), like: ledger.directory)
    for tail in tails {
      let entry = FileName.segment(tail.segment.number).entry(of: act.queue)
      try ChangeSet.keep(
        ledger.directory.entry(entry), tail.end..<tail.segment.size,
        at: ChangeSet.cut(folder, entry, tail.end), ownership, disk)
    }
    try disk.syncDirectory(ChangeSet.cut(folder))
  }

  /// Writes what the operation led to: from now on it can be undone.
  ///
  /// Whoever may read the folder may read this, too.
  package static func finish(
    _ folder: FilePath, _ messages: Int64, _ files: QueueFiles, disk: any Disk
  )
    throws(DiskQueueError)
  {
    let path = folder.entry(Array("result".utf8))
    try disk.removeIfPresent(path)
    try disk.writeNew(
      path, Array(OperationRecord.result(messages, files).utf8),
      ownership: try own(folder, disk))
    try disk.syncDirectory(folder)
  }

  /// Marks an operation as undone by another.
  package static func markUndone(_ folder: FilePath, by id: String, disk: any Disk)
    throws(DiskQueueError)
  {
    let mark = folder.entry(Array("undone".utf8))
    if try disk.exists(mark) { return }
    try disk.writeNew(mark, Array("\(id)\n".utf8), ownership: try own(folder, disk))
    try disk.syncDirectory(folder)
  }

  private static func own(_ folder: FilePath, _ disk: any Disk) throws(DiskQueueError)
    -> Ownership?
  {
    var ownership = try disk.status(at: folder).ownership
    ownership.mode = 0o600
    let isMine = ownership.user == Machine.effectiveUser || Machine.effectiveUser == 0
    return isMine ? ownership : nil
  }

  /// Removes the folder of an operation that touched nothing, and what was made for it alone.
  package func discard() {
    try? Backup.remove(folder, disk: disk)
    if folder.removingLastComponent() == Backup.root(ledger.directory) {
      ledger.tidy(Backup.root(ledger.directory))
    }
  }

  /// Removes a folder with all that is in it.
  static func remove(_ folder: FilePath, disk: any Disk) throws(DiskQueueError) {
    for entry in try disk.list(folder) {
      let path = folder.entry(entry)
      if try disk.status(at: path).isDirectory {
        try remove(path, disk: disk)
      } else {
        try disk.remove(path)
      }
    }
    try disk.removeDirectory(folder)
  }
}
