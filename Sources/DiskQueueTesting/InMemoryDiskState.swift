import DiskQueue
import SystemPackage

/// What a disk in memory holds.
extension InMemoryDisk {
  final class Node: Sendable {
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

  struct OpenFile {
    var node: Node
    var path: String
    var writable: Bool
    var appends = false
    var lock: LockKind?
  }

  struct State {
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

  static func failure(_ call: String, _ path: FilePath, _ cause: Errno) -> DiskQueueError {
    DiskQueueError(call: call, path: path, cause: cause)
  }

  static func name(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }
}

extension InMemoryDisk.Node {
  var status: FileStatus {
    content.withLock { content in
      FileStatus(
        device: 1, inode: inode, size: Int64(content.bytes.count),
        kind: isDirectory ? .directory : .file,
        ownership: content.ownership, modified: content.modified)
    }
  }
}

extension InMemoryDisk.State {
  mutating func tick() -> Timestamp {
    time += 1000
    return Timestamp(nanoseconds: time)
  }

  mutating func add(_ path: String, isDirectory: Bool, inode: UInt64? = nil)
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
  mutating func forget(_ node: InMemoryDisk.Node) {
    guard freeNumbers != nil, !nodes.values.contains(where: { $0 === node }),
      !open.values.contains(where: { $0.node === node })
    else { return }
    freeNumbers?.append(node.inode)
  }

  /// A folder's time is when a name in it last changed.
  mutating func touch(_ path: String) {
    let time = tick()
    parent(of: path)?.content.withLock { $0.modified = time }
  }

  func parent(of path: String) -> InMemoryDisk.Node? {
    nodes[path.parent]
  }

  var used: Int64 {
    var seen: Set<UInt64> = []
    return nodes.values.reduce(0) { sum, node in
      guard seen.insert(node.inode).inserted else { return sum }
      let size = Int64(node.content.withLock { $0.bytes.count })
      return sum + (size + block - 1) / block * block
    }
  }

  /// Files and folders, each once whatever names it has.
  var count: Int { Set(nodes.values.map(\.inode)).count }

  func expectRoom(_ call: String, _ path: FilePath) throws(DiskQueueError) {
    if let mostFiles, count >= mostFiles { throw InMemoryDisk.failure(call, path, .noSpace) }
  }

  mutating func log(_ call: String, _ path: String, _ detail: String = "") {
    if isRecording {
      calls.append(
        [call, InMemoryDisk.name(path), detail].filter { !$0.isEmpty }.joined(separator: " "))
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
