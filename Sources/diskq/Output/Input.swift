import DiskQueue
import SystemPackage

/// A signal has asked the command to end.
struct Interrupted: Error {}

/// Reads standard input or a file in chunks.
enum Input {
  static func read(_ path: String?, _ body: (ArraySlice<UInt8>) throws -> Void) throws {
    let descriptor: FileDescriptor
    do {
      descriptor =
        try path.map { try FileDescriptor.open(FilePath($0), .readOnly) } ?? .standardInput
    } catch let error as Errno {
      throw DiskQueueError(call: "open", path: path.map { FilePath($0) }, cause: error)
    }
    defer { if path != nil { try? descriptor.close() } }
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count: Int
      do {
        count = try unsafe buffer.withUnsafeMutableBytes {
          try unsafe descriptor.read(into: $0, retryOnInterrupt: false)
        }
      } catch Errno.interrupted {
        if Interruption.signal != nil { throw Interrupted() }
        continue
      } catch let error as Errno {
        throw DiskQueueError(call: "read", path: path.map { FilePath($0) }, cause: error)
      }
      if count == 0 { return }
      try body(buffer[..<count])
    }
  }
}
