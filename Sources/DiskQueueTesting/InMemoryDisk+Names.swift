package import DiskQueue
package import SystemPackage

/// The calls that change or list names.
extension InMemoryDisk {
  package func rename(_ source: FilePath, to target: FilePath) throws(DiskQueueError) {
    try state.withLock { (state) throws(DiskQueueError) in
      state.log("rename", source.string, "to \(InMemoryDisk.name(target.string))")
      guard let node = state.nodes[source.string], state.parent(of: target.string) != nil else {
        throw InMemoryDisk.failure("rename", source, .noSuchFileOrDirectory)
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
      state.log("link", source.string, "to \(InMemoryDisk.name(target.string))")
      guard let node = state.nodes[source.string], state.parent(of: target.string) != nil else {
        throw InMemoryDisk.failure("link", source, .noSuchFileOrDirectory)
      }
      guard state.nodes[target.string] == nil else {
        throw InMemoryDisk.failure("link", target, .fileExists)
      }
      guard state.canLink else { throw InMemoryDisk.failure("link", source, .notPermitted) }
      state.nodes[target.string] = node
      state.touch(target.string)
    }
  }

  package func remove(_ path: FilePath) throws(DiskQueueError) {
    try state.withLock { (state) throws(DiskQueueError) in
      state.log("unlink", path.string)
      guard let node = state.nodes.removeValue(forKey: path.string) else {
        throw InMemoryDisk.failure("unlink", path, .noSuchFileOrDirectory)
      }
      state.forget(node)
      state.touch(path.string)
    }
  }

  package func makeDirectory(_ path: FilePath) throws(DiskQueueError) {
    try state.withLock { (state) throws(DiskQueueError) in
      state.log("mkdir", path.string)
      if state.nodes[path.string] != nil { throw InMemoryDisk.failure("mkdir", path, .fileExists) }
      try state.expectRoom("mkdir", path)
      guard state.parent(of: path.string) != nil else {
        throw InMemoryDisk.failure("mkdir", path, .noSuchFileOrDirectory)
      }
      _ = state.add(path.string, isDirectory: true)
    }
  }

  package func removeDirectory(_ path: FilePath) throws(DiskQueueError) {
    try state.withLock { (state) throws(DiskQueueError) in
      let prefix = path.string + "/"
      if state.nodes.keys.contains(where: { $0.hasPrefix(prefix) }) {
        throw InMemoryDisk.failure("rmdir", path, .directoryNotEmpty)
      }
      guard state.nodes.removeValue(forKey: path.string) != nil else {
        throw InMemoryDisk.failure("rmdir", path, .noSuchFileOrDirectory)
      }
    }
  }

  package func list(_ path: FilePath) throws(DiskQueueError) -> [[UInt8]] {
    try state.withLock { (state) throws(DiskQueueError) in
      guard state.nodes[path.string]?.isDirectory == true else {
        throw InMemoryDisk.failure("opendir", path, .noSuchFileOrDirectory)
      }
      let prefix = path.string + "/"
      return state.nodes.keys.compactMap { name in
        guard name.hasPrefix(prefix) else { return nil }
        let rest = name.dropFirst(prefix.count)
        return rest.contains("/") ? nil : Array(rest.utf8)
      }
    }
  }
}
