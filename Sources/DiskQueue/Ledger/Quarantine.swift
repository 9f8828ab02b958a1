package import SystemPackage

/// Keeps bytes that are not messages before they are cut from a segment, under the segment's name and
/// the offset they were cut at; they are looked through and put back like `.bad` files.
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

  /// What is kept, by queue, in the order of the segments and offsets; of one queue when that is named.
  ///
  /// What is no file of diskq's making is left out.
  package static func list(
    in directory: FilePath, disk: any Disk, only: QueueName? = nil
  ) throws(DiskQueueError) -> [QueueName: [BadFile]] {
    let folder = folder(directory)
    let names: [[UInt8]]
    do { names = try disk.list(folder) } catch {
      if error.code == .notFound { return [:] }
      throw error
    }
    var kept: [QueueName: [(BadFile, offset: Int64)]] = [:]
    for name in names {
      guard let (queue, number, offset) = parse(name), only == nil || queue == only,
        let status = try? disk.status(at: folder.entry(name)), status.kind == .file
      else { continue }
      let file = BadFile(
        number: number, copy: 0, size: status.size, modified: status.modified, quarantined: name)
      kept[queue, default: []].append((file, offset))
    }
    return kept.mapValues { files in
      files.sorted { ($0.0.number, $0.offset) < ($1.0.number, $1.offset) }.map(\.0)
    }
  }

  /// `NAME.diskqueue.NNNNNN.dat@OFFSET`, and a suffix where that was taken.
  package static func parse(_ name: [UInt8]) -> (queue: QueueName, number: Int64, offset: Int64)? {
    guard let at = name.lastIndex(of: UInt8(ascii: "@")),
      let (queue, file) = FileName.parse(Array(name[..<at])), case .segment(let number) = file
    else { return nil }
    let words = String(decoding: name[(at + 1)...], as: UTF8.self).split(
      separator: ".", omittingEmptySubsequences: false)
    guard words.count <= 2, let offset = words.first.flatMap({ Int64($0) }), offset >= 0,
      words.count == 1 || Int(words[1]) != nil
    else { return nil }
    return (queue, number, offset)
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

  /// Gives a file that an operation took from the quarantine its name there again; it keeps the one it
  /// has.
  static func takeBack(_ path: FilePath, as name: [UInt8], _ ledger: Ledger) throws(DiskQueueError)
  {
    let disk = ledger.disk
    let folder = folder(ledger.directory)
    try ledger.exclusively { () throws(DiskQueueError) in
      try ledger.make(folder)
      let status = try disk.status(at: path)
      var target = folder.entry(name)
      var suffix = 1
      while let there = try? disk.status(at: target) {
        if there.inode == status.inode { return }
        target = folder.entry(name + Array(".\(suffix)".utf8))
        suffix += 1
      }
      try ChangeSet.secondName(path, at: target, size: status.size, try ledger.ownership(), disk)
    }
    for path in [folder, ledger.home] { try disk.syncDirectory(path) }
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
