package import DiskQueue
package import SystemPackage

/// Pages through the unread messages of a queue that anybody may own: from a snapshot, without a
/// lock, reading only around the place that is looked at.
///
/// Records chain forwards only. Going back walks from the last place known before, of which there is
/// one for every ``RecordMarks/distance`` records passed.
package struct MessagePager: ~Copyable {
  /// Where the queue stood when the snapshot was taken.
  package let state: QueueState
  private var reader: SegmentReader
  private var marks: [Int64: RecordMarks] = [:]
  /// Messages in segments that were walked to their end.
  private var counts: [Int64: Int64] = [:]
  private let watch: SegmentScanner.Watch?

  /// What a pass through the queue has learned of it, for another pager of the same queue.
  package struct Landmarks: Sendable {
    fileprivate var state: QueueState
    fileprivate var marks: [Int64: RecordMarks]
    fileprivate var counts: [Int64: Int64]
  }

  package var landmarks: Landmarks {
    Landmarks(state: state, marks: marks, counts: counts)
  }

  /// Takes over what another pager has learned of the segments that are the same for both.
  package mutating func learn(_ other: Landmarks) {
    for file in files where file > state.read.file || other.state.read == state.read {
      let end = state.end(of: file)
      guard other.state.end(of: file) == end else { continue }
      if let count = other.counts[file] { counts[file] = count }
      if let marks = other.marks[file], marks.last > self.marks[file]?.last ?? 0 {
        self.marks[file] = marks
      }
    }
  }

  package init(
    _ queue: QueueName, in directory: FilePath, disk: (any Disk)? = nil,
    limits: RecordLimits = .init(), watch: SegmentScanner.Watch? = nil
  ) throws(DiskQueueError) {
    let disk = disk ?? RealDisk(below: directory)
    state = try QueueSnapshot.take(queue, in: directory, limits: limits, disk: disk)
    reader = SegmentReader(queue: queue, directory: directory, disk: disk, limits: limits)
    self.watch = watch
  }

  /// A record on the way through a segment.
  private struct Step {
    var offset: Int64
    var ordinal: Int64
    var size: Int
    var next: Int64
    var damage: RecordScanner.Stop?
  }

  // MARK: Pages

  /// At most `count` messages from, or before, an anchor, in the order of the queue.
  ///
  /// - Throws: what opening or reading reports; `notFound` when the owner has removed the segment
  ///   meanwhile, so that a new snapshot is needed.
  package mutating func page(_ anchor: MessageAnchor, count: Int) throws(DiskQueueError)
    -> [MessageEntry]
  {
    switch anchor {
    case .first: try forward(from: state.read, count: count)
    case .at(let position): try forward(from: try start(of: clamped(position)), count: count)
    case .after(let position):
      Array(try forward(from: try start(of: clamped(position)), count: count + 1).dropFirst())
    case .last: try backward(from: state.write, count: count)
    case .before(let position): try backward(from: clamped(position), count: count)
    }
  }

  /// The message at a place where a record starts; nil when none does.
  package mutating func message(at position: Position) throws(DiskQueueError) -> Message? {
    guard case .message(let message, _) = try reader.look(at: position, in: state) else {
      return nil
    }
    return message
  }

  /// The next message after, or the last before, `position` whose payload has `pattern` in it.
  package mutating func find(
    _ pattern: ByteSearch, from position: Position, forward: Bool
  ) throws(DiskQueueError) -> Position? {
    let place = clamped(position)
    return forward ? try findNext(pattern, place) : try findLast(pattern, place)
  }

  /// Closes the segment that is open: between two looks a queue is left to those who own it.
  package mutating func rest() { reader.close() }

  private func clamped(_ position: Position) -> Position {
    state.normalized(min(max(position, state.read), state.write))
  }

  // MARK: Walking

  private func firstOffset(of file: Int64) -> Int64 {
    file == state.read.file ? state.read.offset : 0
  }

  /// Segments with unread messages, in order.
  private var files: [Int64] { state.complete.map(\.number) + [state.write.file] }

  /// The record at `offset` of a segment; nil at its end.
  private mutating func step(_ file: Int64, _ offset: Int64, _ ordinal: Int64)
    throws(DiskQueueError) -> (Step, start: SegmentReader.Located)?
  {
    let end = state.end(of: file)
    guard offset < end else { return nil }
    let located = try reader.locate(at: Position(file: file, offset: offset), end: end)
    let size: Int
    switch located {
    case .window(let range): size = range.count
    case .copied(let bytes): size = bytes.count
    case .damaged(let stop):
      return (Step(offset: offset, ordinal: ordinal, size: 0, next: end, damage: stop), located)
    }
    let next = offset + Record.size(of: size)
    return (Step(offset: offset, ordinal: ordinal, size: size, next: next), located)
  }

  /// Walks from a mark and hands over each record, until `visit` says stop or the segment ends.
  private mutating func walk(
    _ file: Int64, from mark: RecordMarks.Mark,
    _ visit: (Step, SegmentReader.Located, borrowing SegmentReader) -> Bool
  ) throws(DiskQueueError) {
    var known = marks[file] ?? RecordMarks(from: firstOffset(of: file))
    defer { marks[file] = known }
    var (offset, ordinal) = (mark.offset, mark.ordinal)
    var watched = offset
    try watch?(offset)
    while let (step, located) = try step(file, offset, ordinal) {
      known.note(.init(offset: offset, ordinal: ordinal))
      guard visit(step, located, reader) else { return }
      offset = step.next
      if step.damage == nil { ordinal += 1 }
      if offset - watched > 1 << 20 {
        try watch?(offset)
        watched = offset
      }
    }
    counts[file] = ordinal
  }

  private func mark(_ file: Int64, before offset: Int64) -> RecordMarks.Mark {
    marks[file]?.mark(before: offset) ?? .init(offset: firstOffset(of: file), ordinal: 0)
  }

  /// The start of the record that has `position` in it.
  private mutating func start(of position: Position) throws(DiskQueueError) -> Position {
    var found = position
    try walk(position.file, from: mark(position.file, before: position.offset)) { step, _, _ in
      found.offset = step.offset
      return step.next <= position.offset
    }
    // Past the last record, where the walk ended: the next segment goes on.
    if found.offset < position.offset, position.offset >= state.end(of: position.file) {
      found = state.normalized(position)
    }
    return found
  }

  private static func entry(_ file: Int64, _ step: Step, _ bytes: [UInt8]) -> MessageEntry {
    MessageEntry(
      position: Position(file: file, offset: step.offset), size: step.size, start: bytes,
      damage: step.damage)
  }

  private mutating func forward(from start: Position, count: Int) throws(DiskQueueError)
    -> [MessageEntry]
  {
    var entries: [MessageEntry] = []
    var position = state.normalized(start)
    while entries.count < count, position < state.write {
      let file = position.file
      var ordinals: [Int64] = []
      let first = entries.count
      // From the mark before, so that the ordinal is known.
      try walk(file, from: mark(file, before: position.offset)) { step, located, reader in
        if step.offset >= position.offset {
          let preview = MessagePager.preview(located, reader)
          entries.append(MessagePager.entry(file, step, preview))
          ordinals.append(step.ordinal)
        }
        return entries.count < count
      }
      number(&entries, from: first, ordinals, of: file)
      guard file < state.write.file, let next = files.first(where: { $0 > file }) else { break }
      position = Position(file: next, offset: 0)
    }
    return entries
  }

  private mutating func backward(from end: Position, count: Int) throws(DiskQueueError)
    -> [MessageEntry]
  {
    var pages: [[MessageEntry]] = []
    var found = 0
    for file in files.reversed() where file <= end.file && found < count {
      let limit = file == end.file ? end.offset : state.end(of: file)
      guard limit > firstOffset(of: file) else { continue }
      let wanted = count - found
      let near = mark(file, before: limit - 1)
      let from = (marks[file] ?? RecordMarks(from: firstOffset(of: file)))
        .mark(Int64(wanted), before: near.ordinal)
      var ring: [(MessageEntry, Int64)] = []
      try walk(file, from: from) { step, located, reader in
        guard step.offset < limit else { return false }
        let preview = MessagePager.preview(located, reader)
        ring.append((MessagePager.entry(file, step, preview), step.ordinal))
        if ring.count > 2 * wanted { ring.removeFirst(ring.count - wanted) }
        return true
      }
      var entries = ring.suffix(wanted).map(\.0)
      number(&entries, from: 0, ring.suffix(wanted).map(\.1), of: file)
      found += entries.count
      pages.append(entries)
    }
    return pages.reversed().flatMap { $0 }
  }

  private static func preview(
    _ located: SegmentReader.Located, _ reader: borrowing SegmentReader
  ) -> [UInt8] {
    switch located {
    case .window(let range): reader.copy(range.prefix(MessageEntry.previewSize))
    case .copied(let bytes): Array(bytes.prefix(MessageEntry.previewSize))
    case .damaged: []
    }
  }

  // MARK: Numbers

  private func number(
    _ entries: inout [MessageEntry], from first: Int, _ ordinals: [Int64], of file: Int64
  ) {
    guard let before = messages(before: file) else { return }
    for (index, ordinal) in ordinals.enumerated() where entries[first + index].damage == nil {
      entries[first + index].number = before + ordinal + 1
    }
  }

  /// Unread messages in the segments before `file`; nil when they have not been counted.
  private func messages(before file: Int64) -> Int64? {
    var total: Int64 = 0
    var isCounted = true
    for earlier in files where earlier < file {
      guard let count = counts[earlier] else {
        isCounted = false
        break
      }
      total += count
    }
    if isCounted { return total }
    // From the other end: the depth tells how many there are in all.
    var behind: Int64 = 0
    for later in files where later >= file {
      guard let count = counts[later] else { return nil }
      behind += count
    }
    return max(0, state.depth - behind)
  }

  // MARK: Searching

  private mutating func findNext(_ pattern: ByteSearch, _ place: Position) throws(DiskQueueError)
    -> Position?
  {
    for file in files where file >= place.file {
      let after = file == place.file ? place.offset : -1
      var found: Int64?
      let from = after < 0 ? 0 : after
      try walk(file, from: mark(file, before: max(from, firstOffset(of: file)))) {
        step, located, reader in
        guard step.offset > after, MessagePager.has(pattern, located, reader) else { return true }
        found = step.offset
        return false
      }
      if let found { return Position(file: file, offset: found) }
    }
    return nil
  }

  private mutating func findLast(_ pattern: ByteSearch, _ place: Position) throws(DiskQueueError)
    -> Position?
  {
    for file in files.reversed() where file <= place.file {
      let before = file == place.file ? place.offset : .max
      var found: Int64?
      try walk(file, from: mark(file, before: firstOffset(of: file))) { step, located, reader in
        guard step.offset < before else { return false }
        if MessagePager.has(pattern, located, reader) { found = step.offset }
        return true
      }
      if let found { return Position(file: file, offset: found) }
    }
    return nil
  }

  private static func has(
    _ pattern: ByteSearch, _ located: SegmentReader.Located, _ reader: borrowing SegmentReader
  ) -> Bool {
    switch located {
    case .window(let range): pattern.matches(reader.window, in: range)
    case .copied(let bytes): pattern.matches(bytes)
    case .damaged: false
    }
  }
}
