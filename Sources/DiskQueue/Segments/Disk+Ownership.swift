package import SystemPackage

extension Disk {
  /// The owner, group and mode new files of a queue take: those of a file that is there, else the
  /// directory's owner and group and 0600.
  ///
  /// Nil when this process cannot give files away, and they are not its own.
  package func ownership(for files: QueueFiles, in directory: FilePath) throws(DiskQueueError)
    -> Ownership?
  {
    let user = Machine.effectiveUser
    if let model = files.metadata?.status ?? files.statuses.values.first {
      guard user == 0 || model.ownership.user == user else { return nil }
      var ownership = model.ownership
      ownership.mode &= Ownership.newFileMode
      return ownership
    }
    guard user == 0 else { return nil }
    var ownership = try status(at: directory).ownership
    ownership.mode = 0o600
    return ownership
  }
}
