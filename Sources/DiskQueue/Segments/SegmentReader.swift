package import SystemPackage

/// Reads records of a queue's segments through one window, in any order.
///
/// The window is at most ``windowSize`` bytes, so that a sequential reader makes one system call
/// for many small records; a payload larger than that is read straight into its array.
package struct SegmentReader: ~Copyable {
  private static let windowSize = 1 << 16

  /// What lies at a position.
  package enum Outcome: Sendable {
    case record([UInt8])
    /// There is no whole record within the limits.
    case damaged(RecordScanner.Stop)
  }

  /// What lies at a position of a queue.
  package enum Look: Sendable {
    case message(Message, next: Position)
    case end
    case damaged(RecordScanner.Stop)
  }

  private let directory: FilePath
  private let queue: QueueName
  private let disk: any Disk
  private let limits: RecordLimits
  private var open: (number: Int64, handle: FileHandle)?
  /// What was read last; ``locate(at:end:)`` tells where in it a payload is.
  package private(set) var window: [UInt8] = []
  private var base: Int64 = 0
  private var filled = 0

  package init(queue: QueueName, directory: FilePath, disk: any Disk, limits: RecordLimits) {
    self.queue = queue
    self.directory = directory
    self.disk = disk
    self.limits = limits
  }

  deinit { if let open { disk.close(open.handle) } }

  /// What lies at `position` of a queue in `state`.
  package mutating func look(at position: Position, in state: QueueState) throws(DiskQueueError)
    -> Look
  {
    let at = state.normalized(position)
    let end = state.end(of: at.file)
    if at.offset >= end { return .end }
    switch try record(at: at, end: end) {
    case .damaged(let stop): return .damaged(stop)
    case .record(let payload):
      let next = Position(file: at.file, offset: at.offset + Record.size(of: payload.count))
      return .message(Message(payload: payload, position: at), next: next)
    }
  }

  /// The record at `position` of a segment that ends at `end`.
  ///
  /// - Throws: what opening or reading reports; nothing is concluded about the segment then.
  package mutating func record(at position: Position, end: Int64) throws(DiskQueueError) -> Outcome
  {
    switch try locate(at: position, end: end) {
    case .window(let range): .record(Array(window[range]))
    case .copied(let bytes): .record(bytes)
    case .damaged(let stop): .damaged(stop)
    }
  }

  /// Where ``locate(at:end:)`` found a payload.
  package enum Located: Sendable {
    /// In the window, at these indices.
    case window(Range<Int>)
    /// It is larger than the window, so it was copied.
    case copied([UInt8])
    case damaged(RecordScanner.Stop)
  }

  /// Finds the payload at `position` of a segment that ends at `end`, copying it only when it is
  /// larger than the window.
  package mutating func locate(at position: Position, end: Int64) throws(DiskQueueError) -> Located
  {
    try open(position.file)
    let offset = position.offset
    guard end - offset >= Int64(Record.headerSize), try fill(offset, Record.headerSize, end: end)
    else { return .damaged(.torn) }
    let length = Record.length(in: window.span, at: Int(offset - base))
    guard limits.accept(length) else { return .damaged(.badLength(length)) }
    guard offset + Record.size(of: length) <= end else { return .damaged(.torn) }
    guard length <= SegmentReader.windowSize - Record.headerSize else {
      var bytes = [UInt8](repeating: 0, count: length)
      guard let handle = open?.handle,
        try disk.readFull(
          handle, into: &bytes, count: length, at: offset + Int64(Record.headerSize)) == length
      else { return .damaged(.torn) }
      return .copied(bytes)
    }
    guard try fill(offset, Record.headerSize + length, end: end) else { return .damaged(.torn) }
    let start = Int(offset - base) + Record.headerSize
    return .window(start..<(start + length))
  }

  /// Reads from `position` on into `buffer`: as many whole records as fit, `most` at the most, up to the
  /// first that is damaged.
  ///
  /// Returns how many they are and their bytes from the buffer's start.
  mutating func stretch(
    at position: Position, end: Int64, most: Int64, into buffer: inout [UInt8]
  ) throws(DiskQueueError) -> (records: Int64, bytes: Int) {
    try open(position.file)
    guard let handle = open?.handle else { return (0, 0) }
    let wanted = Int(min(Int64(buffer.count), end - position.offset))
    let got = try disk.readFull(handle, into: &buffer, count: wanted, at: position.offset)
    let bytes = buffer.span
    var records: Int64 = 0
    var at = 0
    while records < most, got - at >= Record.headerSize {
      let length = Record.length(in: bytes, at: at)
      guard limits.accept(length), got - at - Record.headerSize >= length else { break }
      at += Record.headerSize + length
      records += 1
    }
    return (records, at)
  }

  /// A copy of the bytes at indices that ``locate(at:end:)`` has told.
  package func copy(_ range: Range<Int>) -> [UInt8] { Array(window[range]) }

  /// Makes sure `count` bytes from `offset` are in the window; false when the file is shorter.
  private mutating func fill(_ offset: Int64, _ count: Int, end: Int64) throws(DiskQueueError)
    -> Bool
  {
    if offset >= base, offset + Int64(count) <= base + Int64(filled) { return true }
    guard let handle = open?.handle else { return false }
    if window.isEmpty { window = [UInt8](repeating: 0, count: SegmentReader.windowSize) }
    base = offset
    filled = 0
    filled = try disk.readFull(
      handle, into: &window, count: Int(min(Int64(window.count), end - offset)), at: offset)
    return filled >= count
  }

  private mutating func open(_ number: Int64) throws(DiskQueueError) {
    if let open, open.number == number { return }
    close()
    let handle = try disk.open(directory.file(.segment(number), of: queue), .read)
    open = (number, handle)
  }

  /// Forgets the open segment and what was read of it.
  package mutating func close() {
    if let open { disk.close(open.handle) }
    open = nil
    filled = 0
    base = 0
  }
}
