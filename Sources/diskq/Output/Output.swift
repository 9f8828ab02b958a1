import DiskQueue
import SystemPackage

/// The reader of our output has gone.
struct ClosedPipe: Error {}

/// Data to standard output, everything else to standard error.
enum Output {
  /// Writes all bytes to standard output.
  static func write(_ bytes: [UInt8]) throws { try write(bytes[...]) }

  /// Writes part of an array to standard output, without a copy.
  static func write(_ bytes: ArraySlice<UInt8>) throws {
    do { try FileDescriptor.standardOutput.writeAll(bytes) } catch Errno.brokenPipe {
      throw ClosedPipe()
    }
  }

  /// A line on standard output.
  static func line(_ text: String) throws { try write(Array((text + "\n").utf8)) }

  /// A line on standard error; when that is closed there is nobody to tell.
  static func say(_ text: String) {
    _ = try? FileDescriptor.standardError.writeAll(Array((text + "\n").utf8))
  }

  /// Text on standard error as it is, for a line that is drawn again and again.
  static func show(_ text: String) {
    _ = try? FileDescriptor.standardError.writeAll(Array(text.utf8))
  }

  /// What went wrong, on standard error.
  static func complain(_ text: String) { say("diskq: \(text)") }

  /// Whether both ends of a conversation are a terminal.
  static var isInteractive: Bool { Machine.canAsk }

  /// Asks on standard error and reads a line; nil at the end of input.
  static func ask(_ question: String) -> String? {
    _ = try? FileDescriptor.standardError.writeAll(Array(question.utf8))
    return readLine()
  }
}
