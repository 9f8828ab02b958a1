/// Hands batches of messages to a shell command, each run reading one batch: a batch counts as kept
/// when the command exits with 0.
package final class CommandSink {
  /// Bytes of the command's errors that are kept for telling why it failed.
  private static let errorSize = 2000

  private let command: String
  private let encoder: MessageEncoder
  private let retries: Int
  private let output: ChildProcess.Output
  private let errors: ([UInt8]) -> Void
  private let isStopped: () -> Bool
  private let pause: (Double) -> Void

  /// - Parameters:
  ///   - command: what `/bin/sh -c` runs.
  ///   - encoder: how the messages look on its input.
  ///   - retries: how often a batch is tried again.
  ///   - output: where its standard output goes.
  ///   - errors: told what it writes to standard error.
  ///   - isStopped: true ends the command and the waiting between two tries.
  ///   - pause: waits so many seconds at the most; a test does not.
  package init(
    _ command: String, encoder: MessageEncoder, retries: Int = 0,
    output: ChildProcess.Output = .discarded, errors: @escaping ([UInt8]) -> Void = { _ in },
    isStopped: @escaping () -> Bool = { false },
    pause: @escaping (Double) -> Void = { Machine.sleep(milliseconds: UInt32($0 * 1000)) }
  ) {
    self.command = command
    self.encoder = encoder
    self.retries = retries
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
    var input: [UInt8] = []
    for message in messages { encoder.encode(message, into: &input) }
    var delay = 0.5
    for attempt in 0...max(0, retries) {
      if attempt > 0 { wait(delay) }
      if attempt > 1 { delay = min(30, delay * 2) }
      var said: [UInt8] = []
      let ending = try ChildProcess.run(
        command, input: input, output: output,
        errors: { bytes in
          errors(bytes)
          said = (said + bytes).suffix(CommandSink.errorSize)
        }, isStopped: isStopped)
      if ending == .exited(0) { return }
      if attempt == retries || ending == .stopped || isStopped() { throw failure(ending, said) }
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

  private func failure(_ ending: ChildProcess.Ending, _ said: [UInt8]) -> DiskQueueError {
    let how =
      switch ending {
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
