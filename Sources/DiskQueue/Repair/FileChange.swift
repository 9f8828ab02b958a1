package import SystemPackage

/// Bytes of a file that become part of a new one.
package struct Piece: Hashable, Sendable {
  /// The directory entry they are in.
  package var entry: [UInt8]
  package var start: Int64
  package var end: Int64
  /// Written before them as a record's length, where the one on disk is wrong.
  package var length: Int?

  /// What it adds to a file, in bytes.
  package var size: Int64 { end - start + (length == nil ? 0 : Int64(Record.headerSize)) }
}

/// One change to one entry of the directory, as a plan asks for it.
///
/// No file is unlinked and none is written over: what is replaced moves to the operation's folder.
package enum FileChange: Hashable, Sendable {
  /// It moves to the operation's folder.
  case moveOut([UInt8])
  /// A new file of these bytes takes its place.
  case write([UInt8], bytes: [UInt8])
  /// A new file of these pieces takes its place.
  case rebuild([UInt8], [Piece])
  /// It gets another name of the same queue.
  case rename([UInt8], to: [UInt8])
  /// What lies from the offset on is kept in the operation's folder, and cut off.
  case cut([UInt8], at: Int64)
  /// The pieces are written at the offset, which is its end.
  case extend([UInt8], at: Int64, [Piece])
  /// A stretch of it is copied to the operation's folder; it stays as it is.
  case keep([UInt8], Range<Int64>)
  /// A file of an earlier operation's folder comes back under its name.
  case bringBack(FilePath, as: [UInt8])
  /// The bytes of a file of an earlier operation's folder are written at the offset, its end.
  case giveBack(FilePath, to: [UInt8], at: Int64)

  /// Bytes that must be free for it.
  package var space: Int64 {
    switch self {
    case .moveOut, .rename, .bringBack, .cut, .giveBack: 0
    case .write(_, let bytes): Int64(bytes.count)
    case .keep(_, let range): range.upperBound - range.lowerBound
    case .rebuild(_, let pieces): pieces.reduce(0) { $0 + $1.size }
    // Once beside the file, and once at its end.
    case .extend(_, _, let pieces): 2 * pieces.reduce(0) { $0 + $1.size }
    }
  }
}
