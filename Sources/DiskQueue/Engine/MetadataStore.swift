/// Replaces the metadata file so that a reader sees the old or the new numbers, never a mix.
struct MetadataStore: Sendable {
  private let place: Place
  /// What is on disk, so that nothing is written twice.
  private(set) var stored: Metadata?

  init(_ place: Place, stored: Metadata?) {
    self.place = place
    self.stored = stored
  }

  /// The next ``store(_:)`` writes whatever is on disk.
  mutating func forget() { stored = nil }

  /// Temporary, sync, rename, sync of the directory; on a full disk the file is written in place.
  ///
  /// A failure leaves no temporary behind.
  mutating func store(_ metadata: Metadata) throws(DiskQueueError) {
    guard metadata != stored else { return }
    do throws(DiskQueueError) { try replace(metadata) } catch {
      guard error.code == .noSpace, try overwrite(metadata) else { throw error }
    }
    stored = metadata
  }

  /// Writes over the few bytes that are there.
  ///
  /// They lie within one sector, which needs no space and reaches the disk as a whole. So what is taken off a queue on a full disk stays taken.
  ///
  /// Returns whether there was such a file.
  private mutating func overwrite(_ metadata: Metadata) throws(DiskQueueError) -> Bool {
    let bytes = Array(metadata.text.utf8)
    let handle: FileHandle
    do { handle = try place.disk.open(place.path(.metadata), .write) } catch {
      if error.code == .notFound { return false }
      throw error
    }
    defer { place.disk.close(handle) }
    let size = try place.disk.status(of: handle).size
    guard size > 0, size <= 512, bytes.count <= 512 else { return false }
    stored = nil
    try place.disk.writeAll(handle, bytes.span, at: 0)
    if size > Int64(bytes.count) { try place.disk.truncate(handle, to: Int64(bytes.count)) }
    try place.disk.syncAll(handle)
    return true
  }

  private mutating func replace(_ metadata: Metadata) throws(DiskQueueError) {
    let tag = "\(UInt64.random(in: 0...UInt64(Int64.max)))"
    let temporary = place.path(.temporary(tag: tag))
    try place.disk.writeNew(
      temporary, Array(metadata.text.utf8), ownership: place.ownership)
    do { try place.disk.rename(temporary, to: place.path(.metadata)) } catch {
      try? place.disk.remove(temporary)
      throw error
    }
    // Not stored until the rename is durable: a failure here is tried again with the next sync.
    stored = nil
    try place.disk.syncDirectory(place.directory)
  }
}
