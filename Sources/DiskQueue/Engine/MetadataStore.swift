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

  /// Temporary, sync, rename, sync of the directory.
  ///
  /// A failure leaves no temporary behind.
  mutating func store(_ metadata: Metadata) throws(DiskQueueError) {
    guard metadata != stored else { return }
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
    stored = metadata
  }
}
