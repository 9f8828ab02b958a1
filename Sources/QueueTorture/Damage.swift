import ArgumentParser
import DiskQueue
import DiskQueueTesting
import QueueInspection
import SystemPackage

/// Makes a queue of one segment, damages it, and says what is still there.
struct Damage: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "damage",
    abstract: "Write a damaged queue “jobs”, and tell what is left of it.",
    discussion: """
      The same kind, damage, numbers and seed make the same bytes. On standard output comes one line for
      each message that is still there whole: its number, and its payload in base64.
      """)

  @Argument(help: "The data directory, which must be there.")
  var directory: String
  @Argument(help: "What the messages are like.")
  var messages: MessageKind
  @Option(name: .long, help: "Damage it in one way only.")
  var damage: DamageKind?
  @Option(name: .long, help: "How many messages.")
  var count = 1500
  @Option(name: .long, help: "How many damaged places.")
  var places = 12
  @Option(name: .long, help: "What decides on the rest.")
  var seed: UInt64 = 1

  func run() throws {
    let segment = DamagedSegment(
      messages, .init(messages: [count], places: [places]),
      damage.map { [$0] } ?? DamageKind.allCases, seed: seed)
    let queue = try QueueName("jobs")
    let path = FilePath(directory)
    try write(segment.bytes, path.file(.segment(0), of: queue))
    let metadata = "\(segment.payloads.count)\n0,0\n0,\(segment.bytes.count)\n"
    try write(Array(metadata.utf8), path.file(.metadata, of: queue))
    for index in segment.truth.whole.sorted() {
      var line = Array("\(index) ".utf8)
      Base64.encode(segment.payloads[index], into: &line)
      print(String(decoding: line, as: UTF8.self))
    }
  }

  /// A queue that is there is left alone.
  private func write(_ bytes: [UInt8], _ path: FilePath) throws {
    let file = try FileDescriptor.open(
      path, .writeOnly, options: [.create, .exclusiveCreate], permissions: [.ownerReadWrite])
    defer { try? file.close() }
    try file.writeAll(bytes)
  }
}

extension MessageKind: ExpressibleByArgument {}
extension DamageKind: ExpressibleByArgument {}
