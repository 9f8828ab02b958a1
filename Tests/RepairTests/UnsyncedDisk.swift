import DiskQueue
import DiskQueueTesting
import SystemPackage

/// A ``Disk`` in memory that tells what a power loss could still take: bytes and names that no sync has
/// covered.
final class UnsyncedDisk: Disk {
  private struct State: Sendable {
    /// Files with bytes that are not synced, by their number.
    var bytes: Set<UInt64> = []
    /// Names that have come or gone since their folder was synced.
    var names: Set<String> = []
    var paths: [FileHandle: FilePath] = [:]
    var renaming: (@Sendable (FilePath, FilePath, Set<String>) -> Void)?
    var space: FileSystemSpace?
    var elsewhere: FilePath?
  }

  private let base: InMemoryDisk
  private let state = Guarded(State())

  init(_ base: InMemoryDisk) { self.base = base }

  /// The paths of files and names that are not synced.
  var unsynced: Set<String> {
    let (bytes, names) = state.withLock { ($0.bytes, $0.names) }
    let files = base.files(in: "").keys.map { "/" + $0 }
      .filter { (try? base.status(at: FilePath($0))).map { bytes.contains($0.inode) } ?? false }
    return names.union(files)
  }

  /// From now on, `body` runs before each renaming, with what is not synced then.
  func beforeRenaming(_ body: @escaping @Sendable (FilePath, FilePath, Set<String>) -> Void) {
    state.withLock { $0.renaming = body }
  }

  /// What the file system says is free.
  func tell(_ space: FileSystemSpace) { state.withLock { $0.space = space } }

  /// A folder that is on another file system.
  func putElsewhere(_ path: FilePath) { state.withLock { $0.elsewhere = path } }

  private func note(name path: FilePath) {
    state.withLock { _ = $0.names.insert(path.string) }
  }

  private func note(bytes handle: FileHandle) throws(DiskQueueError) {
    let inode = try base.status(of: handle).inode
    state.withLock { _ = $0.bytes.insert(inode) }
  }

  func open(_ path: FilePath, _ mode: OpenMode) throws(DiskQueueError) -> FileHandle {
    let isNew = try !base.exists(path)
    let handle = try base.open(path, mode)
    if isNew { note(name: path) }
    state.withLock { $0.paths[handle] = path }
    return handle
  }

  func close(_ handle: FileHandle) { base.close(handle) }

  func read(_ handle: FileHandle, into buffer: inout MutableSpan<UInt8>, at offset: Int64)
    throws(DiskQueueError) -> Int
  { try base.read(handle, into: &buffer, at: offset) }

  func write(_ handle: FileHandle, _ bytes: borrowing Span<UInt8>, at offset: Int64)
    throws(DiskQueueError) -> Int
  {
    try note(bytes: handle)
    return try base.write(handle, bytes, at: offset)
  }

  func truncate(_ handle: FileHandle, to size: Int64) throws(DiskQueueError) {
    try note(bytes: handle)
    try base.truncate(handle, to: size)
  }

  func syncData(_ handle: FileHandle) throws(DiskQueueError) { try sync(handle) }
  func syncAll(_ handle: FileHandle) throws(DiskQueueError) { try sync(handle) }

  private func sync(_ handle: FileHandle) throws(DiskQueueError) {
    let status = try base.status(of: handle)
    state.withLock { state in
      state.bytes.remove(status.inode)
      guard status.isDirectory, let folder = state.paths[handle] else { return }
      state.names = state.names.filter { FilePath($0).removingLastComponent() != folder }
    }
  }

  func status(of handle: FileHandle) throws(DiskQueueError) -> FileStatus {
    try base.status(of: handle)
  }

  func status(at path: FilePath) throws(DiskQueueError) -> FileStatus {
    var status = try base.status(at: path)
    if state.withLock({ $0.elsewhere == path }) { status.device += 1 }
    return status
  }

  func link(_ source: FilePath, to target: FilePath) throws(DiskQueueError) {
    try base.link(source, to: target)
    note(name: target)
  }

  func rename(_ source: FilePath, to target: FilePath) throws(DiskQueueError) {
    state.withLock { $0.renaming }?(source, target, unsynced)
    try base.rename(source, to: target)
    note(name: source)
    note(name: target)
  }

  func remove(_ path: FilePath) throws(DiskQueueError) {
    try base.remove(path)
    note(name: path)
  }

  func makeDirectory(_ path: FilePath) throws(DiskQueueError) {
    try base.makeDirectory(path)
    note(name: path)
  }

  func removeDirectory(_ path: FilePath) throws(DiskQueueError) {
    try base.removeDirectory(path)
    note(name: path)
    // What was in it has gone with it.
    state.withLock { state in
      state.names = state.names.filter { !$0.hasPrefix(path.string + "/") }
    }
  }

  func list(_ path: FilePath) throws(DiskQueueError) -> [[UInt8]] { try base.list(path) }

  func setOwnership(_ handle: FileHandle, to ownership: Ownership) throws(DiskQueueError) {
    try base.setOwnership(handle, to: ownership)
  }

  func lock(_ handle: FileHandle, _ kind: LockKind) throws(DiskQueueError) -> Bool {
    try base.lock(handle, kind)
  }

  func unlock(_ handle: FileHandle) throws(DiskQueueError) { try base.unlock(handle) }

  func isOpenElsewhere(_ handle: FileHandle) -> Bool? { base.isOpenElsewhere(handle) }

  func space(at path: FilePath) throws(DiskQueueError) -> FileSystemSpace {
    if let space = state.withLock({ $0.space }) { return space }
    return try base.space(at: path)
  }
}
