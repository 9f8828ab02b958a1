/// A queue's name: the part of its file names before `.diskqueue.`.
///
/// nsqd uses `topic` and `topic:channel`; any bytes that make a file name inside one directory
/// are allowed. The bytes are kept as they are on disk, even where they are not UTF-8.
public struct QueueName: Hashable, Sendable {
  /// The name as it stands in file names.
  package let bytes: [UInt8]

  /// Longest name whose metadata temporary still fits a 255-byte file name.
  package static let maximumLength = 255 - ".diskqueue.meta.dat.9223372036854775807.tmp".utf8.count

  /// Checks a name given by a person or a program.
  ///
  /// - Throws: ``DiskQueueError`` with code `invalidName` when the name is empty, `.`, `..`, holds
  ///   `/` or NUL, or is too long.
  public init(_ text: String) throws(DiskQueueError) {
    guard let name = QueueName(bytes: Array(text.utf8)) else {
      throw DiskQueueError(
        .invalidName,
        "“\(text)” cannot name a queue: a name is 1 to \(QueueName.maximumLength) bytes, "
          + "has no “/” and no NUL, and is not “.” or “..”")
    }
    self = name
  }

  package init?(bytes: [UInt8]) {
    let slash = UInt8(ascii: "/")
    let dot = UInt8(ascii: ".")
    guard !bytes.isEmpty, bytes.count <= QueueName.maximumLength,
      !bytes.contains(slash), !bytes.contains(0), bytes != [dot], bytes != [dot, dot]
    else { return nil }
    self.bytes = bytes
  }
}

extension QueueName: Comparable, CustomStringConvertible {
  /// Byte order, so that a listing does not depend on the locale.
  public static func < (left: QueueName, right: QueueName) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }

  /// The name as text; bytes that are not UTF-8 become U+FFFD.
  public var description: String { String(decoding: bytes, as: UTF8.self) }
}
