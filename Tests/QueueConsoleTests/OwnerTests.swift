import DiskQueue
import QueueConsole
import Testing

@testable import QueueInspection

/// What an owner that lives keeps an operator from, and what not.
@Suite struct OwnerTests {
  /// A console whose selected queue has an owner.
  private func model(_ offer: Owner.Offer?) throws -> Model {
    var model = try Sample.model()
    model.unlocked = true
    var report = try Sample.report(later: true)
    let selected = try #require(model.selected)
    for index in report.queues.indices where report.queues[index].name == selected {
      report.queues[index].owner = Owner(pid: 77, command: "worker", lock: .queue)
      report.queues[index].owner?.offer = offer
    }
    _ = model.update(.surveyed(report, changed: nil))
    return model
  }

  @Test func `an owner that has only the files keeps every act back but freeing backups`() throws {
    let model = try model(nil)
    for command in Command.allCases where command.isAct && command != .move {
      #expect((model.obstacle(to: command) == nil) == (command == .purge), "\(command)")
    }
  }

  @Test func `an owner that takes acts upon itself keeps only the others back`() throws {
    let model = try model(Owner.Offer(address: "/a/socket", acts: [.drain, .inject]))
    for command in Command.allCases where command.isAct && command != .move {
      let isFree = [.drain, .inject, .purge].contains(command)
      #expect((model.obstacle(to: command) == nil) == isFree, "\(command)")
    }
  }
}
