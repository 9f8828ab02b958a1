/// A place in a queue: a segment's number and a byte offset within it.
public struct Position: Hashable, Sendable, Comparable {
  /// The segment's number, from 0.
  public var file: Int64
  /// The offset within the segment, in bytes.
  public var offset: Int64

  /// A place in segment `file`, `offset` bytes from its start.
  public init(file: Int64, offset: Int64) {
    self.file = file
    self.offset = offset
  }

  /// Earlier segments come first, then earlier offsets.
  public static func < (left: Position, right: Position) -> Bool {
    (left.file, left.offset) < (right.file, right.offset)
  }
}

extension Position: CustomStringConvertible {
  /// The form people read and type: `file@offset`.
  public var description: String { "\(file)@\(offset)" }
}
