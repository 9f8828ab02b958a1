import ArgumentParser
import DiskQueue
import QueueConsole
import QueueInspection
import SystemPackage

/// A word of the command line, byte for byte.
///
/// The words of a command line are bytes; ArgumentParser's are text. A byte that is not part of UTF-8
/// travels as one of 256 scalars of a private plane, and so does each byte of such a scalar where
/// somebody wrote one: so no two words become the same text, and each comes back as it was.
struct Word: ExpressibleByArgument, Hashable {
  private static let first: UInt32 = 0x10FF00

  let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The word that ``text(of:)`` made this text of.
  init(text: String) {
    var bytes: [UInt8] = []
    for scalar in text.unicodeScalars {
      if scalar.value >= Word.first {
        bytes.append(UInt8(scalar.value - Word.first))
      } else {
        bytes.append(contentsOf: String(scalar).utf8)
      }
    }
    self.bytes = bytes
  }

  init(argument: String) { self.init(text: argument) }

  /// The text that stands for these bytes.
  static func text(of bytes: [UInt8]) -> String {
    var text = ""
    var rest = bytes[...]
    while let byte = rest.first {
      var decoder = UTF8()
      var source = rest.makeIterator()
      if case .scalarValue(let scalar) = decoder.decode(&source), scalar.value < first {
        text.unicodeScalars.append(scalar)
        rest = rest.dropFirst(UTF8.width(scalar))
      } else {
        // Between 0x10FF00 and 0x10FFFF every number is a scalar.
        text.unicodeScalars.append(Unicode.Scalar(first + UInt32(byte)) ?? "\u{FFFD}")
        rest = rest.dropFirst()
      }
    }
    return text
  }

  /// This process's words, without the program's own name.
  static var all: [String] {
    let arguments = unsafe CommandLine.unsafeArgv
    // The system passes that many strings, each with a NUL behind it.
    return (1..<max(1, Int(CommandLine.argc))).compactMap { index in
      guard let word = unsafe arguments[index] else { return nil }
      var bytes: [UInt8] = []
      var at = 0
      while case let byte = unsafe word[at], byte != 0 {
        bytes.append(UInt8(bitPattern: byte))
        at += 1
      }
      return text(of: bytes)
    }
  }

  var path: FilePath { FilePath(bytes: bytes) }

  /// As text; what is none becomes U+FFFD.
  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// For people.
  var visible: String { VisibleText.string(bytes) }

  /// Whether it is `-`.
  var isDash: Bool { bytes == [UInt8(ascii: "-")] }

  /// - Throws: `invalidName` for what cannot name a queue.
  func queue() throws(DiskQueueError) -> QueueName {
    if let name = QueueName(bytes: bytes) { return name }
    // Says what is wrong with it.
    return try QueueName(String(decoding: bytes, as: UTF8.self))
  }
}
