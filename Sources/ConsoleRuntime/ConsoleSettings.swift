package import DiskQueue
package import QueueConsole
package import SystemPackage

/// How the console is started.
package struct ConsoleSettings: Sendable {
  /// Reads messages from a file and hands them over in batches.
  package typealias Decode =
    @Sendable (
      String, MessageFormat, ([[UInt8]]) throws(DiskQueueError) -> Void
    ) throws(DiskQueueError) -> Void

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
  package var decode: Decode

  package init(directory: FilePath, decode: @escaping Decode) {
    self.directory = directory
    self.decode = decode
  }
}
