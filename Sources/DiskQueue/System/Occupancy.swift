package import SystemPackage

/// Whether another process has a queue's files open: go-diskqueue takes no lock, so the open files
/// are the only sign of it.
package enum Occupancy {
  /// Throws `inUse` when a process has one of `files` open, `ownerUnknown` when that cannot be told.
  package static func refuse(
    _ files: QueueFiles, in directory: FilePath, processes: any ProcessTable, assumeOffline: Bool,
    disk: any Disk
  ) throws(DiskQueueError) {
    var users = Set(files.statuses.values.map(\.ownership.user))
    users.insert(try disk.status(at: directory).ownership.user)
    let open = processes.openQueueFiles(of: users)
    if let holder = holder(of: files, among: open) {
      let command = processes.command(of: holder).map { " (\($0))" } ?? ""
      throw DiskQueueError(
        .inUse, "process \(holder)\(command) has the queue's files open; stop it first",
        path: directory, holder: holder)
    }
    guard open.complete || assumeOffline else {
      throw DiskQueueError(
        .ownerUnknown,
        "it cannot be seen who has the queue's files open; run as root, or say --assume-offline "
          + "when you know that nobody has",
        path: directory)
    }
  }

  /// The process that has one of `files` open.
  package static func holder(of files: QueueFiles, among open: OpenFiles) -> Int32? {
    guard !open.entries.isEmpty else { return nil }
    let own = Set(files.statuses.values.map { FileIdentity($0) })
    return open.entries.first { own.contains(FileIdentity(device: $0.device, inode: $0.inode)) }?
      .process
  }
}

/// What tells one file from another on a machine.
package struct FileIdentity: Hashable, Sendable {
  package var device: UInt64
  package var inode: UInt64

  package init(device: UInt64, inode: UInt64) {
    self.device = device
    self.inode = inode
  }

  package init(_ status: FileStatus) {
    self.init(device: status.device, inode: status.inode)
  }
}
