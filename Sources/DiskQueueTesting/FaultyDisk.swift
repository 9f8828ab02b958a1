package import DiskQueue
package import SystemPackage

/// A ``Disk`` that fails, shortens or stops at chosen calls of another one.
package final class FaultyDisk: Disk {
  /// The calls that can fail.
  package enum Call: String, Sendable, CaseIterable {
    case open, read, write, truncate, syncData, syncAll, statusOfHandle, statusAtPath, link, rename
    case remove, makeDirectory, removeDirectory, list, setOwnership, lock, unlock, space
  }

  /// Which calls fail, and how.
  package struct Fault: Sendable {
    package var call: Call?
    /// Fails the nth call that matches, from 1, and those after it while `times` lasts.
    package var nth: Int
    package var times: Int
    package var cause: Errno
    /// For writes: this many bytes are written before it fails.
    package var written: Int
    /// Only calls on a path that ends so; nil for all.
    package var suffix: String?

    package init(
      _ call: Call?, nth: Int = 1, times: Int = 1, cause: Errno = .ioError, written: Int = 0,
      suffix: String? = nil
    ) {
      self.call = call
      self.nth = nth
      self.times = times
      self.cause = cause
      self.written = written
      self.suffix = suffix
    }
  }

  private struct State {
    var fault: Fault?
    var matched = 0
    var counts: [Call: Int] = [:]
    var paths: [FileHandle: FilePath] = [:]
    var shortens = false
    var calls = 0
    var before: (@Sendable (Int) -> Void)?
    var blocked: (@Sendable () -> Void)?
  }

  private let base: any Disk
  private let state = Guarded(State())

  package init(_ base: any Disk) { self.base = base }

  /// From now on, calls fail as `fault` says; nil for none.
  package func inject(_ fault: Fault?) {
    state.withLock {
      $0.fault = fault
      $0.matched = 0
    }
  }

  /// From now on, every read and write does at most half of what it is asked for.
  package func shortenTransfers(_ shortens: Bool) { state.withLock { $0.shortens = shortens } }

  /// From now on, `before` runs before each call with its number, from 1, and `blocked` whenever a lock
  /// is held by another.
  package func watch(
    before: @escaping @Sendable (Int) -> Void, blocked: @escaping @Sendable () -> Void
  ) {
    state.withLock {
      $0.calls = 0
      $0.before = before
      $0.blocked = blocked
    }
  }

  /// Calls since ``watch(before:blocked:)``.
  package var calls: Int { state.withLock { $0.calls } }

  /// How often each call was made.
  package var counts: [Call: Int] { state.withLock { $0.counts } }

  /// The fault that this call meets, if any.
  private func fault(_ call: Call, _ path: FilePath?) -> Fault? {
    let (number, before) = state.withLock { state in
      state.calls += 1
      return (state.calls, state.before)
    }
    before?(number)
    return state.withLock { state in
      state.counts[call, default: 0] += 1
      guard let fault = state.fault, fault.call == nil || fault.call == call,
        fault.suffix.map({ path?.string.hasSuffix($0) == true }) ?? true
      else { return nil }
      state.matched += 1
      return state.matched >= fault.nth && state.matched < fault.nth + fault.times ? fault : nil
    }
  }

  private func meet(_ call: Call, _ path: FilePath?) throws(DiskQueueError) {
    if let fault = fault(call, path) {
      throw DiskQueueError(call: call.rawValue, path: path, cause: fault.cause)
    }
  }

  private func path(_ handle: FileHandle) -> FilePath? { state.withLock { $0.paths[handle] } }

  package func open(_ path: FilePath, _ mode: OpenMode) throws(DiskQueueError) -> FileHandle {
    try meet(.open, path)
    let handle = try base.open(path, mode)
    state.withLock { $0.paths[handle] = path }
    return handle
  }

  package func close(_ handle: FileHandle) {
    state.withLock { $0.paths[handle] = nil }
    base.close(handle)
  }

  package func read(
    _ handle: FileHandle, into buffer: inout MutableSpan<UInt8>, at offset: Int64
  ) throws(DiskQueueError) -> Int {
    try meet(.read, path(handle))
    guard state.withLock({ $0.shortens }), buffer.count > 1 else {
      return try base.read(handle, into: &buffer, at: offset)
    }
    var half = buffer._mutatingExtracting(..<(buffer.count / 2))
    return try base.read(handle, into: &half, at: offset)
  }

  package func write(_ handle: FileHandle, _ bytes: borrowing Span<UInt8>, at offset: Int64)
    throws(DiskQueueError) -> Int
  {
    if let fault = fault(.write, path(handle)) {
      if fault.written > 0 {
        _ = try base.write(
          handle, bytes.extracting(..<min(fault.written, bytes.count)), at: offset)
      }
      throw DiskQueueError(call: "write", path: path(handle), cause: fault.cause)
    }
    guard state.withLock({ $0.shortens }), bytes.count > 1 else {
      return try base.write(handle, bytes, at: offset)
    }
    return try base.write(handle, bytes.extracting(..<(bytes.count / 2)), at: offset)
  }

  package func truncate(_ handle: FileHandle, to size: Int64) throws(DiskQueueError) {
    try meet(.truncate, path(handle))
    try base.truncate(handle, to: size)
  }

  package func syncData(_ handle: FileHandle) throws(DiskQueueError) {
    try meet(.syncData, path(handle))
    try base.syncData(handle)
  }

  package func syncAll(_ handle: FileHandle) throws(DiskQueueError) {
    try meet(.syncAll, path(handle))
    try base.syncAll(handle)
  }

  package func status(of handle: FileHandle) throws(DiskQueueError) -> FileStatus {
    try meet(.statusOfHandle, path(handle))
    return try base.status(of: handle)
  }

  package func status(at path: FilePath) throws(DiskQueueError) -> FileStatus {
    try meet(.statusAtPath, path)
    return try base.status(at: path)
  }

  package func rename(_ source: FilePath, to target: FilePath) throws(DiskQueueError) {
    try meet(.rename, source)
    try base.rename(source, to: target)
  }

  package func link(_ source: FilePath, to target: FilePath) throws(DiskQueueError) {
    try meet(.link, source)
    try base.link(source, to: target)
  }

  package func remove(_ path: FilePath) throws(DiskQueueError) {
    try meet(.remove, path)
    try base.remove(path)
  }

  package func makeDirectory(_ path: FilePath) throws(DiskQueueError) {
    try meet(.makeDirectory, path)
    try base.makeDirectory(path)
  }

  package func removeDirectory(_ path: FilePath) throws(DiskQueueError) {
    try meet(.removeDirectory, path)
    try base.removeDirectory(path)
  }

  package func list(_ path: FilePath) throws(DiskQueueError) -> [[UInt8]] {
    try meet(.list, path)
    return try base.list(path)
  }

  package func setOwnership(_ handle: FileHandle, to ownership: Ownership)
    throws(DiskQueueError)
  {
    try meet(.setOwnership, path(handle))
    try base.setOwnership(handle, to: ownership)
  }

  package func lock(_ handle: FileHandle, _ kind: LockKind) throws(DiskQueueError) -> Bool {
    try meet(.lock, path(handle))
    if try base.lock(handle, kind) { return true }
    state.withLock { $0.blocked }?()
    return false
  }

  package func unlock(_ handle: FileHandle) throws(DiskQueueError) {
    try meet(.unlock, path(handle))
    try base.unlock(handle)
  }

  package func isOpenElsewhere(_ handle: FileHandle) -> Bool? { base.isOpenElsewhere(handle) }

  package func space(at path: FilePath) throws(DiskQueueError) -> FileSystemSpace {
    try meet(.space, path)
    return try base.space(at: path)
  }
}
