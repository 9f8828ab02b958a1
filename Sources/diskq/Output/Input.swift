import DiskQueue
import SystemPackage

/// A signal has asked the command to end.
struct Interrupted: Error {}

/// Reads standard input or a file in chunks.
enum Input {
  static func read(_ path: FilePath?, _ body: (ArraySlice<UInt8>) throws -> Void) throws {
    let descriptor: FileDescriptor
    do {
      // Without blocking, or opening a pipe that nobody writes to would wait where no signal is seen.
      descriptor =
        try path.map { try FileDescriptor.open($0, .readOnly, options: [.nonBlocking]) }
        ?? .standardInput
    } catch let error as Errno { throw failure("open", path, error) }
    defer { if path != nil { try? descriptor.close() } }
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      guard Interruption.waitForInput(descriptor.rawValue) else { throw Interrupted() }
      let count: Int
      do {
        count = try unsafe buffer.withUnsafeMutableBytes {
          try unsafe descriptor.read(into: $0, retryOnInterrupt: false)
        }
      } catch Errno.interrupted { continue } catch Errno.wouldBlock { continue } catch let error
        as Errno
      { throw failure("read", path, error) }
      if count == 0 { return }
      try body(buffer[..<count])
    }
  }

  /// An input that is missing is a failure: only a queue that is not there is “nothing there”.
  private static func failure(_ call: String, _ path: FilePath?, _ cause: Errno) -> DiskQueueError {
    DiskQueueError(
      .inputOutput, "\(call) of the input failed: \(cause)", path: path, cause: cause)
  }

  /// A line of standard input without its newline; nil at its end, or when a signal came.
  static func line() -> [UInt8]? {
    var line: [UInt8] = []
    var byte: [UInt8] = [0]
    // One at a time: what comes after the line is not this question's.
    while Interruption.waitForInput(FileDescriptor.standardInput.rawValue) {
      let count = unsafe byte.withUnsafeMutableBytes {
        try? unsafe FileDescriptor.standardInput.read(into: $0)
      }
      guard count == 1 else { return line.isEmpty ? nil : line }
      if byte[0] == UInt8(ascii: "\n") { return line }
      line.append(byte[0])
    }
    return nil
  }
}
