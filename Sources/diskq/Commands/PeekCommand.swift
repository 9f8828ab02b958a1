import ArgumentParser
import DiskQueue
import QueueInspection
import QueueOperations
import SystemPackage

/// Implements `diskq peek DIR QUEUE`.
struct PeekCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peek", abstract: "Look at messages and take nothing; no lock is needed.")

  @OptionGroup var directory: DirectoryArgument
  @OptionGroup var queue: QueueArgument
  @OptionGroup var messages: MessageOptions
  @OptionGroup var limits: LimitOptions
  @OptionGroup var common: CommonOptions

  func validate() throws { try messages.refuseBatches() }

  mutating func run() throws {
    try directory.check()
    let name = try queue.name()
    let encoder = messages.encoder(name, json: common.json)
    var browser = try QueueBrowser(name, in: directory.path, limits: limits.limits)
    var selection = try messages.selection(default: 10)
    var shown = 0
    var output: [UInt8] = []
    var damaged = false
    var wrote = false
    while selection.limit > 0 {
      let next = try browser.next { place in
        damaged = true
        common.say("diskq: damage at \(place); going on with the next segment")
      }
      guard let message = next else { break }
      guard selection.chooses(message.payload) else { continue }
      do { try encoder.encode([message], into: &output) } catch {
        // Wrong usage as long as nothing is out.
        throw wrote ? error.asFailure : error
      }
      shown += 1
      if output.count >= 1 << 18 {
        try Output.write(output)
        wrote = true
        output.removeAll(keepingCapacity: true)
      }
    }
    try Output.write(output)
    if damaged { throw ExitStatus.damage.code }
    if shown == 0, messages.count != 0 { throw ExitStatus.nothingThere.code }
  }
}
