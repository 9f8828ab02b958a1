package import DiskQueue
package import SystemPackage

/// A ``Disk`` in memory that knows what a power loss would leave: bytes that no sync covered may be
/// lost, in part or whole, and so may names that no sync of their directory covered.
///
/// From a chosen call on, every call fails, as for a program whose machine is going down; then
/// ``afterCrash(_:_:)`` makes the disk that the next start finds.
package final class CrashingDisk: Disk {
  /// What of the unsynced is left.
  package enum Loss: Sendable, CaseIterable {
    /// Everything: the process died, the machine did not.
    case nothing
    /// All that was not synced is gone.
    case everything
    /// Some writes reached the disk, the last of them perhaps in part, some as zeros.
    case some
  }

  private struct Change: Sendable {
    var path: String
    var offset: Int
    var bytes: [UInt8]
    /// A truncation to `offset`.
    var isCut = false
  }

  private struct State: Sendable {
    /// What a sync has covered, by file identity.
    var durable: [UInt64: [UInt8]] = [:]
    /// Names, of folders too, that a sync of their directory has covered.
    var names: [String: UInt64] = [:]
    /// Name changes since, in order; the names of one call change together or not at all.
    var pendingNames: [[(path: String, inode: UInt64?)]] = []
    /// Files whose names were taken away.
    var removed: [UInt64: FileStatus] = [:]
    /// Byte changes since, by file identity, in order.
    var pending: [UInt64: [Change]] = [:]
    var paths: [FileHandle: FilePath] = [:]
    var calls = 0
    var crashAt = Int.max
  }

  private let base: InMemoryDisk
  private let state = Guarded(State())

  /// A disk whose present contents are durable.
  package init(_ base: InMemoryDisk = InMemoryDisk()) {
    self.base = base
    let files = base.files(in: "")
    state.withLock { state in
      for (path, bytes) in files {
        let path = FilePath("/" + path)
        guard let status = try? base.status(at: path) else { continue }
        state.names[path.string] = status.inode
        state.durable[status.inode] = bytes
      }
      for folder in base.folders {
        state.names[folder.string] = (try? base.status(at: folder))?.inode ?? 0
      }
    }
  }

  /// Calls so far that change something or make it durable.
  package var calls: Int { state.withLock { $0.calls } }

  /// From the `call`th such call on, every one fails.
  package func crash(at call: Int) { state.withLock { $0.crashAt = call } }

  /// The disk that the next start finds.
  package func afterCrash(_ loss: Loss, _ random: inout some RandomNumberGenerator) -> InMemoryDisk
  {
    let next = InMemoryDisk()
    // Files keep their numbers; folders get new ones.
    next.skipNumbers(of: base)
    if loss == .nothing {
      for folder in base.folders { next.plantFolder(folder) }
      for (path, bytes) in base.files(in: "") {
        let path = FilePath("/" + path)
        next.plantDeep(path, bytes, as: try? base.status(at: path))
      }
      return next
    }
    let state = state.withLock { $0 }
    var names = state.names
    // A journal keeps the order of names: some first part of them is there.
    let kept = loss == .some ? Int.random(in: 0...state.pendingNames.count, using: &random) : 0
    for (path, inode) in state.pendingNames.prefix(kept).joined() { names[path] = inode }
    for (path, inode) in names.sorted(by: { $0.key < $1.key }) {
      // A file whose folder is gone cannot be reached.
      guard path.folders.allSatisfy({ names[$0] != nil }) else { continue }
      let status = base.status(ofInode: inode) ?? state.removed[inode]
      if status?.kind == .directory { next.plantFolder(FilePath(path)) }
      guard let status, status.kind == .file else { continue }
      var bytes = state.durable[inode] ?? []
      if loss == .some {
        for change in state.pending[inode] ?? [] where Bool.random(using: &random) {
          if !apply(change, to: &bytes, &random) { break }
        }
      }
      next.plantDeep(FilePath(path), bytes, as: status)
    }
    return next
  }

  /// Remembers a file whose name is about to go, since that may not be durable.
  private func noteLastName(_ path: FilePath) {
    guard let status = try? base.status(at: path) else { return }
    state.withLock { $0.removed[status.inode] = status }
  }

  /// Returns whether all of the change is there: what was written after a part of one is not, since
  /// a hole in a payload is what the comment below says.
  private func apply(
    _ change: Change, to bytes: inout [UInt8], _ random: inout some RandomNumberGenerator
  ) -> Bool {
    if change.isCut {
      if bytes.count > change.offset { bytes.removeLast(bytes.count - change.offset) }
      return true
    }
    // The size can be there before the bytes are. A record whose length is there and whose payload is
    // zeros in part is not simulated: without a checksum nobody can tell it from a message.
    let isZeros = Int.random(in: 0..<6, using: &random) == 0
    let isWhole = isZeros || Int.random(in: 0..<4, using: &random) > 0
    let part = isWhole ? change.bytes.count : Int.random(in: 0...change.bytes.count, using: &random)
    let end = change.offset + part
    if end > bytes.count {
      bytes.append(contentsOf: repeatElement(0, count: end - bytes.count))
    }
    if !isZeros { bytes.replaceSubrange(change.offset..<end, with: change.bytes.prefix(part)) }
    return isWhole
  }

  /// Counts a call; throws once the machine is going down.
  private func step(_ call: String, _ path: FilePath?) throws(DiskQueueError) {
    let isDown = state.withLock { state in
      state.calls += 1
      return state.calls >= state.crashAt
    }
    if isDown { throw DiskQueueError(call: call, path: path, cause: .ioError) }
  }

  private func path(_ handle: FileHandle) -> FilePath? { state.withLock { $0.paths[handle] } }

  package func open(_ path: FilePath, _ mode: OpenMode) throws(DiskQueueError) -> FileHandle {
    let isNew = try !base.exists(path)
    if isNew { try step("open", path) }
    let handle = try base.open(path, mode)
    let inode = try base.status(of: handle).inode
    state.withLock { state in
      state.paths[handle] = path
      if isNew { state.pendingNames.append([(path.string, inode)]) }
    }
    return handle
  }

  package func close(_ handle: FileHandle) {
    state.withLock { $0.paths[handle] = nil }
    base.close(handle)
  }

  package func read(
    _ handle: FileHandle, into buffer: inout MutableSpan<UInt8>, at offset: Int64
  ) throws(DiskQueueError) -> Int { try base.read(handle, into: &buffer, at: offset) }

  package func write(_ handle: FileHandle, _ bytes: borrowing Span<UInt8>, at offset: Int64)
    throws(DiskQueueError) -> Int
  {
    let path = path(handle)
    try step("write", path)
    let count = try base.write(handle, bytes, at: offset)
    let inode = try base.status(of: handle).inode
    let copy = (0..<count).map { bytes[$0] }
    state.withLock { state in
      state.pending[inode, default: []].append(
        Change(path: path?.string ?? "", offset: Int(offset), bytes: copy))
    }
    return count
  }

  package func truncate(_ handle: FileHandle, to size: Int64) throws(DiskQueueError) {
    try step("truncate", path(handle))
    try base.truncate(handle, to: size)
    let inode = try base.status(of: handle).inode
    state.withLock { state in
      state.pending[inode, default: []].append(
        Change(path: "", offset: Int(size), bytes: [], isCut: true))
    }
  }

  package func syncData(_ handle: FileHandle) throws(DiskQueueError) {
    try sync(handle, "fdatasync")
  }

  package func syncAll(_ handle: FileHandle) throws(DiskQueueError) { try sync(handle, "fsync") }

  private func sync(_ handle: FileHandle, _ call: String) throws(DiskQueueError) {
    let path = path(handle)
    try step(call, path)
    let status = try base.status(of: handle)
    guard status.isDirectory else {
      let bytes = base.bytes(of: handle)
      return state.withLock { state in
        state.durable[status.inode] = bytes
        state.pending[status.inode] = nil
      }
    }
    // The names of this directory only, each call's together; what is in others may still be lost.
    guard let folder = path?.string else { return }
    state.withLock { state in
      var left: [[(path: String, inode: UInt64?)]] = []
      for change in state.pendingNames {
        if change.contains(where: { $0.path.parent == folder }) {
          for (path, inode) in change { state.names[path] = inode }
        } else {
          left.append(change)
        }
      }
      state.pendingNames = left
    }
  }

  package func status(of handle: FileHandle) throws(DiskQueueError) -> FileStatus {
    try base.status(of: handle)
  }

  package func status(at path: FilePath) throws(DiskQueueError) -> FileStatus {
    try base.status(at: path)
  }

  package func rename(_ source: FilePath, to target: FilePath) throws(DiskQueueError) {
    try step("rename", source)
    noteLastName(target)
    let inode = try base.status(at: source).inode
    try base.rename(source, to: target)
    state.withLock { state in
      // One journal entry: both names change or neither, and what is in a folder goes with it.
      var changes: [(path: String, inode: UInt64?)] = [
        (target.string, inode), (source.string, nil),
      ]
      let prefix = source.string + "/"
      var inner = state.names
      for (path, inode) in state.pendingNames.joined() { inner[path] = inode }
      for (path, inode) in inner where path.hasPrefix(prefix) {
        changes.append((target.string + "/" + path.dropFirst(prefix.count), inode))
        changes.append((path, nil))
      }
      state.pendingNames.append(changes)
    }
  }

  package func link(_ source: FilePath, to target: FilePath) throws(DiskQueueError) {
    try step("link", source)
    try base.link(source, to: target)
    let inode = try base.status(at: target).inode
    state.withLock { $0.pendingNames.append([(target.string, inode)]) }
  }

  package func remove(_ path: FilePath) throws(DiskQueueError) {
    try step("unlink", path)
    noteLastName(path)
    try base.remove(path)
    state.withLock { $0.pendingNames.append([(path.string, nil)]) }
  }

  package func makeDirectory(_ path: FilePath) throws(DiskQueueError) {
    try step("mkdir", path)
    try base.makeDirectory(path)
    let inode = try base.status(at: path).inode
    state.withLock { $0.pendingNames.append([(path.string, inode)]) }
  }

  package func removeDirectory(_ path: FilePath) throws(DiskQueueError) {
    try step("rmdir", path)
    try base.removeDirectory(path)
    state.withLock { $0.pendingNames.append([(path.string, nil)]) }
  }

  package func list(_ path: FilePath) throws(DiskQueueError) -> [[UInt8]] { try base.list(path) }

  package func setOwnership(_ handle: FileHandle, to ownership: Ownership)
    throws(DiskQueueError)
  { try base.setOwnership(handle, to: ownership) }

  package func lock(_ handle: FileHandle, _ kind: LockKind) throws(DiskQueueError) -> Bool {
    try base.lock(handle, kind)
  }

  package func unlock(_ handle: FileHandle) throws(DiskQueueError) { try base.unlock(handle) }

  package func isOpenElsewhere(_ handle: FileHandle) -> Bool? { base.isOpenElsewhere(handle) }

  package func space(at path: FilePath) throws(DiskQueueError) -> FileSystemSpace {
    try base.space(at: path)
  }
}
