import SystemPackage

/// The open end of the write segment.
struct SegmentWriter: ~Copyable {
  /// Appended bytes that are not durable yet.
  struct Unsynced: Sendable {
    var file: Int64
    var handle: FileHandle
    var start: Int64
    var end: Int64
    /// The segment's name is not durable either.
    var isNewFile: Bool

    /// Writes the same bytes again, so that the kernel holds them for the disk once more.
    func rewrite(_ disk: any Disk) throws(DiskQueueError) {
      var buffer = [UInt8](repeating: 0, count: Int(min(end - start, 1 << 20)))
      var at = start
      while at < end {
        let count = Int(min(Int64(buffer.count), end - at))
        let got = try disk.readFull(handle, into: &buffer, count: count, at: at)
        guard got == count else { return }
        try disk.writeAll(handle, buffer.span.extracting(..<count), at: at)
        at += Int64(count)
      }
    }
  }

  private struct Open {
    var number: Int64
    var handle: FileHandle
    /// Durable up to here.
    var synced: Int64
    var isNewFile: Bool
  }

  private let place: Place
  private var open: Open?
  /// Bytes of a failed append may lie past the write position.
  private var litter = false
  private var records = RecordBuffer()

  init(_ place: Place) { self.place = place }

  /// Adds the record of `payload` to the next ``append(at:)``.
  mutating func stage(_ payload: [UInt8]) { records.append(payload) }

  /// Bytes of the records staged.
  var staged: Int64 { Int64(records.count) }

  /// Writes the staged records at `position`, and forgets them.
  ///
  /// When it throws, the segment ends where it ended before.
  mutating func append(at position: Position) throws(DiskQueueError) {
    defer { records.removeAll() }
    let handle = try handle(for: position)
    if litter { try cut(handle, position) }
    do { try records.write(to: place.disk, handle, at: position.offset) } catch {
      litter = true
      try? cut(handle, position)
      if position.offset == 0, !litter { abandon() }
      throw error
    }
  }

  private mutating func cut(_ handle: FileHandle, _ position: Position) throws(DiskQueueError) {
    try place.disk.truncate(handle, to: position.offset)
    litter = false
  }

  /// Closes and removes a segment that never got its first record.
  private mutating func abandon() {
    guard let open else { return }
    place.disk.close(open.handle)
    try? place.disk.remove(place.path(.segment(open.number)))
    self.open = nil
  }

  private mutating func handle(for position: Position) throws(DiskQueueError) -> FileHandle {
    if let open, open.number == position.file { return open.handle }
    close()
    let path = place.path(.segment(position.file))
    var isNew = position.offset == 0
    if isNew { isNew = try !place.disk.exists(path) }
    let handle = try place.disk.open(path, isNew ? .createNew : .write)
    do throws(DiskQueueError) {
      if isNew, let ownership = place.ownership {
        try place.disk.setOwnership(handle, to: ownership)
      }
      // Recovery ends every segment at its last record: more than that was written by somebody else.
      let size = try place.disk.status(of: handle).size
      guard size == position.offset else {
        throw DiskQueueError(
          .damaged, "the segment has \(size) bytes where this queue left \(position.offset)",
          path: path, offset: position.offset)
      }
    } catch {
      place.disk.close(handle)
      if isNew { try? place.disk.remove(path) }
      throw error
    }
    // What an earlier process left may never have been synced, so it counts as not durable.
    open = Open(number: position.file, handle: handle, synced: 0, isNewFile: isNew)
    litter = false
    return handle
  }

  /// What a sync up to `position` has to make durable; nil when there is nothing.
  func unsynced(upTo position: Position) -> Unsynced? {
    guard let open, open.number == position.file,
      position.offset > open.synced || open.isNewFile
    else { return nil }
    return Unsynced(
      file: open.number, handle: open.handle, start: open.synced, end: position.offset,
      isNewFile: open.isNewFile)
  }

  /// The data of a job is durable.
  mutating func synced(_ data: Unsynced?) {
    guard let data, open?.number == data.file else { return }
    open?.synced = data.end
    open?.isNewFile = false
  }

  /// Closes the segment; a sync comes first where it matters.
  mutating func close() {
    if let open { place.disk.close(open.handle) }
    open = nil
  }
}
