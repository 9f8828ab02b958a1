import ArgumentParser
import ConsoleRuntime
import DiskQueue
import QueueConsole
import QueueOperations
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
  @Option(name: .long, help: "Seconds between two looks, 0.1 to 60 (default: 1).")
  var interval: Double?
  @Option(name: .long, help: "Show only queues whose name has this in it (!x: has not).")
  var filter = ""
  @Flag(name: .long, help: "Draw with ASCII only.")
  var ascii = false
  @Flag(name: .long, help: "Take clicks and the wheel; the terminal's selection then needs Shift.")
  var mouse = false
  @Option(name: .long, help: "Open this queue's page.")
  var queue: Word?

  func validate() throws {
    if let interval, !(0.1...60).contains(interval) {
      throw ValidationError("--interval is \(interval); it lies between 0.1 and 60 seconds")
    }
  }

  /// Runs the console until it is left; `signals` were made before any thread started, or are nil to
  /// make them now.
  func run(over directory: FilePath, signals: Signals? = nil) throws {
    var settings = ConsoleSettings(directory: directory)
    settings.preferences = ConfigurationFile.read(ConfigurationFile.path(Machine.environment))
    settings.interval = interval ?? settings.preferences.interval ?? 1
    settings.filter = filter
    settings.ascii = ascii
    settings.unlocked = write
    settings.mouse = mouse
    if let queue { settings.queue = try queue.queue() }
    guard let signals = signals ?? Signals(), let terminal = CursesTerminal() else {
      throw ConsoleOptions.noTerminal(directory)
    }
    EventLoop(settings, terminal: terminal, signals: signals).run()
  }

  static func noTerminal(_ directory: FilePath) -> DiskQueueError {
    DiskQueueError(
      .refused, "there is no terminal here that can be used; “diskq status” shows the same as text",
      path: directory)
  }
}
