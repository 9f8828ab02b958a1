package import DiskQueue
package import QueueConsole
import QueueOperations
package import SystemPackage

/// How the console is started.
package struct ConsoleSettings: Sendable {
  package var directory: FilePath
  package var interval = 1.0
  package var filter = ""
  package var ascii = false
  package var unlocked = false
  /// Whether clicks and the wheel are taken from the terminal.
  package var mouse = false
  /// The queue whose page is opened first.
  package var queue: QueueName?
  package var preferences = Preferences()
  /// How queues are opened for acts.
  package var options = DiskQueue.Options()

  package init(directory: FilePath) {
    self.directory = directory
  }
}
