import ArgumentParser
import ConsoleRuntime
import DiskQueue
import SystemPackage

/// Implements `diskq demo [DIR]`.
struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "A living sample directory in the console: producers, consumers, damage.",
    discussion: "The directory is made anew and removed at the end.")

  @Argument(help: "Where to make it; must not exist or be empty (default: a temporary directory).")
  var directory: Word?
  @OptionGroup var screen: ConsoleOptions
  @OptionGroup var common: CommonOptions

  mutating func run() throws {
    guard Machine.isTerminal else { throw ConsoleOptions.noTerminal(directory?.path ?? ".") }
    // Before any thread: they inherit which signals are blocked.
    let signals = Signals()
    let disk = RealDisk()
    let path = directory?.path ?? FilePath("/tmp/diskq-demo-\(Machine.processID)")
    try disk.makeDirectory(path)
    guard try disk.list(path).isEmpty else {
      throw DiskQueueError(
        .refused, "the demo makes its own files and removes them; give it an empty directory",
        path: path)
    }
    var feed: DemoFeed?
    do {
      try DemoDirectory(path).build()
      feed = try DemoFeed(path)
      try screen.run(over: path, signals: signals)
    } catch {
      feed?.stop()
      DemoCommand.remove(path, disk)
      throw error
    }
    feed?.stop()
    DemoCommand.remove(path, disk)
  }

  /// Removes a directory that this command made, and all below it.
  private static func remove(_ path: FilePath, _ disk: RealDisk) {
    for name in (try? disk.list(path)) ?? [] {
      let entry = path.entry(name)
      if (try? disk.status(at: entry).isDirectory) == true {
        remove(entry, disk)
      } else {
        try? disk.remove(entry)
      }
    }
    try? disk.removeDirectory(path)
  }
}
