package import SystemPackage

/// Bytes of a file that become part of a new one.
package struct Piece: Hashable, Sendable {
  /// The directory entry they are in.
  package var entry: [UInt8]
  package var start: Int64
  package var end: Int64
  /// Written before them as a record's length, where the one on disk is wrong.
  package var length: Int?

  package init(entry: [UInt8], start: Int64, end: Int64, length: Int? = nil) {
    self.entry = entry
    self.start = start
    self.end = end
    self.length = length
  }

  /// What it adds to a file, in bytes.
  package var size: Int64 { end - start + (length == nil ? 0 : Int64(Record.headerSize)) }
}

/// One change to the files of a queue, as a plan asks for it.
///
/// No file is unlinked and none is written over. What is new gets names that no reader looks for;
/// the one rename of the metadata makes them the queue; only then the old ones go. So whoever opens the
/// directory between any two calls sees the queue as it was, or as it is to be.
package enum FileChange: Hashable, Sendable {
  /// A stretch of a file is copied to the operation's folder; it stays as it is.
  case keep([UInt8], Range<Int64>)
  /// A new file of these pieces.
  case build([UInt8], [Piece])
  /// A file gets another name, and loses the one it has once the metadata has changed.
  case renumber([UInt8], to: [UInt8])
  /// A file of an earlier operation's folder comes back under its name.
  case bringBack(FilePath, as: [UInt8])
  /// The bytes of a file of an earlier operation's folder are written at the offset, the end.
  case giveBack(FilePath, to: [UInt8], at: Int64)
  /// What lies from the offset on is kept in the operation's folder, and cut off.
  case cut([UInt8], at: Int64)
  /// The metadata becomes this; nil for none.
  case metadata([UInt8]?)
  /// Metadata of an earlier operation's folder comes back.
  case bringBackMetadata(FilePath)
  /// It moves to the operation's folder.
  case moveOut([UInt8])
  /// A file of that name moves from the quarantine to the operation's folder.
  case release([UInt8])
  /// A file of an earlier operation's folder gets its name in the quarantine again.
  case detain(FilePath, as: [UInt8])

  /// Bytes that must be free for it.
  package var space: Int64 {
    switch self {
    case .moveOut, .renumber, .bringBack, .bringBackMetadata, .giveBack, .release, .detain: 0
    // Copied before it is cut off: at most a record, or what was damaged.
    case .cut: 0
    case .metadata(let bytes): Int64(bytes?.count ?? 0)
    case .keep(_, let range): range.upperBound - range.lowerBound
    case .build(_, let pieces): pieces.reduce(0) { $0 + $1.size }
    }
  }

  /// Whether a file is made for it.
  var makesFile: Bool {
    switch self {
    case .moveOut, .renumber, .bringBack, .bringBackMetadata, .giveBack, .release, .detain: false
    case .cut, .keep, .build: true
    case .metadata(let bytes): bytes != nil
    }
  }
}
