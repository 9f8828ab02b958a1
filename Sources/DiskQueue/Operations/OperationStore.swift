package import SystemPackage

/// The operations whose folders are kept: listed, found by name, and purged.
package struct OperationStore: Sendable {
  let root: FilePath
  let disk: any Disk

  package init(_ root: FilePath, disk: any Disk = RealDisk()) {
    self.root = root
    self.disk = disk
  }

  /// All of them, the oldest first; of one queue when that is named.
  ///
  /// - Throws: what listing reports; a folder that is no operation's is left out.
  package func list(_ queue: QueueName? = nil) throws(DiskQueueError) -> [OperationRecord] {
    let entries: [[UInt8]]
    do { entries = try disk.list(root) } catch {
      if error.code == .notFound { return [] }
      throw error
    }
    var records: [OperationRecord] = []
    for entry in entries {
      if let record = try OperationRecord(root.entry(entry), disk: disk),
        queue == nil || record.queue == queue
      {
        records.append(record)
      }
    }
    return records.sorted { ($0.time, $0.id) < ($1.time, $1.id) }
  }

  /// The operation of that name.
  ///
  /// - Throws: `notFound`.
  package func find(_ id: String) throws(DiskQueueError) -> OperationRecord {
    let isName = !id.isEmpty && !id.contains("/") && id != "." && id != ".."
    guard isName, let record = try OperationRecord(root.entry(Array(id.utf8)), disk: disk) else {
      throw DiskQueueError(.notFound, "there is no operation “\(id)” here", path: root)
    }
    return record
  }

  /// The last operation of a queue that can be undone; nil when there is none.
  package func last(_ queue: QueueName) throws(DiskQueueError) -> OperationRecord? {
    try list(queue).last { $0.state == .done && $0.kind != .undo }
  }

  /// Bytes that purging an operation frees.
  package func bytes(_ record: OperationRecord) throws(DiskQueueError) -> Int64 {
    try bytes(record.folder)
  }

  private func bytes(_ folder: FilePath) throws(DiskQueueError) -> Int64 {
    var total: Int64 = 0
    for entry in try disk.list(folder) {
      let status = try disk.status(at: folder.entry(entry))
      total += status.isDirectory ? try bytes(folder.entry(entry)) : status.size
    }
    return total
  }

  /// Removes an operation's folder for good: it cannot be undone after that.
  ///
  /// - Throws: `refused` while the operation is under way or must still be finished.
  package func purge(
    _ record: OperationRecord, in directory: FilePath, _ token: WriteToken
  ) throws(DiskQueueError) {
    let journal = try disk.contents(
      of: Journal.path(of: record.queue, in: directory), limit: 1 << 26)
    if let journal = journal.flatMap({ Journal($0) }), journal.folder == record.folder {
      throw DiskQueueError(
        .refused, "operation \(record.id) is not finished; repair the queue first",
        path: record.folder)
    }
    try Backup.remove(record.folder, disk: disk)
    try disk.syncDirectory(root)
  }
}
