package import SystemPackage

/// The operations whose folders are kept: listed, found by name, and purged.
package struct OperationStore: Sendable {
  package let root: FilePath
  let disk: any Disk
  private let ledger: Ledger

  /// The operations of a directory, in their usual place or in `root`.
  package init(of directory: FilePath, root: FilePath? = nil, disk: (any Disk)? = nil) {
    self.root = root ?? Backup.root(directory)
    self.disk = disk ?? RealDisk(below: directory, and: root)
    ledger = Ledger(directory, disk: self.disk)
  }

  /// Whether this is diskq's own place, where nobody else keeps anything.
  private var isUsual: Bool { root == Backup.root(ledger.directory) }

  /// Whether a text can name an operation: it is a name of one folder.
  package static func isID(_ text: String) -> Bool {
    !text.isEmpty && !text.utf8.contains(UInt8(ascii: "/")) && !text.hasPrefix(".")
      && !text.utf8.contains(0)
  }

  /// All of them, the oldest first; of one queue when that is named.
  ///
  /// In a place that the operator chose, those of other directories are left out.
  ///
  /// - Throws: what listing reports; a folder that is no operation's is left out.
  package func list(_ queue: QueueName? = nil) throws(DiskQueueError) -> [OperationRecord] {
    let entries: [[UInt8]]
    do { entries = try disk.list(root) } catch {
      if error.code == .notFound { return [] }
      throw error
    }
    let mine = isUsual ? nil : try disk.status(at: ledger.directory).inode
    var records: [OperationRecord] = []
    for entry in entries where entry.first != UInt8(ascii: ".") {
      if let record = try OperationRecord(root.entry(entry), disk: disk),
        queue == nil || record.queue == queue, mine == nil || record.directory == mine
      {
        records.append(record)
      }
    }
    return records.sorted { ($0.time, $0.id) < ($1.time, $1.id) }
  }

  /// The operation of that name.
  ///
  /// - Throws: `notFound`.
  package func find(_ id: String) throws(DiskQueueError) -> OperationRecord {
    guard OperationStore.isID(id),
      let record = try OperationRecord(root.entry(Array(id.utf8)), disk: disk)
    else {
      throw DiskQueueError(.notFound, "there is no operation “\(id)” here", path: root)
    }
    return record
  }

  /// The last operation of a queue that can be undone; nil when there is none.
  package func last(_ queue: QueueName) throws(DiskQueueError) -> OperationRecord? {
    try list(queue).last { $0.state == .done && $0.kind != .undo }
  }

  /// Whether messages of a queue were on their way to another place when their program died, or are;
  /// false where this process may not know.
  package func hasInterruptedDrain(_ queue: QueueName) throws(DiskQueueError) -> Bool {
    do {
      return try list(queue).contains {
        $0.state == .interrupted && ($0.kind == .drain || $0.kind == .move)
      }
    } catch {
      // What only happens now and then is no answer.
      guard [.permissionDenied, .refused].contains(error.code) else { throw error }
      return false
    }
  }

  /// Bytes that purging an operation frees.
  package func bytes(_ record: OperationRecord) throws(DiskQueueError) -> Int64 {
    try bytes(of: record.folder)
  }

  /// Bytes that removing a folder frees.
  package func bytes(of folder: FilePath) throws(DiskQueueError) -> Int64 {
    var total: Int64 = 0
    for entry in try disk.list(folder) {
      let status = try disk.status(at: folder.entry(entry))
      total += status.isDirectory ? try bytes(of: folder.entry(entry)) : status.size
    }
    return total
  }

  // MARK: Purging

  /// Begins the names of folders that are on their way out.
  private static let purged = Array(".purged-".utf8)

  /// Folders that a purge has left behind when it was interrupted.
  package func leftovers() throws(DiskQueueError) -> [FilePath] {
    let entries: [[UInt8]]
    do { entries = try disk.list(root) } catch {
      if error.code == .notFound { return [] }
      throw error
    }
    var leftovers: [FilePath] = []
    for entry in entries {
      let folder = root.entry(entry)
      if entry.starts(with: OperationStore.purged) {
        leftovers.append(folder)
      } else if isUsual, try isStray(folder) {
        leftovers.append(folder)
      }
    }
    return leftovers
  }

  /// Whether a folder is what a kill left before the operation had written what it is; a young one may
  /// be at it.
  private func isStray(_ folder: FilePath) throws(DiskQueueError) -> Bool {
    let status = try disk.status(at: folder)
    // What diskq did not make it does not remove.
    guard folder.lastComponent.map({ Timestamp.isCompact($0.string) }) == true else { return false }
    guard status.isDirectory, Machine.now().seconds - status.modified.seconds > 3600 else {
      return false
    }
    return try !disk.exists(folder.entry(Array("operation".utf8)))
  }

  /// Removes what an interrupted purge has left; returns the bytes that were freed.
  package func sweep() throws(DiskQueueError) -> Int64 {
    var freed: Int64 = 0
    for folder in try leftovers() {
      freed += try bytes(of: folder)
      try Backup.remove(folder, disk: disk)
    }
    return freed
  }

  /// Removes an operation's folder for good: it cannot be undone after that.
  ///
  /// One rename takes the folder out of sight, so that what a kill leaves is told from an operation
  /// and removed by the next purge.
  ///
  /// - Throws: `refused` while the operation must still be finished, or another one that is
  ///   unfinished needs it; `inUse` while it is under way.
  package func purge(
    _ record: OperationRecord,
    processes: any ProcessTable = RealProcessTable()
  ) throws(DiskQueueError) {
    // Without a result it may be at work right now: then its queue is locked.
    let lock =
      record.state == .interrupted
      ? try QueueLock(record.queue, in: ledger.directory, disk: disk, processes: processes) : nil
    defer { lock?.release(disk) }
    let gone = root.entry(OperationStore.purged + Array(record.id.utf8))
    try ledger.exclusively { () throws(DiskQueueError) in
      try expectUnneeded(record)
      try disk.rename(record.folder, to: gone)
    }
    try Backup.remove(gone, disk: disk)
    try disk.syncDirectory(root)
  }

  /// Throws when a journal that is not finished speaks of the operation's folder.
  private func expectUnneeded(_ record: OperationRecord) throws(DiskQueueError) {
    let home = Journal.home(ledger.directory)
    let entries: [[UInt8]]
    do { entries = try disk.list(home) } catch {
      if error.code == .notFound { return }
      throw error
    }
    for entry in entries {
      guard let bytes = try disk.contents(of: home.entry(entry), limit: Ledger.largest) else {
        continue
      }
      // Whatever kind of journal it is: where the name stands in it, it may be needed.
      let words = String(decoding: bytes, as: UTF8.self)
        .split(whereSeparator: { $0 == " " || $0 == "\n" || $0 == "/" })
      let id = FieldText.encode(Array(record.id.utf8))
      guard words.contains(where: { $0 == id }) else { continue }
      throw DiskQueueError(
        .refused,
        "operation \(record.id) is needed by one that is not finished; `diskq repair` finishes it",
        path: record.folder)
    }
  }
}
