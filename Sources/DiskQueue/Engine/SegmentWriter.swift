import SystemPackage

/// The open end of the write segment.
struct SegmentWriter: ~Copyable {
  private let directory: FilePath
  private let queue: QueueName
  private let disk: any Disk
  private let ownership: Ownership?
  private var open: (number: Int64, handle: FileHandle)?
  /// Bytes of a failed append may lie past the write position.
  private var litter = false
  private var records: [UInt8] = []
  /// Appended since the last ``sync()``.
  private(set) var dirty = false

  init(queue: QueueName, directory: FilePath, disk: any Disk, ownership: Ownership?) {
    self.queue = queue
    self.directory = directory
    self.disk = disk
    self.ownership = ownership
  }

  /// Adds the record of `payload` to the next ``append(at:)``.
  mutating func stage(_ payload: [UInt8]) { Record.append(payload, to: &records) }

  /// Bytes of the records staged.
  var staged: Int64 { Int64(records.count) }

  /// Writes the staged records at `position`, and forgets them.
  ///
  /// When it throws, the segment ends where it ended before.
  mutating func append(at position: Position) throws(DiskQueueError) {
    defer { records.removeAll(keepingCapacity: records.capacity <= 1 << 21) }
    let handle = try handle(for: position)
    if litter { try cut(handle, position) }
    do { try disk.writeAll(handle, records.span, at: position.offset) } catch {
      litter = true
      try? cut(handle, position)
      if position.offset == 0, !litter { abandon() }
      throw error
    }
    dirty = true
  }

  private mutating func cut(_ handle: FileHandle, _ position: Position) throws(DiskQueueError) {
    try disk.truncate(handle, to: position.offset)
    litter = false
  }

  /// Closes and removes a segment that never got its first record.
  private mutating func abandon() {
    guard let (number, handle) = open else { return }
    disk.close(handle)
    try? disk.remove(directory.file(.segment(number), of: queue))
    open = nil
  }

  private mutating func handle(for position: Position) throws(DiskQueueError) -> FileHandle {
    if let open, open.number == position.file { return open.handle }
    close()
    let path = directory.file(.segment(position.file), of: queue)
    var isNew = position.offset == 0
    if isNew { isNew = try !disk.exists(path) }
    let handle = try disk.open(path, isNew ? .createNew : .write)
    do throws(DiskQueueError) {
      if isNew, let ownership { try disk.setOwnership(handle, to: ownership) }
      // Recovery ends every segment at its last record: more than that was written by somebody else.
      let size = try disk.status(of: handle).size
      guard size == position.offset else {
        throw DiskQueueError(
          .damaged, "the segment has \(size) bytes where this queue left \(position.offset)",
          path: path, offset: position.offset)
      }
    } catch {
      disk.close(handle)
      if isNew { try? disk.remove(path) }
      throw error
    }
    open = (position.file, handle)
    litter = false
    return handle
  }

  /// Makes what was appended durable.
  mutating func sync() throws(DiskQueueError) {
    guard dirty, let open else { return }
    try disk.syncData(open.handle)
    dirty = false
  }

  /// Closes the segment; ``sync()`` comes first where it matters.
  mutating func close() {
    if let open { disk.close(open.handle) }
    open = nil
    dirty = false
  }
}
