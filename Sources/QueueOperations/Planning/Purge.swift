package import DiskQueue
package import SystemPackage

/// What would be freed for good: the folders of operations, of whatever queues.
package struct Purge: Confirmable, Hashable {
  package let directory: FilePath
  package let operations: [OperationRecord]
  /// What they free, with what interrupted purges have left.
  package let bytes: Int64

  /// Adds up what is there; touches nothing.
  ///
  /// - Throws: what listing reports.
  package init(_ operations: [OperationRecord], of directory: FilePath, in store: OperationStore)
    throws(DiskQueueError)
  {
    self.directory = directory
    self.operations = operations
    var bytes: Int64 = 0
    for record in operations { bytes += try store.bytes(record) }
    for folder in try store.leftovers() { bytes += try store.bytes(of: folder) }
    self.bytes = bytes
  }

  package var isEmpty: Bool { bytes == 0 && operations.isEmpty }

  package var passwords: [[UInt8]] { [Array("purge".utf8)] }
}
