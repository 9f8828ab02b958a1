package import DiskQueue
import QueueInspection
package import SystemPackage

/// Appends batches of messages to a file and returns only when they are durable there.
///
/// Several may append to one file at once, in this process or in others: each batch is written under a
/// lock of the file, behind whatever is there by then. The file is made by the first batch, so that one
/// that never comes leaves nothing.
package final class FileSink: MessageSink {
  private let path: FilePath
  private let disk: any Disk
  private let encoder: MessageEncoder
  private let resumes: Bool
  private let pause: (Int) -> Bool
  /// Told how many bytes of a message that a killed drain left half are cut off.
  package var onCut: ((Int64) -> Void)?
  /// Nil until the first batch.
  private var handle: FileHandle?
  /// Whether this sink made the file and nothing has been kept in it yet.
  private var isNew = false
  /// Whether the file's name is durable.
  private var isNamed = false
  /// Where the last batch ended: up to there nobody has to look again.
  private var whole: Int64 = 0
  private var buffer: [UInt8] = []

  /// A sink for `path`, which need not exist.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - encoder: how the messages look in it.
  ///   - disk: where it is.
  ///   - resumes: whether a drain of the same queue was interrupted, so that the beginning of a line may
  ///     be its.
  ///   - pause: waits a moment while another holds the file, for the so manyeth time; false gives up.
  ///     The default is a minute.
  /// - Throws: `refused` for a name that is a queue's own file.
  package init(
    _ path: FilePath, encoder: MessageEncoder, disk: any Disk = RealDisk(),
    resumes: Bool = false,
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
    self.resumes = resumes
    self.pause = pause
  }

  deinit { if let handle { disk.close(handle) } }

  package var takesFrames: Bool { encoder.isVerbatim }

  /// Writes the batch and syncs it.
  ///
  /// When it throws, nothing of the batch is in the file.
  package func keep(_ batch: MessageBatch) throws(DiskQueueError) {
    switch batch {
    case .frames(let bytes, _, _): try append(bytes)
    case .messages(let messages):
      if messages.isEmpty { return }
      buffer.removeAll(keepingCapacity: true)
      try encoder.encode(messages, into: &buffer)
      try append(buffer[...])
    }
  }

  private func append(_ bytes: ArraySlice<UInt8>) throws(DiskQueueError) {
    do throws(DiskQueueError) { try appendLocked(bytes) } catch {
      discardEmpty(after: error)
      // Where the file would be is missing: that is a failure, not an empty queue.
      guard error.code == .notFound else { throw error }
      throw DiskQueueError(.inputOutput, error.detail, path: path, cause: error.cause)
    }
  }

  private func appendLocked(_ bytes: ArraySlice<UInt8>) throws(DiskQueueError) {
    let handle = try locked()
    let (end, endsLine) = try place(handle, for: bytes)
    var start = end
    do throws(DiskQueueError) {
      if endsLine {
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
    whole = start + Int64(bytes.count)
    try? disk.unlock(handle)
  }

  /// Where a batch goes, and whether a line that is not ours must be ended there first.
  ///
  /// Half a message that a killed drain has left of the same batch is cut off for good: not even a
  /// failure brings it back.
  private func place(_ handle: FileHandle, for batch: ArraySlice<UInt8>) throws(DiskQueueError)
    -> (end: Int64, endsLine: Bool)
  {
    let size = try disk.status(of: handle).size
    if size == whole { return (size, false) }
    let isFirst = whole == 0
    let end = TargetEnd(disk: disk, path: path, handle: handle, size: size, encoder: encoder)
    switch try end.finding(
      before: batch, from: whole <= size ? whole : 0,
      resumes: isFirst && (resumes || encoder.format == .frames))
    {
    case .whole: return (size, false)
    case .openLine: return (size, true)
    case .half(let start):
      try disk.truncate(handle, to: start)
      // Else a power loss could leave the half with the beginning of the batch written over it.
      try disk.syncData(handle)
      onCut?(size - start)
      return (start, false)
    case .noFrames(let offset):
      throw DiskQueueError(
        .refused,
        "from here on the file holds no whole frame, so nothing behind it could be read; nothing was "
          + "appended: name another file, or cut this one here if that part can go",
        path: path, offset: offset)
    }
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
    whole = 0
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
