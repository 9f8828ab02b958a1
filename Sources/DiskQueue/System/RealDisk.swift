import Glibc
package import SystemPackage

/// The ``Disk`` of the machine: Glibc's calls, one each.
package struct RealDisk: Disk {
  private let roots: [RootDirectory]

  /// Paths mean what they mean to the system, links included: for places an operator names.
  package init() { roots = [] }

  /// Below `root`, which somebody else may write to, no link is followed and only regular files are
  /// opened, so that nothing outside can be reached by what is in it; other paths mean what they mean.
  package init(below root: FilePath) { roots = [RootDirectory(root)] }

  /// As ``init(below:)``, for two such places; without the other one for one.
  package init(below root: FilePath, and other: FilePath?) {
    roots = [RootDirectory(root)] + (other.map { [RootDirectory($0)] } ?? [])
  }

  package func open(_ path: FilePath, _ mode: OpenMode) throws(DiskQueueError) -> FileHandle {
    let flags: Int32 =
      switch mode {
      case .read: O_RDONLY
      case .write: O_RDWR
      case .create: O_RDWR | O_CREAT
      case .append: O_RDWR | O_CREAT | O_APPEND
      case .createNew: O_RDWR | O_CREAT | O_EXCL
      case .directory: O_RDONLY | O_DIRECTORY
      }
    if mode == .directory, let root = roots.first(where: { $0.path == path }) {
      let here = try root.descriptor()
      return FileHandle(
        rawValue: try check("open", path) { unsafe openat(here, ".", flags | O_CLOEXEC) })
    }
    guard let root = root(above: path) else {
      return FileHandle(
        rawValue: try unsafe at("open", path) {
          unsafe openat($0, $1, flags | O_CLOEXEC, mode_t(0o600))
        })
    }
    let descriptor: Int32
    do {
      // Not to wait for the other end of a FIFO.
      let safe = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
      descriptor = try RealDisk.afterLease { () throws(DiskQueueError) in
        try unsafe at("open", path) { unsafe openat($0, $1, flags | safe, mode_t(0o600)) }
      }
    } catch {
      switch error.cause {
      case .tooManySymbolicLinkLevels, .isDirectory, .noSuchAddressOrDevice, .notDirectory:
        throw RealDisk.refused(path)
      default: throw error
      }
    }
    let handle = FileHandle(rawValue: descriptor)
    do {
      try expectOwn(handle, path, mode, root)
      return handle
    } catch {
      close(handle)
      throw error
    }
  }

  /// Throws `refused` for what is no regular file, and for writing to one that has another name and
  /// belongs to somebody else: its other name may be anywhere.
  private func expectOwn(
    _ handle: FileHandle, _ path: FilePath, _ mode: OpenMode, _ root: RootDirectory
  ) throws(DiskQueueError) {
    if mode == .directory { return }
    var raw = stat()
    try check("fstat", handle) { unsafe fstat(handle.rawValue, &raw) }
    guard raw.st_mode & S_IFMT == S_IFREG else { throw RealDisk.refused(path) }
    // Nor is such a file read by root, who would copy it to where its owner did not want it.
    if raw.st_nlink > 1, mode != .read || Machine.effectiveUser == 0,
      raw.st_uid != (try root.user())
    {
      throw DiskQueueError(
        .refused,
        "this file has another name elsewhere and another owner than the directory; it is not touched",
        path: path)
    }
  }

  private static func refused(_ path: FilePath) -> DiskQueueError {
    DiskQueueError(
      .refused,
      "this is a link, a FIFO, a socket, a device or a directory where a file is expected; it is "
        + "not opened, and nothing was touched", path: path)
  }

  private func root(above path: FilePath) -> RootDirectory? {
    if roots.isEmpty { return nil }
    return unsafe path.withPlatformString { whole in
      roots.first { unsafe $0.rest(of: whole) != nil }
    }
  }

  private func part(
    _ whole: UnsafePointer<CChar>
  ) -> (root: RootDirectory, rest: UnsafePointer<CChar>)? {
    for root in roots { if let rest = unsafe root.rest(of: whole) { return unsafe (root, rest) } }
    return nil
  }

  /// Runs a call on a name in a folder: below the root from its own descriptor, else from here.
  @discardableResult
  func at(
    _ call: String, _ path: FilePath, _ body: (Int32, UnsafePointer<CChar>) -> Int32
  ) throws(DiskQueueError) -> Int32 {
    // The closure cannot throw a typed error through `withPlatformString`.
    let result: Result<Int32, DiskQueueError> = unsafe path.withPlatformString { whole in
      do throws(DiskQueueError) {
        guard let (root, rest) = unsafe part(whole) else {
          return .success(try check(call, path) { unsafe body(AT_FDCWD, whole) })
        }
        var last: Int32 = 0
        repeat {
          last = unsafe try root.at(rest, path, body)
        } while last < 0 && errno == EINTR
        if last < 0 {
          throw DiskQueueError(call: call, path: path, cause: Errno(rawValue: errno))
        }
        return .success(last)
      } catch { return .failure(error) }
    }
    return try result.get()
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
    let flags = root(above: path) != nil ? AT_SYMLINK_NOFOLLOW : 0
    try unsafe at("stat", path) { unsafe fstatat($0, $1, &raw, flags) }
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
    try check("fchmod", handle) { fchmod(handle.rawValue, ownership.mode & 0o777) }
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
      kind: FileKind(raw.st_mode),
      ownership: Ownership(user: raw.st_uid, group: raw.st_gid, mode: raw.st_mode & 0o7777),
      modified: Timestamp(
        seconds: Int64(raw.st_mtim.tv_sec), nanoseconds: Int64(raw.st_mtim.tv_nsec)))
  }
}

extension FileKind {
  fileprivate init(_ mode: mode_t) {
    self =
      switch mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .directory
      case S_IFLNK: .symbolicLink
      default: .other
      }
  }
}

/// `readlink(2)`, or nil when there is no such link or it may not be read.
func readLink(_ path: String) -> String? {
  var buffer = [CChar](repeating: 0, count: 4096)
  let count = unsafe readlink(path, &buffer, buffer.count)
  guard count > 0 else { return nil }
  return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
