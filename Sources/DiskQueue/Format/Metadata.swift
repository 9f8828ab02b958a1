/// The contents of `NAME.diskqueue.meta.dat`: `depth\nreadFile,readPos\nwriteFile,writePos\n`.
public struct Metadata: Hashable, Sendable {
  /// Unread messages, as the writer counted them.
  public var depth: Int64
  /// The first unread record.
  public var read: Position
  /// Where the next record goes.
  public var write: Position

  package init(depth: Int64, read: Position, write: Position) {
    self.depth = depth
    self.read = read
    self.write = write
  }

  /// The bytes go-diskqueue writes for these numbers.
  package var text: String {
    "\(depth)\n\(read.file),\(read.offset)\n\(write.file),\(write.offset)\n"
  }
}

/// What could be read of a metadata file: each part stands for itself, so a file that stops in the
/// middle still gives the parts that are whole.
package struct MetadataReading: Hashable, Sendable {
  package var depth: Int64?
  package var read: Position?
  package var write: Position?

  /// All three parts, when the file is whole and no number is negative.
  package var whole: Metadata? {
    guard let depth, let read, let write, depth >= 0 else { return nil }
    return Metadata(depth: depth, read: read, write: write)
  }

  /// Reads the grammar above; a part counts only with the newline that ends it, since `0,3` may be
  /// what is left of `0,30`.
  ///
  /// A carriage return before the newline is accepted, as Go accepts it.
  package init(_ bytes: some Sequence<UInt8>) {
    // Bytes, not strings: a survey reads one of these for every queue there is.
    let bytes = Array(bytes)
    var start = 0
    var line = 0
    for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
      let isCRLF = index > start && bytes[index - 1] == UInt8(ascii: "\r")
      let text = bytes[start..<(isCRLF ? index - 1 : index)]
      switch line {
      case 0: depth = MetadataReading.number(text)
      case 1: read = MetadataReading.position(text)
      // Nothing may follow the last line.
      case 2: if index == bytes.count - 1 { write = MetadataReading.position(text) }
      default: return
      }
      start = index + 1
      line += 1
    }
  }

  private static func position(_ line: ArraySlice<UInt8>) -> Position? {
    guard let comma = line.firstIndex(of: UInt8(ascii: ",")),
      let file = number(line[..<comma]), let offset = number(line[(comma + 1)...]),
      file >= 0, offset >= 0
    else { return nil }
    return Position(file: file, offset: offset)
  }

  /// A decimal number no larger than any queue can reach, so that arithmetic on it cannot overflow.
  private static func number(_ text: ArraySlice<UInt8>) -> Int64? {
    let isNegative = text.first == UInt8(ascii: "-")
    let digits = isNegative ? text.dropFirst() : text
    guard !digits.isEmpty else { return nil }
    var number: Int64 = 0
    for digit in digits {
      guard (48...57).contains(digit), number <= FileName.largestNumber else { return nil }
      number = number * 10 + Int64(digit - 48)
    }
    guard number <= FileName.largestNumber else { return nil }
    return isNegative ? -number : number
  }
}
