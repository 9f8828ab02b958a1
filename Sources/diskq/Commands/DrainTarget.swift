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
    directory = command.toDir?.path ?? command.directory.path
    queue = try command.toQueue.map { try $0.queue() }
    if let queue {
      do {
        try QueueSink.check(queue, in: directory, from: source, at: command.directory.path)
      } catch {
        switch error.code {
        case .refused: throw ValidationError(error.detail)
        // A missing target is a failure: the queue itself is there.
        case .notFound: throw error.asFailure
        default: throw error
        }
      }
      text = "queue \(queue)" + (command.toDir.map { " in \($0.text)" } ?? "")
    } else if let exec = command.exec {
      text = "command: \(exec.text)"
    } else {
      text = command.toFile?.isDash == true ? "stdout" : command.toFile?.text ?? ""
    }
  }

  func open(_ command: DrainCommand, from source: QueueName) throws -> Sink {
    // --json is about the summary, but where the messages themselves are the output.
    let isOutput = command.toFile?.isDash == true
    let encoder = command.messages.encoder(source, json: command.common.json && isOutput)
    if let queue {
      let sink = try command.writer.waiting {
        try QueueSink(
          queue, in: directory, from: source, at: command.directory.path,
          options: command.writer.options(
            for: QueueFiles(queue, in: directory, disk: RealDisk(below: directory))),
          allowsShort: command.writer.limits.minMessageSize != nil)
      }
      return Sink(write: sink.write, close: { try sink.close() })
    }
    if let exec = command.exec {
      let sink = CommandSink(
        bytes: exec.bytes, encoder: encoder, retries: command.retries,
        allowsUnread: command.allowUnread, output: .inherited,
        errors: { _ = try? FileDescriptor.standardError.writeAll($0) },
        isStopped: { Interruption.signal != nil }, pause: Interruption.sleep)
      return Sink(write: sink.write)
    }
    let isPlain = encoder.format == .frames && !command.messages.nsq
    if isOutput {
      return Sink(
        write: TakenOutput(encoder).write, append: isPlain ? { try Output.write($0) } : nil)
    }
    let store = OperationStore(of: command.directory.path, root: command.writer.backupRoot)
    let file = try FileSink(
      command.toFile?.path ?? "", encoder: encoder, resumes: try store.hasInterruptedDrain(source)
    ) { tries in
      Interruption.sleep(seconds: 0.005)
      return Interruption.signal == nil && tries < 12_000
    }
    file.onCut = { bytes in
      command.common.say(
        "diskq: cut \(bytes) bytes of a half-written message off \(command.toFile?.visible ?? ""); it "
          + "is still in the queue and comes now")
    }
    return Sink(write: file.write, append: isPlain ? file.append : nil)
  }
}
