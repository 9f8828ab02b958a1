import DiskQueue
import Glibc
import SystemPackage

/// A fresh folder for one measurement.
struct Scratch {
  let path: FilePath

  init(_ root: FilePath, _ name: String) throws {
    path = root.appending(name)
    Scratch.remove(path)
    try RealDisk().makeDirectory(path)
  }

  /// Removes a folder and all below it.
  static func remove(_ path: FilePath) {
    let disk = RealDisk()
    for name in (try? disk.list(path)) ?? [] {
      let entry = path.entry(name)
      if (try? disk.status(at: entry).isDirectory) == true {
        remove(entry)
      } else {
        try? disk.remove(entry)
      }
    }
    try? disk.removeDirectory(path)
  }

  /// A queue with defaults, or what `set` makes of them.
  func queue(_ set: (inout DiskQueue.Options) -> Void = { _ in }) throws -> DiskQueue {
    var options = DiskQueue.Options()
    set(&options)
    return try DiskQueue("bench", directory: path, options: options)
  }
}

/// Nanoseconds for each of `count` operations that `body` does.
func time(_ count: Int, _ body: () throws -> Void) rethrows -> Double {
  let start = ContinuousClock.now
  try body()
  let parts = (ContinuousClock.now - start).components
  return (Double(parts.seconds) * 1e9 + Double(parts.attoseconds) / 1e9) / Double(count)
}

/// The bare system calls the library is measured beside.
enum Bare {
  static func open(_ path: FilePath) -> Int32 {
    unsafe path.withPlatformString { unsafe Glibc.open($0, O_RDWR | O_CREAT, 0o600) }
  }

  /// One `write(2)` of `bytes`, a record each.
  static func write(_ descriptor: Int32, _ bytes: [UInt8]) {
    let count = unsafe bytes.withUnsafeBytes {
      unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
    }
    precondition(count == bytes.count, "a bare write failed")
  }

  /// Reads a file to its end in pieces of `size` bytes.
  static func readAll(_ path: FilePath, size: Int) {
    let descriptor = open(path)
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: size)
    while unsafe buffer.withUnsafeMutableBytes({
      unsafe read(descriptor, $0.baseAddress, $0.count)
    }) > 0 {}
  }
}
