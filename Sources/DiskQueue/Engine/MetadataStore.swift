import SystemPackage

/// Replaces the metadata file so that a reader sees the old or the new numbers, never a mix.
struct MetadataStore: Sendable {
  let path: FilePath
  let directory: FilePath
  let queue: QueueName
  let disk: any Disk
  let ownership: Ownership?
  /// What is on disk, so that nothing is written twice.
  private(set) var stored: Metadata?

  init(
    queue: QueueName, directory: FilePath, disk: any Disk, ownership: Ownership?, stored: Metadata?
  ) {
    self.path = directory.file(.metadata, of: queue)
    self.directory = directory
    self.queue = queue
    self.disk = disk
    self.ownership = ownership
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
    let temporary = directory.file(.temporary(tag: tag), of: queue)
    try disk.writeNew(temporary, Array(metadata.text.utf8), ownership: ownership)
    do { try disk.rename(temporary, to: path) } catch {
      try? disk.remove(temporary)
      throw error
    }
    stored = metadata
    try disk.syncDirectory(directory)
  }
}
