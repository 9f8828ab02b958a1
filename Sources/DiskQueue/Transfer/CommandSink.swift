/// Hands batches of messages to a shell command, each run reading one batch: a batch counts as kept
/// when the command has read all of it and exits with 0.
package final class CommandSink {
  /// Bytes of the command's errors that are kept for telling why it failed.
  private static let errorSize = 2000

  private let command: [UInt8]
  private let encoder: MessageEncoder
  private let retries: Int
  private let allowsUnread: Bool
  private let output: ChildProcess.Output
  private let errors: ([UInt8]) -> Void
  private let isStopped: () -> Bool
  private let pause: (Double) -> Void

  /// A command that is text; what it writes to standard output and errors goes nowhere.
  package convenience init(
    _ command: String, encoder: MessageEncoder, retries: Int = 0,
    isStopped: @escaping () -> Bool = { false }
  ) {
    self.init(
      bytes: Array(command.utf8), encoder: encoder, retries: retries, isStopped: isStopped)
  }

  /// A command that need not be text.
  ///
  /// - Parameters:
  ///   - command: what `/bin/sh -c` runs.
  ///   - encoder: how the messages look on its input.
  ///   - retries: how often a batch is tried again.
  ///   - allowsUnread: whether a command that exits with 0 before it has read its whole batch has
  ///     kept it; else it has failed.
  ///   - output: where its standard output goes.
  ///   - errors: told what it writes to standard error.
  ///   - isStopped: true ends the command and the waiting between two tries.
  ///   - pause: waits so many seconds at the most; a test does not.
  package init(
    bytes command: [UInt8], encoder: MessageEncoder, retries: Int = 0, allowsUnread: Bool = false,
    output: ChildProcess.Output = .discarded, errors: @escaping ([UInt8]) -> Void = { _ in },
    isStopped: @escaping () -> Bool = { false },
    pause: @escaping (Double) -> Void = { Machine.sleep(milliseconds: UInt32($0 * 1000)) }
  ) {
    self.command = command
    self.encoder = encoder
    self.retries = max(0, retries)
    self.allowsUnread = allowsUnread
    self.output = output
    self.errors = errors
    self.isStopped = isStopped
    self.pause = pause
  }

  /// Runs the command over the batch, again after half a second, one, two, … up to thirty, while it
  /// fails and tries are left.
  ///
  /// - Throws: `inputOutput` with the end of what the command said.
  package func write(_ messages: [Message]) throws(DiskQueueError) {
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
        command, variables: variables, input: input, output: output,
        errors: { bytes in
          errors(bytes)
          said = (said + bytes).suffix(CommandSink.errorSize)
        }, isStopped: isStopped)
      let isKept = allowsUnread || outcome.read >= input.count
      if outcome.ending == .exited(0), isKept { return }
      tries += 1
      guard tries <= retries, outcome.ending != .stopped, !isStopped() else {
        throw failure(outcome, of: input.count, said)
      }
      wait(delay)
      delay = min(30, delay * 2)
    }
  }

  /// Waits in steps, so that stopping is noticed.
  private func wait(_ seconds: Double) {
    var left = seconds
    while left > 0, !isStopped() {
      pause(min(left, 0.1))
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
