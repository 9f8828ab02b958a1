import DiskQueue
import QueueConsole

/// How many messages are through, with rate and time left, on standard error and only for a person.
final class Meter {
  private let isShown: Bool
  private let total: Int64
  private let began = ContinuousClock.now
  private var drawnAt = ContinuousClock.now
  private var messages: Int64 = 0
  private var bytes: Int64 = 0
  private var isDrawn = false

  /// `total` is 0 when nobody knows how many there are.
  init(_ common: CommonOptions, of total: Int64 = 0) {
    isShown = !common.quiet && Machine.standardErrorIsTerminal
    self.total = total
  }

  func add(messages: Int, bytes: Int) {
    guard isShown else { return }
    self.messages += Int64(messages)
    self.bytes += Int64(bytes)
    let now = ContinuousClock.now
    guard now - drawnAt > .milliseconds(250) else { return }
    drawnAt = now
    isDrawn = true
    let done = Numbers.progress(
      messages: self.messages, of: total, after: (now - began) / .seconds(1))
    Output.show("\r\u{1B}[K\(done), \(Numbers.bytes(self.bytes)) bytes")
  }

  /// Takes the line away.
  func end() {
    if isDrawn { Output.show("\r\u{1B}[K") }
    isDrawn = false
  }
}
