package import SystemPackage

/// Appends batches of messages to a file and returns only when they are durable there.
///
/// Several may append to one file at once, in this process or in others: each batch is written under a
/// lock of the file, behind whatever is there by then. The file is made by the first batch, so that one
/// that never comes leaves nothing.
package final class FileSink {
  private let path: FilePath
  private let disk: any Disk
  private let encoder: MessageEncoder
  private let pause: (Int) -> Bool
  /// Nil until the first batch.
  private var handle: FileHandle?
  /// Whether this sink made the file and nothing has been kept in it yet.
  private var isNew = false
  /// Whether the file's name is durable.
  private var isNamed = false
  private var buffer: [UInt8] = []

  /// A sink for `path`, which need not exist.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - encoder: how the messages look in it.
  ///   - disk: where it is.
  ///   - pause: waits a moment while another holds the file, for the so manyeth time; false gives up.
  ///     The default is a minute.
  /// - Throws: `refused` for a name that is a queue's own file.
  package init(
    _ path: FilePath, encoder: MessageEncoder, disk: any Disk = RealDisk(),
    pause: @escaping (Int) -> Bool = { tries in
      Machine.sleep(milliseconds: 5)
      return tries < 12_000
    }
  ) throws(DiskQueueError) {
    if let name = path.lastComponent,
      FileName.parse(FilePath(root: nil, components: name).bytes) != nil
    {
      throw DiskQueueError(
        .refused, "this is the name of a queue's own file; choose another", path: path)
    }
    self.path = path
    self.disk = disk
    self.encoder = encoder
    self.pause = pause
  }

  deinit { if let handle { disk.close(handle) } }

  /// Writes the batch and syncs it.
  ///
  /// When it throws, nothing of the batch is in the file.
  package func write(_ messages: [Message]) throws(DiskQueueError) {
    if messages.isEmpty { return }
    buffer.removeAll(keepingCapacity: true)
    try encoder.encode(messages, into: &buffer)
    try append(buffer[...])
  }

  /// Writes bytes that are messages in the file's format already, and syncs them, likewise.
  package func append(_ bytes: ArraySlice<UInt8>) throws(DiskQueueError) {
    do throws(DiskQueueError) { try appendLocked(bytes) } catch {
      discardEmpty(after: error)
      // Where the file would be is missing: that is a failure, not an empty queue.
      guard error.code == .notFound else { throw error }
      throw DiskQueueError(.inputOutput, error.detail, path: path, cause: error.cause)
    }
  }

  private func appendLocked(_ bytes: ArraySlice<UInt8>) throws(DiskQueueError) {
    let handle = try locked()
    let end = try disk.status(of: handle).size
    do throws(DiskQueueError) {
      var start = end
      if !isNamed, try endsInsideLine(handle, end) {
        try disk.writeAll(handle, [encoder.terminator].span, at: end)
        start += 1
      }
      try disk.writeAll(handle, bytes.span, at: start)
      try disk.syncData(handle)
      if !isNamed {
        let parent = path.removingLastComponent()
        try disk.syncDirectory(parent.isEmpty ? "." : parent)
      }
    } catch {
      try? disk.truncate(handle, to: end)
      throw error
    }
    isNamed = true
    isNew = false
    try? disk.unlock(handle)
  }

  /// Removes a file that this sink made for a batch that is not in it, and gives the lock back.
  ///
  /// Those who wait for the lock look whether the name is still the file's; one who has it keeps it.
  private func discardEmpty(after error: DiskQueueError) {
    guard let handle else { return }
    if isNew, error.code != .inUse, (try? disk.status(at: path))?.size == 0 {
      try? disk.remove(path)
      disk.close(handle)
      self.handle = nil
    } else {
      try? disk.unlock(handle)
    }
  }

  /// Whether the file ends without the end of a line, as a power loss can leave it: a message behind that
  /// would become part of it.
  private func endsInsideLine(_ handle: FileHandle, _ end: Int64) throws(DiskQueueError) -> Bool {
    guard end > 0, encoder.isLines else { return false }
    var last: [UInt8] = [encoder.terminator]
    _ = try disk.readFull(handle, into: &last, count: 1, at: end - 1)
    return last[0] != encoder.terminator
  }

  /// The file, locked, and still the one that has the name.
  private func locked() throws(DiskQueueError) -> FileHandle {
    while true {
      let handle = try opened()
      var tries = 0
      while try !disk.lock(handle, .exclusive) {
        tries += 1
        guard pause(tries) else {
          throw DiskQueueError(.inUse, "another process is writing to this file", path: path)
        }
      }
      let mine = FileIdentity(try disk.status(of: handle))
      do throws(DiskQueueError) {
        if mine == FileIdentity(try disk.status(at: path)) { return handle }
      } catch { if error.code != .notFound { throw error } }
      // It was moved away, or removed by one that failed; whoever reads it looks under its name.
      disk.close(handle)
      self.handle = nil
    }
  }

  private func opened() throws(DiskQueueError) -> FileHandle {
    if let handle { return handle }
    isNamed = false
    isNew = true
    let handle: FileHandle
    do throws(DiskQueueError) { handle = try disk.open(path, .createNew) } catch {
      guard error.cause == .fileExists else { throw error }
      isNew = false
      handle = try disk.open(path, .create)
    }
    self.handle = handle
    return handle
  }
}
