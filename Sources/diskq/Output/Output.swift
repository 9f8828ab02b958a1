import DiskQueue
import QueueConsole
import QueueInspection
import QueueOperations
import SystemPackage

/// The reader of our output has gone.
struct ClosedPipe: Error {}

/// Data to standard output, everything else to standard error.
///
/// What people read passes through ``VisibleText`` here, since names, paths and what other programs say
/// may hold anything; data and JSON, which escapes for itself, stay exact.
enum Output {
  /// Writes all bytes to standard output.
  static func write(_ bytes: [UInt8]) throws { try write(bytes[...]) }

  /// Writes part of an array to standard output, without a copy.
  ///
  /// - Throws: `ClosedPipe`, `StoppedBySignal` when a signal came while a full pipe held it up, or what the
  ///   system says.
  static func write(_ bytes: ArraySlice<UInt8>) throws {
    var rest = bytes
    while !rest.isEmpty {
      do {
        let count = try unsafe rest.withUnsafeBytes {
          try unsafe FileDescriptor.standardOutput.write($0, retryOnInterrupt: false)
        }
        rest = rest.dropFirst(count)
        // Part of it went, since a signal ended the wait for room.
        if !rest.isEmpty, Interruption.signal != nil { throw StoppedBySignal() }
      } catch Errno.brokenPipe { throw ClosedPipe() } catch Errno.interrupted {
        if Interruption.signal != nil { throw StoppedBySignal() }
      } catch let error as Errno {
        throw DiskQueueError(
          error == .noSpace ? .noSpace : .inputOutput,
          "writing to standard output failed: \(error)", cause: error)
      }
    }
  }

  /// A line on standard output as it is: JSON, or what was made visible before.
  static func line(_ text: String) throws { try write(Array((text + "\n").utf8)) }

  /// A line for people on standard output.
  static func text(_ text: String) throws { try line(visible(text)) }

  /// A line for people on standard error; when that is closed there is nobody to tell.
  static func say(_ text: String) { show(visible(text) + "\n") }

  /// Text on standard error as it is, for a line that is drawn again and again.
  static func show(_ text: String) {
    _ = try? FileDescriptor.standardError.writeAll(Array(text.utf8))
  }

  /// What went wrong, on standard error.
  static func complain(_ text: String) { say("diskq: \(text)") }

  /// Where it went wrong and what it was.
  static func complain(_ error: DiskQueueError) {
    var place = error.path.map { VisibleText.string($0.bytes) } ?? ""
    if let offset = error.offset { place += "@\(offset)" }
    complain(place.isEmpty ? error.detail : "\(place): \(error.detail)")
  }

  /// Text that no terminal obeys; bytes that came as an ``Word`` are told as such.
  static func visible(_ text: String) -> String { VisibleText.string(Word(text: text).bytes) }

  /// Whether both ends of a conversation are a terminal.
  static var isInteractive: Bool { Machine.canAsk }

  /// Asks on standard error and reads a line; nil at the end of input, or when a signal came.
  static func ask(_ question: String) -> [UInt8]? {
    show(visible(question))
    return Input.line()
  }
}
