import Glibc
import SystemPackage

/// Leases of `fcntl(2)`: the one thing on Linux that tells whether a file is open in a process that
/// cannot be seen. A lease on a file is given to the only one who has it open.
extension RealDisk {
  /// Linux's own commands, which the headers only show to GNU sources.
  private static let setSignal: Int32 = 10
  private static let setLease: Int32 = 1024

  /// How often, and after how many microseconds, something is tried again that another process is in
  /// the way of for a moment: a look at a file lasts no longer, and a lease as it is used here not a
  /// thousandth of it.
  private static let mostTries = 50
  private static let pause: UInt32 = 10_000

  package func isOpenElsewhere(_ handle: FileHandle) -> Bool? {
    // Should somebody open it just now, the kernel tells by a signal: by one that is ignored.
    _ = fcntl(handle.rawValue, RealDisk.setSignal, SIGURG)
    for _ in 0..<RealDisk.mostTries {
      if fcntl(handle.rawValue, RealDisk.setLease, Int32(F_WRLCK)) == 0 {
        _ = fcntl(handle.rawValue, RealDisk.setLease, Int32(F_UNLCK))
        return false
      }
      // This process's own looks at the file are nobody else's.
      guard errno == EAGAIN, !hasTwice(handle) else { return nil }
      usleep(RealDisk.pause)
    }
    return true
  }

  /// Whether this process has a file open a second time.
  private func hasTwice(_ handle: FileHandle) -> Bool {
    guard let file = try? status(of: handle),
      let names = try? RealDisk().list("/proc/self/fd")
    else { return true }
    return names.contains { name in
      guard let other = Int32(String(decoding: name, as: UTF8.self)), other != handle.rawValue,
        let status = try? status(of: FileHandle(rawValue: other))
      else { return false }
      return status.inode == file.inode && status.device == file.device
    }
  }

  /// Runs a call that opens a file without waiting, again while somebody gives a lease on it back.
  static func afterLease<Value>(_ open: () throws(DiskQueueError) -> Value) throws(DiskQueueError)
    -> Value
  {
    for _ in 1..<mostTries {
      do { return try open() } catch {
        guard error.cause == .resourceTemporarilyUnavailable else { throw error }
      }
      usleep(pause)
    }
    return try open()
  }
}
