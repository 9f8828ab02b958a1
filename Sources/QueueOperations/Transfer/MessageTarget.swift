package import DiskQueue
package import SystemPackage

/// Where an operator wants messages to go that leave a queue, the same for the console and for commands.
package struct MessageTarget {
  package enum Place: Hashable {
    case file(FilePath)
    case queue(QueueName, in: FilePath)
    /// What a shell runs for each batch.
    case command([UInt8])
  }

  package var place: Place
  /// How messages look in a file, or for a command.
  package var encoder: MessageEncoder
  /// How the other queue is opened.
  package var options: (QueueFiles) -> DiskQueue.Options = { _ in .init() }
  /// Whether messages may go to nsqd's directory that are too short for it.
  package var allowsShort = false
  /// Where the operations' folders are, when it is not the usual place.
  package var backupRoot: FilePath?
  package var command = CommandSink.Manner()
  /// Told how many bytes of a message that a killed drain left half are cut off a file.
  package var onCut: ((Int64) -> Void)?
  /// Waits while another has the file; see ``FileSink``.
  package var pause: ((Int) -> Bool)?

  package init(_ place: Place, encoder: MessageEncoder) {
    self.place = place
    self.encoder = encoder
  }

  /// Throws `refused` where the target is the source.
  package func check(from source: QueueName, at directory: FilePath) throws(DiskQueueError) {
    guard case .queue(let name, let other) = place else { return }
    try QueueSink.check(name, in: other, from: source, at: directory)
  }

  /// Makes what keeps the messages of a queue.
  ///
  /// - Throws: `refused` for a target that cannot be one, `inUse` for a queue that somebody has, or what
  ///   the disk reports.
  package func open(from source: QueueName, at directory: FilePath) throws(DiskQueueError)
    -> any MessageSink
  {
    switch place {
    case .file(let path):
      let store = OperationStore(of: directory, root: backupRoot)
      let resumes = try store.hasInterruptedDrain(source)
      let file =
        if let pause {
          try FileSink(path, encoder: encoder, resumes: resumes, pause: pause)
        } else { try FileSink(path, encoder: encoder, resumes: resumes) }
      file.onCut = onCut
      return file
    case .queue(let name, let other):
      let files = try QueueFiles(name, in: other, disk: RealDisk(below: other))
      return try QueueSink(
        name, in: other, from: source, at: directory, options: options(files),
        allowsShort: allowsShort)
    case .command(let words): return CommandSink(words, encoder: encoder, command)
    }
  }
}
