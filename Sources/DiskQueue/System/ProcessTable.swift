import Glibc
import SystemPackage

/// Who holds locks and open files on this machine: what `/proc` tells, behind a seam for tests.
package protocol ProcessTable: Sendable {
  /// Every `flock` that is held, as far as it can be seen.
  func locks() -> [HeldLock]
  /// Every open queue file of other processes, and whether all processes could be looked into.
  func openQueueFiles() -> OpenFiles
  /// The command name of a process.
  func command(of process: Int32) -> String?
}

/// One line of `/proc/locks`.
package struct HeldLock: Hashable, Sendable {
  package var process: Int32
  package var exclusive: Bool
  package var device: UInt64
  package var inode: UInt64

  package init(process: Int32, exclusive: Bool, device: UInt64, inode: UInt64) {
    self.process = process
    self.exclusive = exclusive
    self.device = device
    self.inode = inode
  }
}

/// The open queue files of other processes.
package struct OpenFiles: Hashable, Sendable {
  /// One open file.
  package struct Entry: Hashable, Sendable {
    package var process: Int32
    package var device: UInt64
    package var inode: UInt64

    package init(process: Int32, device: UInt64, inode: UInt64) {
      self.process = process
      self.device = device
      self.inode = inode
    }
  }

  package var entries: [Entry]
  /// False when there may be processes whose files cannot be seen from here.
  package var complete: Bool

  package init(entries: [Entry] = [], complete: Bool = true) {
    self.entries = entries
    self.complete = complete
  }
}

/// `/proc` itself.
package struct RealProcessTable: ProcessTable {
  /// The inode of the first PID namespace; in any other, processes outside cannot be seen.
  private static let firstNamespace = "pid:[4026531836]"

  private let disk = RealDisk()

  package init() {}

  package func locks() -> [HeldLock] {
    // In few reads: between two of them a lock that is there may move out of sight.
    guard let bytes = try? disk.contents(of: "/proc/locks", limit: 1 << 24, first: 1 << 16) else {
      return []
    }
    return bytes.split(separator: UInt8(ascii: "\n")).compactMap { line -> HeldLock? in
      // 1: FLOCK  ADVISORY  WRITE 4242 fd:01:131074 0 EOF
      let words = String(decoding: line, as: UTF8.self).split(separator: " ")
      guard words.count >= 6, words[1] == "FLOCK", let process = Int32(words[4]) else { return nil }
      let place = words[5].split(separator: ":")
      guard place.count == 3, let major = UInt32(place[0], radix: 16),
        let minor = UInt32(place[1], radix: 16), let inode = UInt64(place[2])
      else { return nil }
      return HeldLock(
        process: process, exclusive: words[3] == "WRITE",
        device: DeviceNumber.of(UInt64(major), UInt64(minor)), inode: inode)
    }
  }

  package func openQueueFiles() -> OpenFiles {
    // Others than root are not shown root's files, nor perhaps its processes.
    var found = OpenFiles(complete: geteuid() == 0)
    if let namespace = readLink("/proc/self/ns/pid"), namespace != Self.firstNamespace {
      found.complete = false
    }
    guard let names = try? disk.list("/proc") else { return OpenFiles(complete: false) }
    for name in names {
      guard let process = Int32(String(decoding: name, as: UTF8.self)), process != getpid() else {
        continue
      }
      look(into: process, found: &found)
    }
    return found
  }

  private func look(into process: Int32, found: inout OpenFiles) {
    let base = "/proc/\(process)/fd"
    let descriptors: [[UInt8]]
    do { descriptors = try disk.list(FilePath(base)) } catch {
      if error.code == .permissionDenied { found.complete = false }
      return
    }
    for descriptor in descriptors {
      let number = String(decoding: descriptor, as: UTF8.self)
      let link = base + "/" + number
      guard let target = readLink(link), target.contains(".diskqueue."),
        !isLook(number, of: process), let status = try? disk.status(at: FilePath(link))
      else { continue }
      found.entries.append(
        .init(process: process, device: status.device, inode: status.inode))
    }
  }

  /// Whether this is one of our own looks at a file, which own nothing.
  ///
  /// They read only, and are opened so as not to wait (``RealDisk/init(below:)``). Go programs, whose
  /// readers own the queue, never open files so.
  private func isLook(_ descriptor: String, of process: Int32) -> Bool {
    let path = FilePath("/proc/\(process)/fdinfo/\(descriptor)")
    guard let bytes = try? disk.contents(of: path) else { return false }
    // flags:	0104000
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    guard let line = lines.first(where: { $0.hasPrefix("flags:") }),
      let word = line.split(whereSeparator: \.isWhitespace).last, let flags = Int32(word, radix: 8)
    else { return false }
    return flags & O_ACCMODE == O_RDONLY && flags & O_NONBLOCK != 0
  }

  package func command(of process: Int32) -> String? {
    guard let bytes = try? disk.contents(of: FilePath("/proc/\(process)/comm")) else { return nil }
    return String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self)
  }
}

/// Numbers of devices.
enum DeviceNumber {
  /// The number that `makedev(3)` makes of its parts.
  static func of(_ major: UInt64, _ minor: UInt64) -> UInt64 {
    (major & 0xFFFF_F000) << 32 | (major & 0xFFF) << 8 | (minor & 0xFFFF_FF00) << 12 | minor & 0xFF
  }
}
