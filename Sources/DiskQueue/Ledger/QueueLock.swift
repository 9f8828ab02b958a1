package import SystemPackage

/// What a process holds while it may change a queue: a shared lock on the directory, which nsqd's
/// exclusive one excludes, and an exclusive lock of the queue's own.
///
/// The queue's lock is a file under `DIR/.diskq/locks`, made here and removed at release, so that a
/// closed queue leaves only what go-diskqueue knows. Where that file cannot be made because the
/// disk is full, the directory is locked exclusively instead: safe, only less generous.
package struct QueueLock: Sendable {
  private let directory: FileHandle
  private let own: FileHandle?
  private let path: FilePath
  private let ledger: Ledger

  /// The folder of the queues' lock files.
  package static func folder(_ directory: FilePath) -> FilePath {
    Ledger.home(directory).entry(Array("locks".utf8))
  }

  /// The lock file of `queue`.
  package static func path(of queue: QueueName, in directory: FilePath) -> FilePath {
    folder(directory).entry(queue.bytes + Array(".lock".utf8))
  }

  /// The process that holds a queue's lock, as far as `/proc` tells.
  static func holder(
    of queue: QueueName, in directory: FilePath, disk: any Disk, processes: any ProcessTable
  ) -> Int32? {
    guard let status = try? disk.status(at: path(of: queue, in: directory)) else { return nil }
    return processes.locks().first { lock in
      lock.exclusive && lock.inode == status.inode && lock.device == status.device
    }?.process
  }

  /// Takes both locks without waiting.
  ///
  /// - Throws: `inUse` with the holder's process where it can be seen.
  package init(
    _ queue: QueueName, in directory: FilePath, disk: any Disk, processes: any ProcessTable
  ) throws(DiskQueueError) {
    self.path = QueueLock.path(of: queue, in: directory)
    self.ledger = Ledger(directory, disk: disk)
    try ledger.check()
    self.directory = try disk.open(directory, .directory)
    do throws(DiskQueueError) {
      guard try disk.lock(self.directory, .shared) else {
        let error = QueueLock.inUse(
          directory, by: self.directory, disk, processes, exclusiveOnly: true)
        guard error.holder == Machine.processID else { throw error }
        throw DiskQueueError(
          .noSpace,
          "there is no space for a second lock here, so that this process cannot have two queues; "
            + "drain into a file on another file system", path: path)
      }
      do throws(DiskQueueError) {
        self.own = try QueueLock.lockFile(path, ledger, processes)
      } catch {
        guard error.code == .noSpace else { throw error }
        guard try disk.lock(self.directory, .exclusive) else {
          throw QueueLock.inUse(
            directory, by: self.directory, disk, processes, exclusiveOnly: false)
        }
        self.own = nil
      }
    } catch {
      disk.close(self.directory)
      throw error
    }
  }

  /// Opens and locks the lock file; again when its holder removed it in between.
  private static func lockFile(
    _ path: FilePath, _ ledger: Ledger, _ processes: any ProcessTable
  ) throws(DiskQueueError) -> FileHandle {
    let disk = ledger.disk
    while true {
      guard let handle = try open(path, ledger) else { continue }
      do throws(DiskQueueError) {
        guard try disk.lock(handle, .exclusive) else {
          throw inUse(path, by: handle, disk, processes, exclusiveOnly: true)
        }
        let held = try disk.status(of: handle)
        if let named = try? disk.status(at: path), named.inode == held.inode { return handle }
      } catch {
        disk.close(handle)
        throw error
      }
      disk.close(handle)
    }
  }

  /// Makes the lock file or opens the one that is there; nil when that has just gone.
  private static func open(_ path: FilePath, _ ledger: Ledger) throws(DiskQueueError) -> FileHandle?
  {
    let disk = ledger.disk
    let handle: FileHandle
    do { handle = try disk.open(path, .createNew) } catch {
      if error.cause == .fileExists {
        do { return try disk.open(path, .write) } catch {
          if error.code == .notFound { return nil }
          throw error
        }
      }
      guard error.code == .notFound else { throw error }
      try ledger.exclusively { () throws(DiskQueueError) in
        try ledger.make(folder(ledger.directory))
      }
      return nil
    }
    // Only what was made here is given away: what is there already may be anybody's.
    do throws(DiskQueueError) {
      if let ownership = try ledger.ownership() { try disk.setOwnership(handle, to: ownership) }
      return handle
    } catch {
      try? disk.remove(path)
      disk.close(handle)
      throw error
    }
  }

  private static func inUse(
    _ path: FilePath, by handle: FileHandle, _ disk: any Disk, _ processes: any ProcessTable,
    exclusiveOnly: Bool
  ) -> DiskQueueError {
    let status = try? disk.status(of: handle)
    let holder = processes.locks().first { lock in
      lock.inode == status?.inode && lock.device == status?.device
        && (lock.exclusive || !exclusiveOnly)
    }?.process
    let name = holder.map { pid in
      "process \(pid)" + (processes.command(of: pid).map { " (\($0))" } ?? "")
    }
    return DiskQueueError(
      .inUse, "the queue is in use by \(name ?? "another process"); stop it first", path: path,
      holder: holder)
  }

  /// Gives both locks back and removes the lock file and the folders it leaves empty.
  package func release(_ disk: any Disk) {
    if let own {
      try? disk.remove(path)
      disk.close(own)
      ledger.tidy(path.removingLastComponent())
    }
    disk.close(directory)
  }
}
