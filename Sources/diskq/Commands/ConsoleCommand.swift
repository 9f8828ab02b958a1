import ArgumentParser
import ConsoleRuntime
import DiskQueue
import SystemPackage

/// Implements `diskq [console] DIR`.
struct ConsoleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "console", abstract: "The console over a data directory (the default verb).")

  @OptionGroup var directory: DirectoryArgument
  @OptionGroup var screen: ConsoleOptions
  @OptionGroup var common: CommonOptions

  mutating func run() throws {
    try directory.check()
    try screen.run(over: directory.path)
  }
}

/// How the console looks and starts.
struct ConsoleOptions: ParsableArguments {
  @Flag(name: .long, help: "Start with writing unlocked.")
  var write = false
  @Option(name: .long, help: "Seconds between two looks, 0.1 to 60.")
  var interval = 1.0
  @Option(name: .long, help: "Show only queues whose name has this in it (!x: has not).")
  var filter = ""
  @Flag(name: .long, help: "Draw with ASCII only.")
  var ascii = false
  @Option(name: .long, help: "Open this queue's page.")
  var queue: String?

  func validate() throws {
    guard interval >= 0.1, interval <= 60 else {
      throw ValidationError("--interval is \(interval); it lies between 0.1 and 60 seconds")
    }
  }

  /// Runs the console until it is left; `signals` were made before any thread started, or are nil to
  /// make them now.
  func run(over directory: FilePath, signals: Signals? = nil) throws {
    var settings = ConsoleSettings(
      directory: directory, interval: interval, filter: filter, ascii: ascii, unlocked: write)
    if let queue { settings.queue = try QueueName(queue) }
    guard let signals = signals ?? Signals(), let terminal = CursesTerminal() else {
      throw ConsoleOptions.noTerminal(directory.string)
    }
    EventLoop(settings, terminal: terminal, signals: signals).run()
  }

  static func noTerminal(_ directory: String) -> DiskQueueError {
    DiskQueueError(
      .refused, "there is no terminal here that can be used; “diskq status” shows the same as text",
      path: FilePath(directory))
  }
}
