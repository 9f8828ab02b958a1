import Glibc
package import SystemPackage

/// The ``Disk`` of the machine: Glibc's calls, one each.
package struct RealDisk: Disk {
  package init() {}

  package func open(_ path: FilePath, _ mode: OpenMode) throws(DiskQueueError) -> FileHandle {
    let flags: Int32 =
      switch mode {
      case .read: O_RDONLY
      case .write: O_RDWR
      case .create: O_RDWR | O_CREAT
      case .createNew: O_RDWR | O_CREAT | O_EXCL
      case .directory: O_RDONLY | O_DIRECTORY
      }
    let descriptor = try check("open", path) {
      unsafe path.withPlatformString { unsafe Glibc.open($0, flags | O_CLOEXEC, 0o600) }
    }
    return FileHandle(rawValue: descriptor)
  }

  package func close(_ handle: FileHandle) { _ = Glibc.close(handle.rawValue) }

  package func read(
    _ handle: FileHandle, into buffer: inout MutableSpan<UInt8>, at offset: Int64
  ) throws(DiskQueueError) -> Int {
    while true {
      let count = unsafe buffer.withUnsafeMutableBufferPointer { bytes in
        unsafe pread(handle.rawValue, bytes.baseAddress, bytes.count, Int(offset))
      }
      if count >= 0 { return count }
      try throwUnlessInterrupted("read", handle)
    }
  }

  package func write(_ handle: FileHandle, _ bytes: borrowing Span<UInt8>, at offset: Int64)
    throws(DiskQueueError) -> Int
  {
    while true {
      let count = unsafe bytes.withUnsafeBufferPointer { bytes in
        unsafe pwrite(handle.rawValue, bytes.baseAddress, bytes.count, Int(offset))
      }
      if count >= 0 { return count }
      try throwUnlessInterrupted("write", handle)
    }
  }

  package func truncate(_ handle: FileHandle, to size: Int64) throws(DiskQueueError) {
    try check("truncate", handle) { ftruncate(handle.rawValue, Int(size)) }
  }

  package func syncData(_ handle: FileHandle) throws(DiskQueueError) {
    try check("fdatasync", handle) { fdatasync(handle.rawValue) }
  }

  package func syncAll(_ handle: FileHandle) throws(DiskQueueError) {
    try check("fsync", handle) { fsync(handle.rawValue) }
  }

  package func status(of handle: FileHandle) throws(DiskQueueError) -> FileStatus {
    var raw = stat()
    try check("fstat", handle) { unsafe fstat(handle.rawValue, &raw) }
    return FileStatus(raw)
  }

  package func status(at path: FilePath) throws(DiskQueueError) -> FileStatus {
    var raw = stat()
    try check("stat", path) { unsafe path.withPlatformString { unsafe stat($0, &raw) } }
    return FileStatus(raw)
  }

  package func setOwnership(_ handle: FileHandle, to ownership: Ownership)
    throws(DiskQueueError)
  {
    do throws(DiskQueueError) {
      try check("fchown", handle) { fchown(handle.rawValue, ownership.user, ownership.group) }
    } catch {
      // Somebody who is not root keeps the file, and may not be in its group.
      guard error.cause == .notPermitted, geteuid() != 0 else { throw error }
    }
    try check("fchmod", handle) { fchmod(handle.rawValue, ownership.mode & 0o7777) }
  }

  package func lock(_ handle: FileHandle, _ kind: LockKind) throws(DiskQueueError) -> Bool {
    let operation = (kind == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB
    while true {
      if flock(handle.rawValue, operation) == 0 { return true }
      if errno == EWOULDBLOCK { return false }
      try throwUnlessInterrupted("flock", handle)
    }
  }

  package func unlock(_ handle: FileHandle) throws(DiskQueueError) {
    try check("flock", handle) { flock(handle.rawValue, LOCK_UN) }
  }

  /// Runs a call that returns -1 and sets `errno`, again while it is interrupted.
  @discardableResult
  func check(_ call: String, _ path: FilePath, _ body: () -> Int32) throws(DiskQueueError) -> Int32
  {
    while true {
      let result = body()
      if result >= 0 { return result }
      let cause = Errno(rawValue: errno)
      if cause != .interrupted { throw DiskQueueError(call: call, path: path, cause: cause) }
    }
  }

  private func check(_ call: String, _ handle: FileHandle, _ body: () -> Int32)
    throws(DiskQueueError)
  {
    while body() < 0 { try throwUnlessInterrupted(call, handle) }
  }

  private func throwUnlessInterrupted(_ call: String, _ handle: FileHandle)
    throws(DiskQueueError)
  {
    let cause = Errno(rawValue: errno)
    if cause == .interrupted { return }
    // The kernel still knows the name of an open file, so nothing has to carry it along.
    let path = readLink("/proc/self/fd/\(handle.rawValue)")
    throw DiskQueueError(call: call, path: path.map { FilePath($0) }, cause: cause)
  }
}

extension FileStatus {
  init(_ raw: stat) {
    self.init(
      device: UInt64(raw.st_dev), inode: UInt64(raw.st_ino), size: Int64(raw.st_size),
      isDirectory: raw.st_mode & S_IFMT == S_IFDIR,
      ownership: Ownership(user: raw.st_uid, group: raw.st_gid, mode: raw.st_mode & 0o7777),
      modified: Timestamp(
        nanoseconds: Int64(raw.st_mtim.tv_sec) * 1_000_000_000 + Int64(raw.st_mtim.tv_nsec)))
  }
}

/// `readlink(2)`, or nil when there is no such link or it may not be read.
func readLink(_ path: String) -> String? {
  var buffer = [CChar](repeating: 0, count: 4096)
  let count = unsafe readlink(path, &buffer, buffer.count)
  guard count > 0 else { return nil }
  return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
