package import SystemPackage

/// Appends batches of messages to a file and returns only when they are durable there.
package final class FileSink {
  private let disk: any Disk
  private let handle: FileHandle
  private let encoder: MessageEncoder
  private var end: Int64
  private var buffer: [UInt8] = []

  /// Opens `path` for appending; a new file's name is made durable at once.
  ///
  /// - Throws: `refused` for a name that is a queue's own file.
  package init(_ path: FilePath, encoder: MessageEncoder, disk: any Disk = RealDisk())
    throws(DiskQueueError)
  {
    if let name = path.lastComponent, FileName.parse(Array(name.string.utf8)) != nil {
      throw DiskQueueError(
        .refused, "this is the name of a queue's own file; choose another", path: path)
    }
    let isNew = try !disk.exists(path)
    self.handle = try disk.open(path, .create)
    do {
      end = try disk.status(of: handle).size
      if isNew {
        let parent = path.removingLastComponent()
        try disk.syncDirectory(parent.isEmpty ? "." : parent)
      }
    } catch {
      disk.close(handle)
      throw error
    }
    self.disk = disk
    self.encoder = encoder
  }

  deinit { disk.close(handle) }

  /// Writes the batch and syncs it.
  ///
  /// When it throws, the file ends where it ended before.
  package func write(_ messages: [Message]) throws(DiskQueueError) {
    buffer.removeAll(keepingCapacity: true)
    for message in messages { encoder.encode(message, into: &buffer) }
    try append(buffer[...])
  }

  /// Writes bytes that are messages in the file's format already, and syncs them, likewise.
  package func append(_ bytes: ArraySlice<UInt8>) throws(DiskQueueError) {
    do {
      try disk.writeAll(handle, bytes.span, at: end)
      try disk.syncData(handle)
    } catch {
      try? disk.truncate(handle, to: end)
      throw error
    }
    end += Int64(bytes.count)
  }
}
