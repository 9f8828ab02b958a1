import DiskQueue
import QueueOperations
import SystemPackage

/// Answers of a person on standard input.
enum Input {
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
