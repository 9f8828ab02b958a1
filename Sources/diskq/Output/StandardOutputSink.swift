import DiskQueue
import QueueOperations

/// Writes batches to standard output.
final class StandardOutputSink: MessageSink {
  private let encoder: MessageEncoder
  /// Whether something was written.
  private(set) var hasBegun = false
  /// What ended the writing where that is no error of the library's: a closed pipe, a signal.
  private(set) var ending: (any Error)?

  init(_ encoder: MessageEncoder) { self.encoder = encoder }

  var takesFrames: Bool { encoder.isVerbatim }
  /// A pipe keeps nothing.
  var isDurable: Bool { false }

  func keep(_ batch: MessageBatch) throws {
    do {
      switch batch {
      case .frames(let bytes, _, _): try Output.write(bytes)
      case .messages(let messages):
        var output: [UInt8] = []
        try encoder.encode(messages, into: &output)
        try Output.write(output)
      }
    } catch {
      if !(error is DiskQueueError) { ending = error }
      throw error
    }
    hasBegun = true
  }
}
