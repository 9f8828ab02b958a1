import Glibc
package import SystemPackage

/// What has happened to the entries of a directory since it was last asked.
package enum DirectoryChanges: Hashable, Sendable {
  /// Anything may have: each entry must be looked at.
  case anything
  /// Only these were made, changed, renamed or removed; perhaps none.
  case entries(Set<[UInt8]>)
}

/// Tells what changes in a directory, so that a quiet one costs nothing to watch.
package protocol DirectoryWatch: Sendable {
  /// What has happened since the last time.
  func changes() -> DirectoryChanges
}

/// A ``DirectoryWatch`` by way of `inotify(7)`.
package final class InotifyWatch: DirectoryWatch {
  private let descriptor: Int32

  /// Nil where the kernel does not tell: no watch is left, or another machine may write to it.
  package init?(_ directory: FilePath) {
    guard !InotifyWatch.isShared(directory) else { return nil }
    descriptor = inotify_init1(Int32(O_NONBLOCK) | Int32(O_CLOEXEC))
    if descriptor < 0 { return nil }
    let wanted =
      IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF
      | IN_MOVE_SELF
    guard unsafe inotify_add_watch(descriptor, directory.string, UInt32(wanted)) >= 0 else {
      Glibc.close(descriptor)
      return nil
    }
  }

  deinit { Glibc.close(descriptor) }

  /// File systems that another machine, or a program, can change without this kernel's knowing.
  private static let shared = [
    "nfs", "cifs", "smb", "fuse", "9p", "ceph", "gluster", "lustre", "gpfs", "afs", "ocfs", "gfs",
    "virtiofs",
  ]

  /// Whether the directory is on such a file system; true when that cannot be told.
  private static func isShared(_ directory: FilePath) -> Bool {
    let disk = RealDisk()
    guard let device = try? disk.status(at: directory).device,
      let bytes = try? disk.contents(of: "/proc/self/mountinfo", limit: 1 << 24)
    else { return true }
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      // 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw
      let words = String(decoding: line, as: UTF8.self).split(separator: " ")
      guard words.count > 3, let dash = words.firstIndex(of: "-"), dash + 1 < words.count else {
        continue
      }
      let numbers = words[2].split(separator: ":").compactMap { UInt64($0) }
      guard numbers.count == 2, DeviceNumber.of(numbers[0], numbers[1]) == device else { continue }
      return shared.contains { words[dash + 1].hasPrefix($0) }
    }
    return true
  }

  package func changes() -> DirectoryChanges {
    var entries: Set<[UInt8]> = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    // Bounded, so that a storm of changes cannot hold a look up for ever.
    for _ in 0..<64 {
      let count = unsafe read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return .entries(entries) }
      guard InotifyWatch.parse(buffer[..<count], into: &entries) else { return .anything }
    }
    return .anything
  }

  /// Adds the names in a buffer of `struct inotify_event`; false when some were lost, or the
  /// directory itself went.
  private static func parse(_ bytes: ArraySlice<UInt8>, into entries: inout Set<[UInt8]>) -> Bool {
    let head = 16
    var at = bytes.startIndex
    func word(_ offset: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(bytes[at + offset + $1]) << UInt32(8 * $1) }
    }
    let lost = UInt32(IN_Q_OVERFLOW | IN_IGNORED | IN_UNMOUNT | IN_DELETE_SELF | IN_MOVE_SELF)
    while at + head <= bytes.endIndex {
      if word(4) & lost != 0 { return false }
      let length = Int(word(12))
      guard at + head + length <= bytes.endIndex else { return false }
      let name = bytes[(at + head)..<(at + head + length)].prefix { $0 != 0 }
      if !name.isEmpty { entries.insert(Array(name)) }
      at += head + length
    }
    return true
  }
}
