import DiskQueue
import QueueInspection

/// Why a command is off.
extension Model {
  /// Why a command is off right now; nil when it is on.
  ///
  /// Help, the menu and the message line say it.
  package func obstacle(to command: Command) -> String? {
    if !command.isAct { return absence(of: command) }
    if pastSteps > 0 { return "this is the past; ] leads back to now" }
    if let busy { return busy }
    if command == .move, request(.move, []).positions.isEmpty {
      return "choose messages first: m, then Space"
    }
    guard !targets.isEmpty else { return "no queue is selected" }
    if command != .purge, let act = Act.Kind(rawValue: command.rawValue) {
      for queue in targets {
        guard let owner = queue.owner, !owner.takes(act) else { continue }
        return "\(owner.command) \(owner.pid) has \(Model.text(queue.name)); stop it first"
      }
    }
    if !unlocked { return "read-only: \(keys.label(.unlock)) unlocks writing" }
    return nil
  }

  /// Why a command that only looks has nothing to do here.
  private func absence(of command: Command) -> String? {
    if let page = Pages.page(of: command) { return page.absence(in: self) }
    if let places = Pages.places(of: command), !page.commands.contains(command) {
      return "only on \(places)"
    }
    if command == .check || Command.tabs.contains(command), target == nil {
      return "no queue is selected"
    }
    switch command {
    case .historyBack: return history.count == 0 ? "nothing has changed yet" : nil
    case .historyForward: return pastSteps == 0 ? "this is the present" : nil
    case .findNext, .findPrevious:
      return page.pattern(in: self).isEmpty ? "nothing was looked for yet" : nil
    default: return nil
    }
  }
}
