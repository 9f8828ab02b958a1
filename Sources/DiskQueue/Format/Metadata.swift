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
    let lines = bytes.split(
      separator: UInt8(ascii: "\n"), maxSplits: 3, omittingEmptySubsequences: false)
    let ended = lines.dropLast().map { line in
      String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line[...], as: UTF8.self)
    }
    if ended.count > 0 { depth = MetadataReading.number(ended[0][...]) }
    if ended.count > 1 { read = MetadataReading.position(ended[1]) }
    if ended.count > 2, lines[3].isEmpty { write = MetadataReading.position(ended[2]) }
  }

  private static func position(_ line: String) -> Position? {
    let parts = line.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count == 2, let file = number(parts[0]), let offset = number(parts[1]),
      file >= 0, offset >= 0
    else { return nil }
    return Position(file: file, offset: offset)
  }

  /// A decimal number no larger than any queue can reach, so that arithmetic on it cannot overflow.
  private static func number(_ digits: Substring) -> Int64? {
    guard digits.first != "+", let number = Int64(digits), abs(number) <= FileName.largestNumber
    else { return nil }
    return number
  }
}
