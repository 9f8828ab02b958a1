package import SystemPackage

/// What is built on the single calls: whole buffers, small files, names made durable.
extension Disk {
  /// Writes all of `bytes`, however many calls it takes.
  package func writeAll(_ handle: FileHandle, _ bytes: borrowing Span<UInt8>, at offset: Int64)
    throws(DiskQueueError)
  {
    var done = 0
    while done < bytes.count {
      done += try write(handle, bytes.extracting(done...), at: offset + Int64(done))
    }
  }

  /// Fills `buffer[start...]` from the file's `offset`; returns how many bytes there were.
  package func readFull(
    _ handle: FileHandle, into buffer: inout [UInt8], from start: Int = 0, count: Int,
    at offset: Int64
  ) throws(DiskQueueError) -> Int {
    var done = 0
    while done < count {
      var whole = buffer.mutableSpan
      var rest = whole._mutatingExtracting((start + done)..<(start + count))
      let got = try read(handle, into: &rest, at: offset + Int64(done))
      if got == 0 { break }
      done += got
    }
    return done
  }

  /// The contents of a small file; nil when it is not there.
  ///
  /// `first` bytes are asked for at once. With `size`, as its status has just told it, one read is enough where that is still so.
  package func contents(
    of path: FilePath, limit: Int = 1 << 20, size: Int64? = nil, first: Int = 256
  ) throws(DiskQueueError) -> [UInt8]? {
    let handle: FileHandle
    do { handle = try open(path, .read) } catch {
      if error.code == .notFound { return nil }
      throw error
    }
    defer { close(handle) }
    // Small first: metadata is some 30 bytes, and this runs once per queue and refresh.
    var buffer = [UInt8](repeating: 0, count: min(limit, first))
    var filled = 0
    if let size, size < buffer.count {
      var span = buffer.mutableSpan
      filled = try read(handle, into: &span, at: 0)
      // As long as it was said to be, with room for more: this was all of it.
      if filled == Int(size) { return Array(buffer[..<filled]) }
    }
    while true {
      filled += try readFull(
        handle, into: &buffer, from: filled, count: buffer.count - filled, at: Int64(filled))
      if filled < buffer.count || buffer.count >= limit { break }
      buffer.append(
        contentsOf: repeatElement(0, count: min(limit, buffer.count * 4) - buffer.count))
    }
    return Array(buffer[..<filled])
  }

  /// Makes the names in a directory durable.
  package func syncDirectory(_ path: FilePath) throws(DiskQueueError) {
    let handle = try open(path, .directory)
    defer { close(handle) }
    try syncAll(handle)
  }

  /// Whether something is at `path`.
  package func exists(_ path: FilePath) throws(DiskQueueError) -> Bool {
    do {
      _ = try status(at: path)
      return true
    } catch {
      if error.code == .notFound { return false }
      throw error
    }
  }

  /// Removes what may not be there.
  package func removeIfPresent(_ path: FilePath) throws(DiskQueueError) {
    do { try remove(path) } catch { if error.code != .notFound { throw error } }
  }

  /// A new file with these bytes, durable when this returns except for its name.
  package func writeNew(_ path: FilePath, _ bytes: [UInt8], ownership: Ownership?)
    throws(DiskQueueError)
  {
    let handle = try open(path, .createNew)
    do {
      defer { close(handle) }
      if let ownership { try setOwnership(handle, to: ownership) }
      try writeAll(handle, bytes.span, at: 0)
      try syncAll(handle)
    } catch {
      try? remove(path)
      throw error
    }
  }
}

extension Disk {
  /// `mkdir`, and when it is new and this process may, the owner of `model`: a console run as root
  /// must not shut a service out of its own directory.
  package func makeOwnedDirectory(_ path: FilePath, like model: FilePath) throws(DiskQueueError) {
    do { try makeDirectory(path) } catch {
      guard error.cause == .fileExists else { throw error }
      guard try status(at: path).isDirectory else {
        throw DiskQueueError(
          .refused,
          "this is a link or a file where a folder of diskq's own is expected; nothing "
            + "was touched", path: path)
      }
      return
    }
    guard Machine.effectiveUser == 0 else { return }
    var ownership = try status(at: model).ownership
    ownership.mode = 0o700
    let handle = try open(path, .directory)
    defer { close(handle) }
    try setOwnership(handle, to: ownership)
  }
}
