import SystemPackage

/// Carries changes out so that a crash at any call is finished by the next run, or nothing was
/// touched.
///
/// 1. All new bytes are written and synced in the operation's folder; the disk being full, or a
///    source that cannot be read, shows here.
/// 2. The journal is written and synced: from here on the operation will be finished.
/// 3. The actions: renames, cuts, appends, each of which can be done again.
/// 4. The directories are synced, the operation's result is written, the journal goes.
struct ChangeSet {
  let queue: QueueName
  let directory: FilePath
  let folder: FilePath
  let disk: any Disk
  let ownership: Ownership?

  /// Where an operation's folder keeps what left the directory, what will enter it, and what was
  /// cut off.
  static func old(_ folder: FilePath) -> FilePath { folder.entry(Array("old".utf8)) }
  static func new(_ folder: FilePath) -> FilePath { folder.entry(Array("new".utf8)) }
  static func cut(_ folder: FilePath) -> FilePath { folder.entry(Array("cut".utf8)) }

  /// Where stretches are kept that left the queue though their file stays, as frames.
  static func kept(_ folder: FilePath) -> FilePath { folder.entry(Array("kept".utf8)) }

  /// The file that keeps what was cut from `entry` at `offset`.
  static func cut(_ folder: FilePath, _ entry: [UInt8], _ offset: Int64) -> FilePath {
    cut(folder).entry(entry + Array("@\(offset)".utf8))
  }

  // MARK: Preparing

  /// Writes all new bytes and tells what is left to do.
  func prepare(_ changes: [FileChange], _ files: QueueFiles) throws(DiskQueueError) -> Journal {
    let needed = changes.reduce(0) { $0 + $1.space }
    let free = try disk.space(at: directory).freeBytes
    guard needed <= free else {
      throw DiskQueueError(
        .noSpace, "this needs \(needed) bytes and \(free) are free; nothing was touched",
        path: directory)
    }
    for path in [ChangeSet.old(folder), ChangeSet.new(folder), ChangeSet.cut(folder)] {
      try disk.makeOwnedDirectory(path, like: directory)
    }
    var inodes = files.statuses.mapValues(\.inode)
    func inode(_ entry: [UInt8]) throws(DiskQueueError) -> UInt64 {
      if let inode = inodes[entry] { return inode }
      throw DiskQueueError(.planVoid, "a file of the plan is gone", path: directory.entry(entry))
    }
    // Nothing is renamed yet: what will have a new name is still read under its old one.
    var now: [[UInt8]: [UInt8]] = [:]
    var actions: [Journal.Action] = []
    for change in changes {
      switch change {
      case .moveOut(let entry): actions.append(.out(entry, inode: try inode(entry)))
      case .write(let entry, let bytes):
        try disk.writeNew(ChangeSet.new(folder).entry(entry), bytes, ownership: ownership)
        if inodes[entry] != nil { actions.append(.out(entry, inode: try inode(entry))) }
        actions.append(.in(entry))
      case .rebuild(let entry, let pieces):
        try build(ChangeSet.new(folder).entry(entry), pieces)
        if inodes[entry] != nil { actions.append(.out(entry, inode: try inode(entry))) }
        actions.append(.in(entry))
      case .rename(let entry, let target):
        let moved = try inode(entry)
        actions.append(.rename(entry, target, inode: moved))
        inodes[entry] = nil
        inodes[target] = moved
        now[target] = now[entry] ?? entry
      case .cut(let entry, let offset):
        try keep(now[entry] ?? entry, as: entry, from: offset)
        actions.append(.cut(entry, offset, inode: try inode(entry)))
      case .keep(let entry, let range):
        let name = entry + Array("@\(range.lowerBound)".utf8)
        let piece = Piece(entry: entry, start: range.lowerBound, end: range.upperBound)
        try disk.makeOwnedDirectory(ChangeSet.kept(folder), like: directory)
        try build(ChangeSet.kept(folder).entry(name), [piece])
        try disk.syncDirectory(ChangeSet.kept(folder))
      case .extend(let entry, let offset, let pieces):
        let path = ChangeSet.new(folder).entry(entry + Array("@\(offset)".utf8))
        try build(path, pieces)
        actions.append(.append(entry, offset, inode: try inode(entry), path))
      case .bringBack(let path, let entry): actions.append(.back(path, entry))
      case .giveBack(let path, let entry, let offset):
        actions.append(.append(entry, offset, inode: try inode(entry), path))
      }
    }
    for path in [ChangeSet.new(folder), ChangeSet.cut(folder), folder] {
      try disk.syncDirectory(path)
    }
    try disk.syncDirectory(folder.removingLastComponent())
    return Journal(folder: folder, actions: actions)
  }

  private func build(_ path: FilePath, _ pieces: [Piece]) throws(DiskQueueError) {
    let target = try disk.open(path, .createNew)
    defer { disk.close(target) }
    if let ownership { try disk.setOwnership(target, to: ownership) }
    var offset: Int64 = 0
    for piece in pieces {
      if let length = piece.length {
        var header: [UInt8] = []
        Record.appendHeader(length, to: &header)
        try disk.writeAll(target, header.span, at: offset)
        offset += Int64(header.count)
      }
      try copy(piece.entry, piece.start..<piece.end, to: target, at: offset)
      offset += piece.end - piece.start
    }
    try disk.syncAll(target)
  }

  private func keep(_ entry: [UInt8], as name: [UInt8], from offset: Int64) throws(DiskQueueError) {
    let size = try disk.status(at: directory.entry(entry)).size
    let target = try disk.open(ChangeSet.cut(folder, name, offset), .createNew)
    defer { disk.close(target) }
    if let ownership { try disk.setOwnership(target, to: ownership) }
    try copy(entry, offset..<max(offset, size), to: target, at: 0)
    try disk.syncAll(target)
  }

  private func copy(
    _ entry: [UInt8], _ range: Range<Int64>, to target: FileHandle, at offset: Int64
  ) throws(DiskQueueError) {
    let source = try disk.open(directory.entry(entry), .read)
    defer { disk.close(source) }
    try ChangeSet.copy(source, range, to: target, at: offset, disk)
  }

  fileprivate static func copy(
    _ source: FileHandle, _ range: Range<Int64>, to target: FileHandle, at offset: Int64,
    _ disk: any Disk
  ) throws(DiskQueueError) {
    var buffer = [UInt8](repeating: 0, count: Int(min(max(1, Int64(range.count)), 1 << 20)))
    var at = range.lowerBound
    while at < range.upperBound {
      let count = Int(min(Int64(buffer.count), range.upperBound - at))
      let got = try disk.readFull(source, into: &buffer, count: count, at: at)
      guard got == count else {
        throw DiskQueueError(.planVoid, "a file has become shorter while it was copied")
      }
      try disk.writeAll(
        target, buffer.span.extracting(..<got), at: offset + at - range.lowerBound)
      at += Int64(got)
    }
  }

  // MARK: Committing

  /// Writes the journal, carries the actions out, and syncs; the journal is left for the caller to
  /// remove once the result is written.
  func commit(_ journal: Journal) throws(DiskQueueError) {
    let home = Journal.home(directory)
    try disk.makeOwnedDirectory(home, like: directory)
    try disk.writeNew(
      Journal.path(of: queue, in: directory), Array(journal.text.utf8), ownership: ownership)
    try disk.syncDirectory(home)
    try disk.syncDirectory(QueueLock.home(directory))
    try ChangeSet.run(journal, directory, disk)
  }

  /// Removes the journal of a finished operation, and its folder when it is empty.
  static func forgetJournal(of queue: QueueName, in directory: FilePath, disk: any Disk)
    throws(DiskQueueError)
  {
    try disk.removeIfPresent(Journal.path(of: queue, in: directory))
    try? disk.removeDirectory(Journal.home(directory))
  }

  /// Carries out what is not done yet; doing it twice does no harm.
  static func run(_ journal: Journal, _ directory: FilePath, _ disk: any Disk)
    throws(DiskQueueError)
  {
    for action in journal.actions { try run(action, journal.folder, directory, disk) }
    try disk.syncDirectory(directory)
    for path in [old(journal.folder), new(journal.folder)] { try disk.syncDirectory(path) }
  }

  private static func run(
    _ action: Journal.Action, _ folder: FilePath, _ directory: FilePath, _ disk: any Disk
  ) throws(DiskQueueError) {
    switch action {
    case .out(let entry, let inode):
      guard try self.inode(directory.entry(entry), disk) == inode else { return }
      try disk.rename(directory.entry(entry), to: old(folder).entry(entry))
    case .in(let entry):
      let source = new(folder).entry(entry)
      if try disk.exists(source) { try disk.rename(source, to: directory.entry(entry)) }
    case .rename(let entry, let target, let inode):
      guard try self.inode(directory.entry(entry), disk) == inode else { return }
      try disk.rename(directory.entry(entry), to: directory.entry(target))
    case .back(let source, let entry):
      if try disk.exists(source) { try disk.rename(source, to: directory.entry(entry)) }
    case .cut(let entry, let offset, let inode):
      guard try self.inode(directory.entry(entry), disk) == inode else { return }
      let handle = try disk.open(directory.entry(entry), .write)
      defer { disk.close(handle) }
      if try disk.status(of: handle).size > offset { try disk.truncate(handle, to: offset) }
      try disk.syncAll(handle)
    case .append(let entry, let offset, let inode, let path):
      guard try self.inode(directory.entry(entry), disk) == inode else { return }
      let source = try disk.open(path, .read)
      defer { disk.close(source) }
      let handle = try disk.open(directory.entry(entry), .write)
      defer { disk.close(handle) }
      try copy(source, 0..<disk.status(of: source).size, to: handle, at: offset, disk)
      try disk.syncAll(handle)
    }
  }

  private static func inode(_ path: FilePath, _ disk: any Disk) throws(DiskQueueError) -> UInt64? {
    do { return try disk.status(at: path).inode } catch {
      if error.code == .notFound { return nil }
      throw error
    }
  }
}
