import ArgumentParser

/// What a queue has to live through.
@main
struct QueueTorture: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "queue-torture", abstract: "Kills a queue's process, or damages its files.",
    subcommands: [Killed.self, Damage.self], defaultSubcommand: Killed.self)
}
