package import SystemPackage

/// The folder an operation moves things into instead of removing them.
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

  /// Writes what the operation started from: the plan, and the metadata byte for byte.
  func record(_ plan: Plan, ownership: Ownership?) throws(DiskQueueError) {
    var json = JSONText()
    json.object { json in
      json.member("operation", id)
      json.member("kind", plan.kind.rawValue)
      json.member("queue", plan.queue.description)
      json.member("directory", directory.description)
      json.key("files")
      json.array { json in
        for (name, status) in plan.files.statuses.sorted(by: {
          $0.key.lexicographicallyPrecedes($1.key)
        }) {
          json.object { json in
            json.member("name", String(decoding: name, as: UTF8.self))
            json.member("bytes", status.size)
            json.member("inode", status.inode)
          }
        }
      }
      json.member("metadata", plan.files.metadata.map { String(decoding: $0.bytes, as: UTF8.self) })
      json.member("after", plan.after.text)
    }
    try disk.writeNew(
      folder.entry(Array("operation.json".utf8)), Array((json.text + "\n").utf8),
      ownership: ownership)
    if let metadata = plan.files.metadata {
      let entry = FileName.metadata.entry(of: plan.queue)
      try disk.writeNew(folder.entry(entry), metadata.bytes, ownership: ownership)
    }
    try disk.syncDirectory(folder)
    try disk.syncDirectory(folder.removingLastComponent())
  }

  /// Removes the folder of an operation that did nothing.
  func discard() {
    for entry in (try? disk.list(folder)) ?? [] { try? disk.remove(folder.entry(entry)) }
    try? disk.removeDirectory(folder)
  }
}
