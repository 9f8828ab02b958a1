package import SystemPackage

/// The seam between the queue and the system: the few calls everything else is built on.
///
/// It exists so that every call can be counted, failed, shortened or undone in a test. Calls are
/// thin: one function, one system call, `EINTR` retried. No caller outside `System` sees `errno`.
package protocol Disk: Sendable {
  /// `open(2)`, never through a symbolic link and never anything but a regular file or, where that
  /// is asked for, a directory; new files get mode 0600 until ``setOwnership(_:to:)`` says otherwise.
  func open(_ path: FilePath, _ mode: OpenMode) throws(DiskQueueError) -> FileHandle
  /// `close(2)`; errors are of no use to a caller that has synced before.
  func close(_ handle: FileHandle)
  /// `pread(2)` of at most `buffer.count` bytes; 0 at the end of the file.
  func read(_ handle: FileHandle, into buffer: inout MutableSpan<UInt8>, at offset: Int64)
    throws(DiskQueueError) -> Int
  /// `pwrite(2)`: may write less than all.
  func write(_ handle: FileHandle, _ bytes: borrowing Span<UInt8>, at offset: Int64)
    throws(DiskQueueError) -> Int
  /// `ftruncate(2)`
  func truncate(_ handle: FileHandle, to size: Int64) throws(DiskQueueError)
  /// `fdatasync(2)`: the bytes and the size.
  func syncData(_ handle: FileHandle) throws(DiskQueueError)
  /// `fsync(2)`: also of a directory, which makes its names durable.
  func syncAll(_ handle: FileHandle) throws(DiskQueueError)
  /// `fstat(2)`
  func status(of handle: FileHandle) throws(DiskQueueError) -> FileStatus
  /// `lstat(2)`: of a symbolic link itself.
  func status(at path: FilePath) throws(DiskQueueError) -> FileStatus
  /// `link(2)`: another name for a file; fails with `fileExists` where `target` is taken.
  func link(_ source: FilePath, to target: FilePath) throws(DiskQueueError)
  /// `rename(2)`: replaces what is at `target`.
  func rename(_ source: FilePath, to target: FilePath) throws(DiskQueueError)
  /// `unlink(2)`
  func remove(_ path: FilePath) throws(DiskQueueError)
  /// `mkdir(2)` with mode 0700; fails with `fileExists` where the name is taken.
  func makeDirectory(_ path: FilePath) throws(DiskQueueError)
  /// `rmdir(2)`
  func removeDirectory(_ path: FilePath) throws(DiskQueueError)
  /// The entries of a directory without `.` and `..`, in no order.
  func list(_ path: FilePath) throws(DiskQueueError) -> [[UInt8]]
  /// `fchown(2)` and `fchmod(2)`
  func setOwnership(_ handle: FileHandle, to ownership: Ownership) throws(DiskQueueError)
  /// `flock(2)` without waiting; false when another open file holds a lock that excludes it.
  func lock(_ handle: FileHandle, _ kind: LockKind) throws(DiskQueueError) -> Bool
  /// `flock(2)`: gives the lock of this open file back.
  func unlock(_ handle: FileHandle) throws(DiskQueueError)
  /// Whether somebody else has the file open, by a lease that is taken and given back at once
  /// (`fcntl(2)`, `F_SETLEASE`); nil where the system does not tell.
  func isOpenElsewhere(_ handle: FileHandle) -> Bool?
  /// `statvfs(2)` of the file system that holds `path`.
  func space(at path: FilePath) throws(DiskQueueError) -> FileSystemSpace
}

/// An open file of a ``Disk``: a plain number, closed by whoever opened it.
package struct FileHandle: Hashable, Sendable {
  package let rawValue: Int32
  package init(rawValue: Int32) { self.rawValue = rawValue }
}

/// How a file is opened.
package enum OpenMode: Sendable {
  /// For reading; it must exist.
  case read
  /// For reading and writing; it must exist.
  case write
  /// For reading and writing; made when it is not there.
  case create
  /// As `create`; all that is written goes to the end, whatever the offset.
  case append
  /// For writing; it must not exist.
  case createNew
  /// A directory, for locking and syncing.
  case directory
}

/// Whether others may hold the lock too.
package enum LockKind: Sendable {
  case shared
  case exclusive
}

/// Who a file belongs to and what its mode is.
package struct Ownership: Hashable, Sendable {
  /// The bits of a mode that a new file may take over: none that lets it run, or run as its owner.
  package static let newFileMode: UInt32 = 0o666

  package var user: UInt32
  package var group: UInt32
  package var mode: UInt32

  package init(user: UInt32, group: UInt32, mode: UInt32) {
    self.user = user
    self.group = group
    self.mode = mode
  }
}

/// What an entry of a directory is.
package enum FileKind: Sendable {
  case file
  case directory
  case symbolicLink
  /// A FIFO, socket or device.
  case other
}

/// What `stat(2)` tells, as far as anything here needs it.
package struct FileStatus: Hashable, Sendable {
  package var device: UInt64
  package var inode: UInt64
  package var size: Int64
  package var kind: FileKind
  package var ownership: Ownership
  package var modified: Timestamp
  package var isDirectory: Bool { kind == .directory }

  package init(
    device: UInt64, inode: UInt64, size: Int64, kind: FileKind, ownership: Ownership,
    modified: Timestamp
  ) {
    self.device = device
    self.inode = inode
    self.size = size
    self.kind = kind
    self.ownership = ownership
    self.modified = modified
  }
}

/// Free and total bytes and inodes of a file system.
package struct FileSystemSpace: Hashable, Sendable {
  package var freeBytes: Int64
  package var totalBytes: Int64
  package var freeInodes: Int64
  package var totalInodes: Int64
  /// What this process may use beyond `freeBytes`, as root may.
  package var reservedBytes: Int64

  package init(
    freeBytes: Int64, totalBytes: Int64, freeInodes: Int64, totalInodes: Int64,
    reservedBytes: Int64 = 0
  ) {
    self.reservedBytes = reservedBytes
    self.freeBytes = freeBytes
    self.totalBytes = totalBytes
    self.freeInodes = freeInodes
    self.totalInodes = totalInodes
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
