package import DiskQueue
package import SystemPackage

/// A ``Disk`` in memory with the semantics of the real one, as far as the queue can tell: names and
/// inodes apart, unlinked files alive while open, locks per open file.
///
/// It logs every call.
package final class InMemoryDisk: Disk {
  /// One call, as a test reads it: `write jobs.diskqueue.000000.dat 24`.
  package typealias Call = String

  let state = Guarded(State())

  /// A disk with one empty directory.
  package init(directory: FilePath = "/data") {
    state.withLock { state in
      var path = FilePath("/")
      _ = state.add(path.string, isDirectory: true)
      for component in directory.components {
        path.append(component)
        _ = state.add(path.string, isDirectory: true)
      }
    }
  }

  /// The same files and folders on a disk of their own, each with its number and time.
  package func copy() -> InMemoryDisk {
    let copy = InMemoryDisk()
    state.withLock { state in
      copy.state.withLock { other in
        var twins: [UInt64: Node] = [:]
        other.nodes = state.nodes.mapValues { node in
          if let twin = twins[node.inode] { return twin }
          let content = node.content.withLock { $0 }
          let twin = Node(
            inode: node.inode, isDirectory: node.isDirectory, ownership: content.ownership,
            modified: content.modified)
          twin.content.withLock { $0.bytes = content.bytes }
          twins[node.inode] = twin
          return twin
        }
        other.lastInode = state.lastInode
        other.time = state.time
      }
    }
    return copy
  }

  // MARK: What tests look at

  /// Every call since ``recordCalls()``, in order.
  package var calls: [Call] { state.withLock { $0.calls } }

  /// Begins to record calls, which takes most of the time of one.
  package func recordCalls() {
    state.withLock { state in
      state.calls = []
      state.isRecording = true
    }
  }

  /// Open files; a test expects none after a close.
  package var openCount: Int { state.withLock { $0.open.count } }

  /// All bytes in files, each rounded up to a block, may not pass this; writes fail with "no space"
  /// then.
  package func setCapacity(_ bytes: Int64, block: Int64 = 1) {
    state.withLock {
      $0.capacity = bytes
      $0.block = block
    }
  }

  /// What the files take, in bytes.
  package var used: Int64 { state.withLock { $0.used } }

  /// There may be no more files and folders than this; making one fails with "no space" then.
  package func setMostFiles(_ count: Int?) { state.withLock { $0.mostFiles = count } }

  /// Files and folders that there are.
  package var fileCount: Int { state.withLock { $0.count } }

  /// A file system that gives the number of a file that is gone to the next one, as most do.
  package func reuseNumbers() { state.withLock { $0.freeNumbers = [] } }

  /// Gives new files and folders no number that one of another disk may have.
  func skipNumbers(of other: InMemoryDisk) {
    let last = other.state.withLock { $0.lastInode }
    state.withLock { $0.lastInode = max($0.lastInode, last) }
  }

  /// A file system that tells whether a file is open elsewhere.
  package func tellOpenings() { state.withLock { $0.tellsOpenings = true } }

  /// A file system that has no second names for a file.
  package func refuseLinks() { state.withLock { $0.canLink = false } }

  /// Puts a file there as if another program had written it.
  ///
  /// With `status`, as the very file that had it, or under another of its names.
  package func plant(_ path: FilePath, _ bytes: [UInt8], as status: FileStatus? = nil) {
    state.withLock { state in
      if let inode = status?.inode,
        let node = state.nodes.values.first(where: { $0.inode == inode && !$0.isDirectory })
      {
        state.nodes[path.string] = node
        return
      }
      let node = state.add(path.string, isDirectory: false, inode: status?.inode)
      node.content.withLock { content in
        content.bytes = bytes
        if let status { content.modified = status.modified }
      }
    }
  }

  /// The bytes of a file; nil when it is not there.
  package func bytes(_ path: FilePath) -> [UInt8]? {
    state.withLock { $0.nodes[path.string]?.content.withLock { $0.bytes } }
  }

  /// What a file is, by its number, whatever names it has.
  func status(ofInode inode: UInt64) -> FileStatus? {
    state.withLock { state in
      let open = state.open.values.map(\.node)
      return (Array(state.nodes.values) + open).first { $0.inode == inode }?.status
    }
  }

  /// The bytes of an open file.
  func bytes(of handle: FileHandle) -> [UInt8] {
    state.withLock { $0.open[handle.rawValue]?.node.content.withLock { $0.bytes } } ?? []
  }

  /// As ``plant(_:_:)``, making the folders on the way.
  package func plantDeep(_ path: FilePath, _ bytes: [UInt8], as status: FileStatus? = nil) {
    plantFolder(path.removingLastComponent())
    plant(path, bytes, as: status)
  }

  /// Makes a folder and those on the way, where they are not there.
  package func plantFolder(_ path: FilePath) {
    let name = path.string
    state.withLock { state in
      for folder in name.folders.reversed() + [name] where state.nodes[folder] == nil {
        _ = state.add(folder, isDirectory: true)
      }
    }
  }

  /// Every folder.
  package var folders: [FilePath] {
    state.withLock { state in state.nodes.filter { $0.value.isDirectory }.keys.map { FilePath($0) }
    }
  }

  /// Every file below `directory`, by its path within it.
  package func files(in directory: FilePath) -> [String: [UInt8]] {
    let prefix = directory.string.isEmpty ? "/" : directory.string + "/"
    return state.withLock { state in
      var files: [String: [UInt8]] = [:]
      for (path, node) in state.nodes where !node.isDirectory && path.hasPrefix(prefix) {
        files[String(path.dropFirst(prefix.count))] = node.content.withLock { $0.bytes }
      }
      return files
    }
  }

  // MARK: Disk

  package func open(_ path: FilePath, _ mode: OpenMode) throws(DiskQueueError) -> FileHandle {
    try state.withLock { (state) throws(DiskQueueError) in
      let name = path.string
      state.log("open", name)
      var node = state.nodes[name]
      switch mode {
      case .createNew where node != nil: throw InMemoryDisk.failure("open", path, .fileExists)
      case .create where node == nil, .append where node == nil, .createNew:
        try state.expectRoom("open", path)
        guard let parent = state.parent(of: name), parent.isDirectory else {
          throw InMemoryDisk.failure("open", path, .noSuchFileOrDirectory)
        }
        node = state.add(name, isDirectory: false)
      case .directory where node?.isDirectory == false:
        throw InMemoryDisk.failure("open", path, .notDirectory)
      default: break
      }
      guard let node else { throw InMemoryDisk.failure("open", path, .noSuchFileOrDirectory) }
      state.lastHandle += 1
      let writable =
        switch mode {
        case .read, .directory: false
        case .write, .create, .append, .createNew: true
        }
      state.open[state.lastHandle] = OpenFile(
        node: node, path: name, writable: writable, appends: mode == .append)
      return FileHandle(rawValue: state.lastHandle)
    }
  }

  package func close(_ handle: FileHandle) {
    state.withLock { state in
      let file = state.open.removeValue(forKey: handle.rawValue)
      precondition(file != nil, "closed twice: \(handle)")
    }
  }

  package func read(
    _ handle: FileHandle, into buffer: inout MutableSpan<UInt8>, at offset: Int64
  ) throws(DiskQueueError) -> Int {
    let node = try file(handle, "read").node
    let bytes = node.content.withLock { $0.bytes }
    let count = max(0, min(buffer.count, bytes.count - Int(offset)))
    for index in 0..<count { buffer[index] = bytes[Int(offset) + index] }
    return count
  }

  package func write(_ handle: FileHandle, _ bytes: borrowing Span<UInt8>, at offset: Int64)
    throws(DiskQueueError) -> Int
  {
    let file = try file(handle, "write")
    guard file.writable else {
      throw InMemoryDisk.failure("write", FilePath(file.path), .badFileDescriptor)
    }
    let count = bytes.count
    let (used, capacity, block, time) = state.withLock { state in
      state.log("write", file.path, "\(count)")
      return (
        state.capacity == nil ? 0 : state.used, state.capacity ?? .max, state.block, state.tick()
      )
    }
    let size = file.node.content.withLock { $0.bytes.count }
    let offset = file.appends ? Int64(size) : offset
    let end = Int(offset) + count
    func taken(_ size: Int) -> Int64 { (Int64(size) + block - 1) / block * block }
    guard taken(max(size, end)) - taken(size) <= capacity - used else {
      throw InMemoryDisk.failure("write", FilePath(file.path), .noSpace)
    }
    let copy = (0..<count).map { bytes[$0] }
    file.node.content.withLock { content in
      if end > content.bytes.count {
        content.bytes.append(contentsOf: repeatElement(0, count: end - content.bytes.count))
      }
      content.bytes.replaceSubrange(Int(offset)..<end, with: copy)
      content.modified = time
    }
    return count
  }

  package func truncate(_ handle: FileHandle, to size: Int64) throws(DiskQueueError) {
    let file = try file(handle, "truncate")
    let time = state.withLock { state in
      state.log("truncate", file.path, "\(size)")
      return state.tick()
    }
    file.node.content.withLock { content in
      let missing = Int(size) - content.bytes.count
      if missing > 0 {
        content.bytes.append(contentsOf: repeatElement(0, count: missing))
      } else {
        content.bytes.removeLast(-missing)
      }
      content.modified = time
    }
  }

  package func syncData(_ handle: FileHandle) throws(DiskQueueError) {
    let file = try file(handle, "fdatasync")
    state.withLock { $0.log("fdatasync", file.path) }
  }

  package func syncAll(_ handle: FileHandle) throws(DiskQueueError) {
    let file = try file(handle, "fsync")
    state.withLock { $0.log("fsync", file.path) }
  }

  package func status(of handle: FileHandle) throws(DiskQueueError) -> FileStatus {
    try file(handle, "fstat").node.status
  }

  package func status(at path: FilePath) throws(DiskQueueError) -> FileStatus {
    try state.withLock { (state) throws(DiskQueueError) in
      guard let node = state.nodes[path.string] else {
        throw InMemoryDisk.failure("stat", path, .noSuchFileOrDirectory)
      }
      return node.status
    }
  }

  package func setOwnership(_ handle: FileHandle, to ownership: Ownership)
    throws(DiskQueueError)
  {
    try file(handle, "fchown").node.content.withLock { $0.ownership = ownership }
  }

  package func lock(_ handle: FileHandle, _ kind: LockKind) throws(DiskQueueError) -> Bool {
    try state.withLock { (state) throws(DiskQueueError) in
      guard let file = state.open[handle.rawValue] else {
        throw InMemoryDisk.failure("flock", "", .badFileDescriptor)
      }
      let others = state.open.filter { $0.key != handle.rawValue && $0.value.node === file.node }
      for (_, other) in others {
        if let held = other.lock, held == .exclusive || kind == .exclusive { return false }
      }
      state.open[handle.rawValue]?.lock = kind
      return true
    }
  }

  package func unlock(_ handle: FileHandle) throws(DiskQueueError) {
    try state.withLock { (state) throws(DiskQueueError) in
      guard state.open[handle.rawValue] != nil else {
        throw InMemoryDisk.failure("flock", "", .badFileDescriptor)
      }
      state.open[handle.rawValue]?.lock = nil
    }
  }

  package func isOpenElsewhere(_ handle: FileHandle) -> Bool? {
    state.withLock { state in
      guard state.tellsOpenings, let node = state.open[handle.rawValue]?.node else { return nil }
      return state.open.contains { $0.key != handle.rawValue && $0.value.node === node }
    }
  }

  package func space(at path: FilePath) throws(DiskQueueError) -> FileSystemSpace {
    state.withLock { state in
      FileSystemSpace(
        freeBytes: (state.capacity ?? 1 << 40) - state.used,
        totalBytes: state.capacity ?? 1 << 40,
        freeInodes: Int64(state.mostFiles.map { max(0, $0 - state.count) } ?? 1 << 20),
        totalInodes: Int64(state.mostFiles ?? 1 << 20))
    }
  }

  private func file(_ handle: FileHandle, _ call: String) throws(DiskQueueError) -> OpenFile {
    guard let file = state.withLock({ $0.open[handle.rawValue] }) else {
      throw InMemoryDisk.failure(call, "", .badFileDescriptor)
    }
    return file
  }
}
