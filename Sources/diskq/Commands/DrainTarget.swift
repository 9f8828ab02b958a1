import ArgumentParser
import DiskQueue
import SystemPackage

/// Where a drain's messages go.
struct DrainTarget {
  /// Takes batches and keeps them safe before it returns.
  struct Sink {
    var write: ([Message]) throws -> Void
    /// Takes records as they are on disk, where that is what is written; nil where it is not.
    var append: ((ArraySlice<UInt8>) throws -> Void)?
    var close: () throws -> Void = {}
  }

  private let directory: FilePath
  private let queue: QueueName?
  /// In words, for the plan.
  let text: String

  init(_ command: DrainCommand, from source: QueueName) throws {
    directory = command.toDir.map { FilePath($0) } ?? command.directory.path
    queue = try command.toQueue.map { try QueueName($0) }
    if let queue {
      do {
        try QueueSink.check(queue, in: directory, from: source, at: command.directory.path)
      } catch {
        throw error.code == .refused ? ValidationError(error.detail) as any Error : error
      }
      text = "queue \(queue)" + (command.toDir.map { " in \($0)" } ?? "")
    } else if let exec = command.exec {
      text = "command: \(exec)"
    } else {
      text = command.toFile == "-" ? "stdout" : command.toFile ?? ""
    }
  }

  func open(_ command: DrainCommand, from source: QueueName) throws -> Sink {
    // --json is about the summary, but where the messages themselves are the output.
    let usual: MessageFormat = command.common.json && command.toFile == "-" ? .ndjson : .lines
    let encoder = MessageEncoder(
      command.messages.format ?? usual, nsq: command.messages.nsq, queue: source)
    if let queue {
      let sink = try command.writer.waiting {
        try QueueSink(
          queue, in: directory, from: source, at: command.directory.path,
          options: command.writer.options(
            for: QueueFiles(queue, in: directory, disk: RealDisk())))
      }
      return Sink(write: sink.write, close: { try sink.close() })
    }
    if let exec = command.exec {
      let sink = CommandSink(
        exec, encoder: encoder, retries: command.retries, output: .inherited,
        errors: { _ = try? FileDescriptor.standardError.writeAll($0) },
        isStopped: { Interruption.signal != nil })
      return Sink(write: sink.write)
    }
    let isPlain = command.messages.format == .frames && !command.messages.nsq
    if command.toFile == "-" {
      return Sink(
        write: { batch in
          var output: [UInt8] = []
          for message in batch { encoder.encode(message, into: &output) }
          try Output.write(output)
        }, append: isPlain ? { try Output.write($0) } : nil)
    }
    let file = try FileSink(FilePath(command.toFile ?? ""), encoder: encoder)
    return Sink(write: file.write, append: isPlain ? file.append : nil)
  }
}
