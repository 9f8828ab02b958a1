import ArgumentParser
import DiskQueue
import QueueOperations
import SystemPackage

/// Where a drain's messages go, as its options say.
struct DrainTarget {
  /// Nil for standard output.
  private var target: MessageTarget?
  private let encoder: MessageEncoder
  private let command: DrainCommand
  private let source: QueueName
  /// In words, for the plan.
  let text: String

  init(_ command: DrainCommand, from source: QueueName) throws {
    self.command = command
    self.source = source
    // --json is about the summary, but where the messages themselves are the output.
    let isOutput = command.toFile?.isDash == true
    encoder = command.messages.encoder(source, json: command.common.json && isOutput)
    if let queue = try command.toQueue.map({ try $0.queue() }) {
      let directory = command.toDir?.path ?? command.directory.path
      text = "queue \(queue)" + (command.toDir.map { " in \($0.text)" } ?? "")
      target = MessageTarget(.queue(queue, in: directory), encoder: encoder)
    } else if let exec = command.exec {
      text = "command: \(exec.text)"
      target = MessageTarget(.command(exec.bytes), encoder: encoder)
    } else {
      text = isOutput ? "stdout" : command.toFile?.text ?? ""
      if !isOutput, let path = command.toFile?.path {
        target = MessageTarget(.file(path), encoder: encoder)
      }
    }
    try check()
  }

  private func check() throws {
    do { try target?.check(from: source, at: command.directory.path) } catch {
      switch error.code {
      case .refused: throw ValidationError(error.detail)
      // A missing target is a failure: the queue itself is there.
      case .notFound: throw error.asFailure
      default: throw error
      }
    }
  }

  func open() throws -> any MessageSink {
    guard var target else { return StandardOutputSink(encoder) }
    let command = command
    target.options = { command.writer.options(for: $0) }
    target.allowsShort = command.writer.limits.minMessageSize != nil
    target.backupRoot = command.writer.backupRoot
    target.command.retries = command.retries
    target.command.allowsUnread = command.allowUnread
    target.command.output = .inherited
    target.command.errors = { _ = try? FileDescriptor.standardError.writeAll($0) }
    target.command.isStopped = { Interruption.signal != nil }
    target.command.pause = Interruption.sleep
    target.pause = { tries in
      Interruption.sleep(seconds: 0.005)
      return Interruption.signal == nil && tries < 12_000
    }
    target.onCut = { bytes in
      command.common.say(
        "diskq: cut \(bytes) bytes of a half-written message off \(command.toFile?.visible ?? ""); it "
          + "is still in the queue and comes now")
    }
    return try command.writer.waiting { try target.open(from: source, at: command.directory.path) }
  }
}
