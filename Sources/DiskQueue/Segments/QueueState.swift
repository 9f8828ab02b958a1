package import DequeModule

/// Where a queue stands: pure arithmetic over positions, no I/O.
///
/// - `read <= write`; at `read == write` nothing is unread, so `depth == 0`. The reverse holds too
///   unless what lies between is damaged.
/// - `complete` holds, in order, every segment from the read one up to the write one that is
///   finished; it starts with `read.file` unless the reader is in the write segment.
/// - The read position is never at the end of a complete segment: it has moved to the next one.
package struct QueueState: Hashable, Sendable {
  package private(set) var read: Position
  package private(set) var write: Position
  package private(set) var depth: Int64
  package private(set) var complete: Deque<SegmentFile>
  /// The bytes of all complete segments, so that asking does not depend on their number.
  private var completeBytes: Int64

  package init(read: Position, write: Position, depth: Int64, complete: [SegmentFile] = []) {
    self.read = read
    self.write = write
    self.depth = depth
    self.complete = Deque(complete)
    self.completeBytes = complete.reduce(0) { $0 + $1.size }
  }

  package var metadata: Metadata { Metadata(depth: depth, read: read, write: write) }

  /// Where the segment under `position` ends for a reader.
  package func end(of file: Int64) -> Int64 {
    if file == write.file { return write.offset }
    return segment(file)?.size ?? 0
  }

  /// Bytes from the read to the write position.
  package var unreadBytes: Int64 {
    completeBytes + write.offset - read.offset
  }

  private func segment(_ file: Int64) -> SegmentFile? {
    if let first = complete.first, first.number == file { return first }
    return complete.first { $0.number == file }
  }

  /// The place after a record that ends at `offset` of `file`: the next segment's start when that
  /// is the end of a complete one.
  package func normalized(_ position: Position) -> Position {
    guard position.file < write.file, position.offset >= end(of: position.file) else {
      return position
    }
    let next = complete.first { $0.number > position.file }?.number ?? write.file
    return Position(file: next, offset: 0)
  }

  /// A record of `size` bytes was appended.
  package mutating func appended(records: Int64, bytes: Int64) {
    write.offset += bytes
    depth += records
  }

  /// The write segment is finished; the next is `number`.
  ///
  /// Returns the segment that nobody needs any more, which is the finished one when the reader had
  /// caught up.
  package mutating func rolled(to number: Int64) -> SegmentFile? {
    let finished = SegmentFile(number: write.file, size: write.offset)
    write = Position(file: number, offset: 0)
    guard read.file == finished.number, read.offset >= finished.size else {
      complete.append(finished)
      completeBytes += finished.size
      return nil
    }
    read = write
    return finished.size > 0 ? finished : nil
  }

  /// `records` were taken and the next unread one is at `position`.
  ///
  /// Returns the segments passed.
  package mutating func consumed(records: Int64, to position: Position) -> [SegmentFile] {
    read = normalized(position)
    depth = read == write ? 0 : max(0, depth - records)
    var passed: [SegmentFile] = []
    while let first = complete.first, first.number < read.file {
      passed.append(complete.removeFirst())
      completeBytes -= first.size
    }
    return passed
  }

  /// The rest of the read segment is given up; `remaining` records are left behind it.
  package mutating func skippedReadSegment(remaining: Int64) -> SegmentFile? {
    let skipped = complete.first?.number == read.file ? complete.removeFirst() : nil
    completeBytes -= skipped?.size ?? 0
    read = Position(file: complete.first?.number ?? write.file, offset: 0)
    depth = remaining
    return skipped
  }

  /// The unread messages were counted: the depth found before was wrong.
  package mutating func counted(_ messages: Int64) { depth = read == write ? 0 : messages }

  /// Everything is dropped; the queue goes on in segment `number`.
  package mutating func emptied(to number: Int64) {
    write = Position(file: number, offset: 0)
    read = write
    depth = 0
    complete.removeAll()
    completeBytes = 0
  }

  /// Traps when a rule above does not hold; tests call it after each step.
  package func checkInvariants() {
    precondition(read <= write, "read \(read) is past write \(write)")
    precondition(completeBytes == complete.reduce(0) { $0 + $1.size }, "bytes of segments")
    precondition(depth >= 0, "depth \(depth)")
    precondition(read < write || depth == 0, "depth \(depth) at read \(read) write \(write)")
    precondition(
      zip(complete, complete.dropFirst()).allSatisfy { $0.number < $1.number },
      "segments out of order: \(complete)")
    if read.file == write.file {
      precondition(complete.isEmpty, "segments before the read position: \(complete)")
    } else {
      precondition(complete.first?.number == read.file, "read segment \(read.file) is not there")
      precondition(read.offset < end(of: read.file), "read position at the end of a segment")
      precondition((complete.last?.number ?? 0) < write.file, "segment past the write position")
    }
  }
}
