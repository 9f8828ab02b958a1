import Glibc
import SystemPackage

/// A directory that somebody else may write to, held open, so that every name below it is found from
/// there and no link in it leads anywhere else.
final class RootDirectory: Sendable {
  /// What is known once it is open.
  private struct Open {
    var descriptor: Int32
    /// Whose it is.
    var user: UInt32
  }

  let path: FilePath
  /// The path's bytes and a slash: what the paths below it begin with.
  private let prefix: [CChar]
  private let open = Guarded<Open?>(nil)

  /// It is opened when it is first needed.
  init(_ path: FilePath) {
    self.path = path
    var bytes = path.bytes
    if bytes.last != UInt8(ascii: "/") { bytes.append(UInt8(ascii: "/")) }
    prefix = bytes.map { CChar(bitPattern: $0) }
  }

  deinit { open.withLock { if let open = $0 { _ = close(open.descriptor) } } }

  /// Where a path below this directory goes on; nil for any other path.
  ///
  /// The pointer is into the path's own bytes.
  func rest(of path: UnsafePointer<CChar>) -> UnsafePointer<CChar>? {
    let isBelow = unsafe prefix.withUnsafeBufferPointer { prefix in
      unsafe prefix.baseAddress.map { unsafe strncmp(path, $0, prefix.count) == 0 } ?? false
    }
    return unsafe isBelow ? path + prefix.count : nil
  }

  /// Its descriptor, for as long as this object lives.
  func descriptor() throws(DiskQueueError) -> Int32 { try opened().descriptor }

  /// Whose directory it is.
  func user() throws(DiskQueueError) -> UInt32 { try opened().user }

  private func opened() throws(DiskQueueError) -> Open {
    try open.withLock { (open) throws(DiskQueueError) in
      if let open { return open }
      // The operator's own word: a link to the directory is followed, one in it is not.
      let descriptor = unsafe path.withPlatformString {
        unsafe Glibc.open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      }
      var status = stat()
      guard descriptor >= 0, unsafe fstat(descriptor, &status) == 0 else {
        throw DiskQueueError(call: "open", path: path, cause: Errno(rawValue: errno))
      }
      let new = Open(descriptor: descriptor, user: status.st_uid)
      open = new
      return new
    }
  }

  /// Runs `body` with the descriptor of the folder that holds the last name of a path, and that name.
  ///
  /// - Throws: `refused` where a folder on the way is a link or no folder.
  func at(
    _ rest: UnsafePointer<CChar>, _ path: FilePath,
    _ body: (Int32, UnsafePointer<CChar>) -> Int32
  ) throws(DiskQueueError) -> Int32 {
    let root = try descriptor()
    guard unsafe strchr(rest, 47) != nil else {
      guard unsafe RootDirectory.isName(rest) else { throw refused(path) }
      return unsafe body(root, rest)
    }
    // Only what is diskq's own lies in folders, and that is looked at rarely.
    var names: [[CChar]] = unsafe UnsafeBufferPointer(start: rest, count: strlen(rest))
      .split(separator: 47).map { unsafe Array($0) + [0] }
    for name in names {
      let isName = unsafe name.withUnsafeBufferPointer { name in
        unsafe name.baseAddress.map { unsafe RootDirectory.isName($0) } ?? false
      }
      guard isName else { throw refused(path) }
    }
    guard let last = names.popLast() else { throw refused(path) }
    var folder = root
    defer { if folder != root { _ = close(folder) } }
    for name in names {
      let next = unsafe openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard next >= 0 else {
        let cause = Errno(rawValue: errno)
        if cause == .notDirectory || cause == .tooManySymbolicLinkLevels { throw refused(path) }
        throw DiskQueueError(call: "open", path: path, cause: cause)
      }
      if folder != root { _ = close(folder) }
      folder = next
    }
    return unsafe last.withUnsafeBufferPointer { name in
      unsafe name.baseAddress.map { unsafe body(folder, $0) } ?? -1
    }
  }

  private static func isName(_ name: UnsafePointer<CChar>) -> Bool {
    unsafe name[0] != 0 && strcmp(name, ".") != 0 && strcmp(name, "..") != 0
  }

  private func refused(_ path: FilePath) -> DiskQueueError {
    DiskQueueError(
      .refused,
      "a folder on the way to it is a link or no folder; nothing in \(self.path) is followed, and "
        + "nothing was touched", path: path)
  }
}
