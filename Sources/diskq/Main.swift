import ArgumentParser
import DiskQueue
import QueueOperations

/// The operator's console for disk-backed message queues.
@main
struct Diskq: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diskq",
    abstract: "See into, drain and repair go-diskqueue and nsqd data directories.",
    discussion: """
      diskq DIR opens the console, read-only until you unlock writing.
      Exit codes: 0 done, 1 failed, 2 damage found or left, 3 in use by another process,
      4 nothing there, 5 refused or not confirmed, 64 wrong usage.
      """,
    version: "0.1.0",
    subcommands: [
      ConsoleCommand.self, StatusCommand.self, PutCommand.self, PeekCommand.self,
      TakeCommand.self, DrainCommand.self, EmptyCommand.self, CheckCommand.self,
      RepairCommand.self, UndoCommand.self, PurgeCommand.self, DemoCommand.self,
    ],
    defaultSubcommand: ConsoleCommand.self)

  /// Not asynchronous: the console needs the first thread, with its signals blocked before there is
  /// a second one.
  ///
  /// An asynchronous main parks that thread where it takes signals from the loop.
  static func main() {
    // Before anything is opened: it would take the number of a stream that is closed.
    StandardStreams.open()
    // A closed pipe is an error a command sees and ends quietly on, with its queue closed.
    Machine.ignoreClosedPipes()
    do {
      var command = try parseAsRoot(Word.all)
      try command.run()
    } catch let error as DiskQueueError {
      Output.complain(error)
      exit(withError: ExitStatus(error).code)
    } catch is ClosedPipe {
      exit(withError: ExitStatus.done.code)
    } catch is StoppedBySignal {
      Output.complain("stopped by a signal")
      exit(withError: ExitStatus.failed.code)
    } catch {
      finish(with: error)
    }
  }

  /// Ends as ArgumentParser does, with its text made visible: it repeats what it was given.
  private static func finish(with error: any Error) -> Never {
    let code = exitCode(for: error)
    let message = fullMessage(for: error)
    if code.isSuccess, !message.isEmpty {
      // Help, the version, a shell's completions: all of it our own.
      do { try Output.line(message) } catch is ClosedPipe {} catch {
        exit(withError: ExitStatus.failed.code)
      }
    } else if !message.isEmpty {
      for line in message.split(separator: "\n", omittingEmptySubsequences: false) {
        Output.say(String(line))
      }
    }
    exit(withError: code)
  }
}
