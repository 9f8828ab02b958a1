package import SystemPackage

/// Keeps bytes that are not messages before they are cut from a segment.
package enum Quarantine {
  /// The folder `DIR/.diskq/quarantine`.
  package static func folder(_ directory: FilePath) -> FilePath {
    Ledger.home(directory).entry(Array("quarantine".utf8))
  }

  /// Copies what lies from `tail.end` to the end of the segment into a file of its own, makes it
  /// durable, then cuts the segment there.
  ///
  /// A crash in between leaves the segment as it was.
  package static func cut(
    _ tail: Recovery.Tail, of queue: QueueName, in directory: FilePath, disk: any Disk,
    ownership: Ownership?
  ) throws(DiskQueueError) {
    let name = FileName.segment(tail.segment.number)
    let path = directory.file(name, of: queue)
    let handle = try disk.open(path, .write)
    defer { disk.close(handle) }
    try keep(
      handle, from: tail.end, to: tail.segment.size, as: name.entry(of: queue), in: directory,
      disk: disk, ownership: ownership)
    try disk.truncate(handle, to: tail.end)
    try disk.syncAll(handle)
  }

  /// Copies a range of an open segment to `<entry>@<offset>`, with a free suffix when that exists.
  package static func keep(
    _ handle: FileHandle, from start: Int64, to end: Int64, as entry: [UInt8],
    in directory: FilePath, disk: any Disk, ownership: Ownership?
  ) throws(DiskQueueError) {
    let folder = folder(directory)
    let ledger = Ledger(directory, disk: disk)
    try ledger.exclusively { () throws(DiskQueueError) in
      try ledger.make(folder)
      try ledger.keepFormat()
    }
    let (copy, path) = try freeFile(entry + Array("@\(start)".utf8), in: folder, disk: disk)
    do {
      defer { disk.close(copy) }
      if let ownership { try disk.setOwnership(copy, to: ownership) }
      // Zeros are left out as a hole: a tail of gigabytes of them takes no space.
      try disk.truncate(copy, to: end - start)
      var buffer = [UInt8](repeating: 0, count: Int(min(end - start, 1 << 20)))
      var at = start
      while at < end {
        let count = Int(min(Int64(buffer.count), end - at))
        let got = try disk.readFull(handle, into: &buffer, count: count, at: at)
        if got == 0 { break }
        if buffer[..<got].contains(where: { $0 != 0 }) {
          try disk.writeAll(copy, buffer.span.extracting(..<got), at: at - start)
        }
        at += Int64(got)
      }
      try disk.syncAll(copy)
    } catch {
      try? disk.remove(path)
      throw error
    }
    for path in [folder, ledger.home, directory] { try disk.syncDirectory(path) }
  }

  private static func freeFile(_ entry: [UInt8], in folder: FilePath, disk: any Disk)
    throws(DiskQueueError) -> (FileHandle, FilePath)
  {
    var path = folder.entry(entry)
    var suffix = 1
    while true {
      do { return (try disk.open(path, .createNew), path) } catch {
        guard error.cause == .fileExists else { throw error }
        path = folder.entry(entry + Array(".\(suffix)".utf8))
        suffix += 1
      }
    }
  }

  /// Renames a segment the reader gave up on to `.bad`, or `.bad.1`, … where that name is taken.
  package static func markBad(
    _ number: Int64, of queue: QueueName, in directory: FilePath, disk: any Disk
  ) throws(DiskQueueError) -> FileName {
    var copy = 0
    while try disk.exists(directory.file(.bad(number, copy: copy), of: queue)) { copy += 1 }
    let bad = FileName.bad(number, copy: copy)
    try disk.rename(
      directory.file(.segment(number), of: queue), to: directory.file(bad, of: queue))
    try disk.syncDirectory(directory)
    return bad
  }
}
