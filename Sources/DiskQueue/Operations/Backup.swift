package import SystemPackage

/// The folder of one operation: what it started from, and what it took out of the directory.
package struct Backup: Sendable {
  /// Names the folder and the operation.
  package let id: String
  package let folder: FilePath
  private let disk: any Disk
  private let directory: FilePath

  /// `DIR/.diskq/backup`, unless the operator chose another place.
  package static func root(_ directory: FilePath) -> FilePath {
    QueueLock.home(directory).entry(Array("backup".utf8))
  }

  /// Makes the folder `<time>` under `root`, or `<time>-1`, … where that is taken.
  init(at time: Timestamp, root: FilePath, directory: FilePath, disk: any Disk)
    throws(DiskQueueError)
  {
    try disk.makeOwnedDirectory(QueueLock.home(directory), like: directory)
    try disk.makeOwnedDirectory(root, like: directory)
    var id = time.compact
    var suffix = 0
    while try disk.exists(root.entry(Array(id.utf8))) {
      suffix += 1
      id = "\(time.compact)-\(suffix)"
    }
    self.id = id
    self.folder = root.entry(Array(id.utf8))
    self.disk = disk
    self.directory = directory
    try disk.makeOwnedDirectory(folder, like: directory)
    let source = try disk.status(at: directory).device
    guard try disk.status(at: folder).device == source else {
      throw DiskQueueError(
        .refused,
        "the backup must be on the same file system, so that files can be renamed into it",
        path: folder)
    }
  }

  /// Where files that leave the directory go.
  var old: FilePath { ChangeSet.old(folder) }

  /// Writes what the operation is and starts from, durably.
  func record(_ plan: Plan, at time: Timestamp, ownership: Ownership?) throws(DiskQueueError) {
    try disk.makeOwnedDirectory(old, like: directory)
    try disk.writeNew(
      folder.entry(Array("operation".utf8)),
      Array(OperationRecord.operation(plan, at: time).utf8), ownership: ownership)
    try disk.syncDirectory(folder)
    try disk.syncDirectory(folder.removingLastComponent())
  }

  /// Copies what opening the queue will replace or cut: the metadata, and bytes that are no message.
  func keep(_ plan: Plan, _ tails: [Recovery.Tail], ownership: Ownership?) throws(DiskQueueError) {
    if let metadata = plan.files.metadata {
      let entry = FileName.metadata.entry(of: plan.queue)
      try disk.writeNew(old.entry(entry), metadata.bytes, ownership: ownership)
    }
    guard !tails.isEmpty else { return }
    try disk.makeOwnedDirectory(ChangeSet.cut(folder), like: directory)
    for tail in tails {
      let entry = FileName.segment(tail.segment.number).entry(of: plan.queue)
      let source = try disk.open(directory.entry(entry), .read)
      defer { disk.close(source) }
      var bytes = [UInt8](repeating: 0, count: Int(tail.segment.size - tail.end))
      _ = try disk.readFull(source, into: &bytes, count: bytes.count, at: tail.end)
      try disk.writeNew(ChangeSet.cut(folder, entry, tail.end), bytes, ownership: ownership)
    }
    try disk.syncDirectory(ChangeSet.cut(folder))
  }

  /// Writes what the operation led to: from now on it can be undone.
  ///
  /// Whoever may read the folder may read this, too.
  static func finish(_ folder: FilePath, _ messages: Int64, _ files: QueueFiles, disk: any Disk)
    throws(DiskQueueError)
  {
    var ownership = try disk.status(at: folder).ownership
    ownership.mode = 0o600
    let isMine = ownership.user == Machine.effectiveUser || Machine.effectiveUser == 0
    let path = folder.entry(Array("result".utf8))
    try disk.removeIfPresent(path)
    try disk.writeNew(
      path, Array(OperationRecord.result(messages, files).utf8), ownership: isMine ? ownership : nil
    )
    try disk.syncDirectory(folder)
  }

  /// Removes the folder of an operation that touched nothing, and what was made for it alone.
  func discard() {
    try? Backup.remove(folder, disk: disk)
    let root = Backup.root(directory)
    guard folder.removingLastComponent() == root else { return }
    try? disk.removeDirectory(root)
    try? disk.removeDirectory(QueueLock.home(directory))
  }

  /// Removes an operation's folder with all that is in it.
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
