package import SystemPackage

/// Whether another process has a queue's files open: go-diskqueue takes no lock, so the open files
/// are the only sign of it.
package enum Occupancy {
  /// Throws `inUse` when a process has one of `files` open, `ownerUnknown` when that cannot be told.
  package static func refuse(
    _ files: QueueFiles, in directory: FilePath, processes: any ProcessTable, assumeOffline: Bool,
    disk: any Disk
  ) throws(DiskQueueError) {
    let open = processes.openQueueFiles()
    if let holder = holder(of: files, among: open) {
      let command = processes.command(of: holder).map { " (\($0))" } ?? ""
      throw DiskQueueError(
        .inUse, "process \(holder)\(command) has the queue's files open; stop it first",
        path: directory, holder: holder)
    }
    if open.complete || assumeOffline { return }
    // What cannot be seen in /proc, as root's processes by others, the files' own system may tell.
    let isOpen = try isOpenSomewhere(files, in: directory, disk: disk)
    if isOpen == true {
      throw DiskQueueError(
        .inUse,
        "a process that cannot be seen from here has the queue's files open; stop it first",
        path: directory)
    }
    guard isOpen == false else {
      throw DiskQueueError(
        .ownerUnknown,
        "it cannot be seen who has the queue's files open; run as root, or say --assume-offline "
          + "when you know that nobody has",
        path: directory)
    }
  }

  /// How many of a queue's files are asked about, from each end: its owner has the one it reads and the
  /// one it writes open.
  private static let mostAsked = 16

  /// Whether anybody has one of the files open; nil where the system does not tell.
  private static func isOpenSomewhere(
    _ files: QueueFiles, in directory: FilePath, disk: any Disk
  ) throws(DiskQueueError) -> Bool? {
    let entries = files.statuses.keys.sorted { $0.lexicographicallyPrecedes($1) }
    var isKnown = true
    for entry in Set(entries.prefix(mostAsked) + entries.suffix(mostAsked)) {
      let handle: FileHandle
      do { handle = try disk.open(directory.entry(entry), .read) } catch {
        if error.code == .notFound { continue }
        throw error
      }
      defer { disk.close(handle) }
      switch disk.isOpenElsewhere(handle) {
      case true?: return true
      case false?: continue
      case nil: isKnown = false
      }
    }
    return isKnown ? false : nil
  }

  /// The process that has one of `files` open.
  package static func holder(of files: QueueFiles, among open: OpenFiles) -> Int32? {
    guard !open.entries.isEmpty else { return nil }
    let own = Set(files.statuses.values.map { FileIdentity($0) })
    return open.entries.first { own.contains(FileIdentity(device: $0.device, inode: $0.inode)) }?
      .process
  }
}
