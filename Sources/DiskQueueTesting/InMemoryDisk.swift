package import DiskQueue
package import SystemPackage

/// A ``Disk`` in memory with the semantics of the real one, as far as the queue can tell: names and
/// inodes apart, unlinked files alive while open, locks per open file.
///
/// It logs every call.
package final class InMemoryDisk: Disk {
  /// One call, as a test reads it: `write jobs.diskqueue.000000.dat 24`.
  package typealias Call = String

  fileprivate final class Node: Sendable {
    struct Content {
      var bytes: [UInt8] = []
      var ownership: Ownership
      var modified: Timestamp
    }
    let inode: UInt64
    let isDirectory: Bool
    let content: Guarded<Content>

    init(inode: UInt64, isDirectory: Bool, ownership: Ownership, modified: Timestamp) {
      self.inode = inode
      self.isDirectory = isDirectory
      self.content = Guarded(Content(ownership: ownership, modified: modified))
    }
  }

  fileprivate struct OpenFile {
    var node: Node
    var path: String
    var writable: Bool
    var appends = false
    var lock: LockKind?
  }

  fileprivate struct State {
    var nodes: [String: Node] = [:]
    var open: [Int32: OpenFile] = [:]
    var lastHandle: Int32 = 2
    var lastInode: UInt64 = 1
    var time: Int64 = 1_000_000_000
    var calls: [Call] = []
    var isRecording = false
    /// Nil for no limit.
    var capacity: Int64?
    /// What a file takes is a multiple of this.
    var block: Int64 = 1
    /// Nil for no limit.
    var mostFiles: Int?
    var canLink = true
    var tellsOpenings = false
    /// Numbers of files that are gone, to be given to the next ones; nil where none is used again.
    var freeNumbers: [UInt64]?
  }

  private let state = Guarded(State())

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
      case .createNew where node != nil: throw failure("open", path, .fileExists)
      case .create where node == nil, .append where node == nil, .createNew:
        try state.expectRoom("open", path)
        guard let parent = state.parent(of: name), parent.isDirectory else {
          throw failure("open", path, .noSuchFileOrDirectory)
        }
        node = state.add(name, isDirectory: false)
      case .directory where node?.isDirectory == false: throw failure("open", path, .notDirectory)
      default: break
      }
      guard let node else { throw failure("open", path, .noSuchFileOrDirectory) }
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
    guard file.writable else { throw failure("write", FilePath(file.path), .badFileDescriptor) }
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
      throw failure("write", FilePath(file.path), .noSpace)
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
        throw failure("stat", path, .noSuchFileOrDirectory)
      }
      return node.status
    }
  }

  package func rename(_ source: FilePath, to target: FilePath) throws(DiskQueueError) {
    try state.withLock { (state) throws(DiskQueueError) in
      state.log("rename", source.string, "to \(name(target.string))")
      guard let node = state.nodes[source.string], state.parent(of: target.string) != nil else {
        throw failure("rename", source, .noSuchFileOrDirectory)
      }
      let replaced = state.nodes[target.string]
      state.nodes[source.string] = nil
      state.nodes[target.string] = node
      if let replaced { state.forget(replaced) }
      state.touch(source.string)
      state.touch(target.string)
      guard node.isDirectory else { return }
      let prefix = source.string + "/"
      for (path, inner) in state.nodes where path.hasPrefix(prefix) {
        state.nodes[path] = nil
        state.nodes[target.string + "/" + path.dropFirst(prefix.count)] = inner
      }
    }
  }

  package func link(_ source: FilePath, to target: FilePath) throws(DiskQueueError) {
    try state.withLock { (state) throws(DiskQueueError) in
      state.log("link", source.string, "to \(name(target.string))")
      guard let node = state.nodes[source.string], state.parent(of: target.string) != nil else {
        throw failure("link", source, .noSuchFileOrDirectory)
      }
      guard state.nodes[target.string] == nil else { throw failure("link", target, .fileExists) }
      guard state.canLink else { throw failure("link", source, .notPermitted) }
      state.nodes[target.string] = node
      state.touch(target.string)
    }
  }

  package func remove(_ path: FilePath) throws(DiskQueueError) {
    try state.withLock { (state) throws(DiskQueueError) in
      state.log("unlink", path.string)
      guard let node = state.nodes.removeValue(forKey: path.string) else {
        throw failure("unlink", path, .noSuchFileOrDirectory)
      }
      state.forget(node)
      state.touch(path.string)
    }
  }

  package func makeDirectory(_ path: FilePath) throws(DiskQueueError) {
    try state.withLock { (state) throws(DiskQueueError) in
      state.log("mkdir", path.string)
      if state.nodes[path.string] != nil { throw failure("mkdir", path, .fileExists) }
      try state.expectRoom("mkdir", path)
      guard state.parent(of: path.string) != nil else {
        throw failure("mkdir", path, .noSuchFileOrDirectory)
      }
      _ = state.add(path.string, isDirectory: true)
    }
  }

  package func removeDirectory(_ path: FilePath) throws(DiskQueueError) {
    try state.withLock { (state) throws(DiskQueueError) in
      let prefix = path.string + "/"
      if state.nodes.keys.contains(where: { $0.hasPrefix(prefix) }) {
        throw failure("rmdir", path, .directoryNotEmpty)
      }
      guard state.nodes.removeValue(forKey: path.string) != nil else {
        throw failure("rmdir", path, .noSuchFileOrDirectory)
      }
    }
  }

  package func list(_ path: FilePath) throws(DiskQueueError) -> [[UInt8]] {
    try state.withLock { (state) throws(DiskQueueError) in
      guard state.nodes[path.string]?.isDirectory == true else {
        throw failure("opendir", path, .noSuchFileOrDirectory)
      }
      let prefix = path.string + "/"
      return state.nodes.keys.compactMap { name in
        guard name.hasPrefix(prefix) else { return nil }
        let rest = name.dropFirst(prefix.count)
        return rest.contains("/") ? nil : Array(rest.utf8)
      }
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
        throw failure("flock", "", .badFileDescriptor)
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
        throw failure("flock", "", .badFileDescriptor)
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
      throw failure(call, "", .badFileDescriptor)
    }
    return file
  }
}

private func failure(_ call: String, _ path: FilePath, _ cause: Errno) -> DiskQueueError {
  DiskQueueError(call: call, path: path, cause: cause)
}

private func name(_ path: String) -> String {
  path.split(separator: "/").last.map(String.init) ?? path
}

extension InMemoryDisk.Node {
  fileprivate var status: FileStatus {
    content.withLock { content in
      FileStatus(
        device: 1, inode: inode, size: Int64(content.bytes.count),
        kind: isDirectory ? .directory : .file,
        ownership: content.ownership, modified: content.modified)
    }
  }
}

extension InMemoryDisk.State {
  fileprivate mutating func tick() -> Timestamp {
    time += 1000
    return Timestamp(nanoseconds: time)
  }

  fileprivate mutating func add(_ path: String, isDirectory: Bool, inode: UInt64? = nil)
    -> InMemoryDisk.Node
  {
    lastInode = max(lastInode, inode ?? 0) + 1
    let number = inode ?? freeNumbers?.popLast() ?? lastInode
    let node = InMemoryDisk.Node(
      inode: number, isDirectory: isDirectory,
      ownership: Ownership(user: 0, group: 0, mode: isDirectory ? 0o700 : 0o600), modified: tick())
    nodes[path] = node
    touch(path)
    return node
  }

  /// The number of a file that has no name and is not open may be given to another.
  fileprivate mutating func forget(_ node: InMemoryDisk.Node) {
    guard freeNumbers != nil, !nodes.values.contains(where: { $0 === node }),
      !open.values.contains(where: { $0.node === node })
    else { return }
    freeNumbers?.append(node.inode)
  }

  /// A folder's time is when a name in it last changed.
  fileprivate mutating func touch(_ path: String) {
    let time = tick()
    parent(of: path)?.content.withLock { $0.modified = time }
  }

  fileprivate func parent(of path: String) -> InMemoryDisk.Node? {
    nodes[path.parent]
  }

  fileprivate var used: Int64 {
    var seen: Set<UInt64> = []
    return nodes.values.reduce(0) { sum, node in
      guard seen.insert(node.inode).inserted else { return sum }
      let size = Int64(node.content.withLock { $0.bytes.count })
      return sum + (size + block - 1) / block * block
    }
  }

  /// Files and folders, each once whatever names it has.
  fileprivate var count: Int { Set(nodes.values.map(\.inode)).count }

  fileprivate func expectRoom(_ call: String, _ path: FilePath) throws(DiskQueueError) {
    if let mostFiles, count >= mostFiles { throw failure(call, path, .noSpace) }
  }

  fileprivate mutating func log(_ call: String, _ path: String, _ detail: String = "") {
    if isRecording {
      calls.append([call, name(path), detail].filter { !$0.isEmpty }.joined(separator: " "))
    }
  }
}

/// Paths as plain text, since these disks ask for parents all the time.
extension String {
  /// The folder that holds it.
  var parent: String {
    guard let slash = utf8.lastIndex(of: UInt8(ascii: "/")), slash > startIndex else { return "/" }
    return String(self[..<slash])
  }

  /// The folders that hold it, below the root, the nearest first.
  var folders: [String] {
    var folders: [String] = []
    var folder = parent
    while folder != "/" {
      folders.append(folder)
      folder = folder.parent
    }
    return folders
  }
}
