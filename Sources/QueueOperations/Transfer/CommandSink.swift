package import DiskQueue
import QueueInspection

/// Hands batches of messages to a shell command, each run reading one batch: a batch counts as kept
/// when the command has read all of it and exits with 0.
package final class CommandSink: MessageSink {
  /// Bytes of the command's errors that are kept for telling why it failed.
  private static let errorSize = 2000

  /// How a command is run.
  package struct Manner {
    /// How often a batch is tried again.
    package var retries = 0
    /// Whether a command that exits with 0 before it has read its whole batch has kept it; else it has
    /// failed.
    package var allowsUnread = false
    /// Where its standard output goes.
    package var output = ChildProcess.Output.discarded
    /// Told what it writes to standard error.
    package var errors: ([UInt8]) -> Void = { _ in }
    /// True ends the command and the waiting between two tries.
    package var isStopped: () -> Bool = { false }
    /// Waits so many seconds at the most; a test does not.
    package var pause: (Double) -> Void = { Machine.sleep(milliseconds: UInt32($0 * 1000)) }

    package init() {}
  }

  private let command: [UInt8]
  private let encoder: MessageEncoder
  private let manner: Manner

  /// A sink into a command, which need not be text: what `/bin/sh -c` runs.
  package init(_ command: [UInt8], encoder: MessageEncoder, _ manner: Manner = .init()) {
    self.command = command
    self.encoder = encoder
    self.manner = manner
  }

  /// Runs the command over the batch, again after half a second, one, two, … up to thirty, while it
  /// fails and tries are left.
  ///
  /// - Throws: `inputOutput` with the end of what the command said.
  package func keep(_ batch: MessageBatch) throws(DiskQueueError) {
    let messages = batch.messages
    guard let first = messages.first else { return }
    var input: [UInt8] = []
    try encoder.encode(messages, into: &input)
    let place = "\(first.position.file)@\(first.position.offset)"
    let variables = [
      (name: "DISKQ_QUEUE", value: encoder.queue.bytes),
      (name: "DISKQ_BATCH", value: Array(place.utf8)),
    ]
    var delay = 0.5
    var tries = 0
    while true {
      var said: [UInt8] = []
      let outcome = try ChildProcess.run(
        command, variables: variables, input: input, output: manner.output,
        errors: { bytes in
          manner.errors(bytes)
          said = (said + bytes).suffix(CommandSink.errorSize)
        }, isStopped: manner.isStopped)
      let isKept = manner.allowsUnread || outcome.read >= input.count
      if outcome.ending == .exited(0), isKept { return }
      tries += 1
      guard tries <= manner.retries, outcome.ending != .stopped, !manner.isStopped() else {
        throw failure(outcome, of: input.count, said)
      }
      wait(delay)
      delay = min(30, delay * 2)
    }
  }

  /// Waits in steps, so that stopping is noticed.
  private func wait(_ seconds: Double) {
    var left = seconds
    while left > 0, !manner.isStopped() {
      manner.pause(min(left, 0.1))
      left -= 0.1
    }
  }

  private func failure(_ outcome: ChildProcess.Outcome, of size: Int, _ said: [UInt8])
    -> DiskQueueError
  {
    let how =
      switch outcome.ending {
      case .exited(0):
        "exited with 0 after \(outcome.read) of the \(size) bytes of its batch (--allow-unread if "
          + "it means that)"
      case .exited(let code): "exited with \(code)"
      case .killed(let signal): "was ended by signal \(signal)"
      case .stopped: "was stopped"
      }
    let last = String(decoding: said, as: UTF8.self).split(separator: "\n").suffix(3)
      .joined(separator: " / ")
    return DiskQueueError(
      .inputOutput,
      "the command \(how); its batch stays in the queue"
        + (last.isEmpty ? "" : ": \(last)"))
  }
}
