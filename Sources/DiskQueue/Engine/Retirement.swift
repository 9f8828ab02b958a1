package import SystemPackage

/// What becomes of a segment that is read to its end.
package enum Retirement: Hashable, Sendable {
  /// It is unlinked, as go-diskqueue does.
  case remove
  /// It is renamed into this folder of the same file system, so that the operation can be undone.
  case move(FilePath)

  /// Retires one file; one that is gone already is fine.
  package func retire(_ entry: [UInt8], in directory: FilePath, disk: any Disk)
    throws(DiskQueueError)
  {
    switch self {
    case .remove: try disk.removeIfPresent(directory.entry(entry))
    case .move(let folder):
      do { try disk.rename(directory.entry(entry), to: folder.entry(entry)) } catch {
        if error.code != .notFound { throw error }
      }
    }
  }
}
