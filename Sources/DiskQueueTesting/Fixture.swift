package import DiskQueue
package import Foundation
package import SystemPackage

/// A data directory made by the real Go programs, and what is known of it.
package struct Fixture: Sendable, CustomStringConvertible {
  /// What one queue of a fixture holds.
  package struct Queue: Sendable {
    package var name: String
    /// The metadata it was left with; nil where the fixture only tells the messages.
    package var metadata: (depth: Int64, read: Position, write: Position)?
    /// How many messages are owed.
    package var depth: Int
    /// Messages not yet taken whose bytes are on disk, in order: all of them, or the first three and
    /// the last two.
    package var owed: [[UInt8]]

    /// Whether `taken` ends with what is owed.
    package func isDelivered(by taken: [[UInt8]]) -> Bool {
      let end = taken.suffix(depth)
      if owed.count == depth { return Array(end) == owed }
      return end.count == depth && Array(end.prefix(3)) == Array(owed.prefix(3))
        && Array(end.suffix(2)) == Array(owed.suffix(2))
    }
  }

  package var name: String
  package var queues: [Queue]
  package var maxBytesPerFile: Int64
  package var minMessageSize: Int
  package var maxMessageSize: Int

  package var description: String { name }

  /// Where the fixtures are in this checkout.
  package static let root: URL = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Tests/Fixtures")

  /// All fixtures, or those whose names start with one of `prefixes`.
  package static func all(_ prefixes: String...) -> [Fixture] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
    return names.sorted().filter { name in
      prefixes.isEmpty || prefixes.contains { name.hasPrefix($0) }
    }.compactMap { try? Fixture($0) }
  }

  package init(_ name: String) throws {
    struct Expect: Decodable {
      struct Config: Decodable {
        var maxBytesPerFile: Int64
        var minMsgSize: Int
        var maxMsgSize: Int
      }
      struct Held: Decodable {
        struct Meta: Decodable {
          var depth: Int64
          var read: [Int64]
          var write: [Int64]
        }
        struct Record: Decodable { var record_hex: String }
        var meta: Meta
        var unread: Int
        var messages: [Record]
      }
      var config: Config
      var queue: String?
      var owed: [String]?
      var queues: [String: Held]?
    }
    let url = Fixture.root.appendingPathComponent(name).appendingPathComponent("expect.json")
    let expect = try JSONDecoder().decode(Expect.self, from: Data(contentsOf: url))
    self.name = name
    maxBytesPerFile = expect.config.maxBytesPerFile
    minMessageSize = expect.config.minMsgSize
    maxMessageSize = expect.config.maxMsgSize
    if let queue = expect.queue {
      let owed = (expect.owed ?? []).map(unhex)
      queues = [Queue(name: queue, depth: owed.count, owed: owed)]
    } else {
      queues = (expect.queues ?? [:]).sorted { $0.key < $1.key }.map { name, held in
        Queue(
          name: name,
          metadata: (
            held.meta.depth, Position(file: held.meta.read[0], offset: held.meta.read[1]),
            Position(file: held.meta.write[0], offset: held.meta.write[1])
          ),
          depth: held.unread, owed: held.messages.map { unhex($0.record_hex) })
      }
    }
  }

  /// The fixture's directory in the checkout; tests that write take a ``copy()``.
  package var data: FilePath {
    FilePath(Fixture.root.appendingPathComponent(name).appendingPathComponent("data").path)
  }

  /// The options the Go program ran with.
  package var options: DiskQueue.Options {
    var options = DiskQueue.Options()
    options.maxBytesPerFile = maxBytesPerFile
    options.minMessageSize = minMessageSize
    options.maxMessageSize = maxMessageSize
    return options
  }

  /// A copy that a test may change, removed with the value.
  package func copy() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    for file in try FileManager.default.contentsOfDirectory(atPath: data.string) {
      try FileManager.default.copyItem(
        atPath: data.string + "/" + file, toPath: directory.path.string + "/" + file)
    }
    return directory
  }
}

/// A directory of its own for one test, removed when the test lets go of it.
package final class TemporaryDirectory: Sendable {
  package let path: FilePath

  package init() throws {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("diskq-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = FilePath(url.path)
  }

  deinit { try? FileManager.default.removeItem(atPath: path.string) }

  /// Every entry and its bytes, for comparing before and after; folders below are left out.
  package func contents() throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: path.string) {
      guard let data = FileManager.default.contents(atPath: path.string + "/" + name) else {
        continue
      }
      files[name] = Array(data)
    }
    return files
  }
}

/// Bytes of a hexadecimal string.
package func unhex(_ text: String) -> [UInt8] {
  let digits = text.utf8.map { byte -> UInt8 in
    byte >= UInt8(ascii: "a") ? byte - UInt8(ascii: "a") + 10 : byte - UInt8(ascii: "0")
  }
  return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}
