package import DiskQueue
package import SystemPackage

/// What go-diskqueue 1.1.0 does to a directory, as far as a queue beside it can tell: it believes the
/// metadata, writes where that says, and gives a file up that it cannot read on.
package struct GoProgram {
  package enum Failure: Error { case spins }

  private let disk: any Disk
  private let directory: FilePath
  private let queue: QueueName
  private let limit: Int64
  private var depth: Int64 = 0
  private var read = Position(file: 0, offset: 0)
  private var write = Position(file: 0, offset: 0)
  /// Files it has renamed to `.bad`.
  package private(set) var given: [Int64] = []

  /// Opens a queue whose files are rolled before they pass `limit`.
  package init(_ queue: QueueName, in directory: FilePath, disk: any Disk, limit: Int64) throws {
    self.disk = disk
    self.directory = directory
    self.queue = queue
    self.limit = limit
    // Metadata that is not there is taken for an empty queue at 0.
    guard let bytes = try disk.contents(of: path(.metadata)),
      let metadata = MetadataReading(bytes).whole
    else { return }
    (depth, read, write) = (metadata.depth, metadata.read, metadata.write)
    // A file that is longer than the metadata says is left as it is.
    if let size = try size(write.file), size > write.offset {
      write = Position(file: write.file + 1, offset: 0)
    }
  }

  private func path(_ file: FileName) -> FilePath { directory.file(file, of: queue) }

  private func size(_ number: Int64) throws -> Int64? {
    do { return try disk.status(at: path(.segment(number))).size } catch {
      if error.code == .notFound { return nil }
      throw error
    }
  }

  package mutating func put(_ text: String) throws {
    let record = DirectoryBuilder.records([text])
    if write.offset > 0, write.offset + Int64(record.count) > limit {
      write = Position(file: write.file + 1, offset: 0)
      try persist()
    }
    let handle = try disk.open(path(.segment(write.file)), .create)
    defer { disk.close(handle) }
    try disk.writeAll(handle, record.span, at: write.offset)
    try disk.syncData(handle)
    write.offset += Int64(record.count)
    depth += 1
  }

  /// Reads all there is; what it cannot read it gives up.
  package mutating func takeAll() throws -> [String] {
    var texts: [String] = []
    var turns = 0
    while read < write {
      turns += 1
      if turns > 100_000 { throw Failure.spins }
      guard let text = try next() else {
        try giveUp()
        continue
      }
      texts.append(text)
      depth -= 1
      if read.file < write.file, read.offset >= (try size(read.file) ?? 0) {
        try disk.remove(path(.segment(read.file)))
        read = Position(file: read.file + 1, offset: 0)
      }
    }
    return texts
  }

  private mutating func next() throws -> String? {
    guard let bytes = try disk.contents(of: path(.segment(read.file)), limit: 1 << 24),
      bytes.count - Int(read.offset) >= Record.headerSize
    else { return nil }
    let length = Record.length(in: bytes.span, at: Int(read.offset))
    let start = Int(read.offset) + Record.headerSize
    guard length >= 0, start + length <= bytes.count else { return nil }
    read.offset += Record.size(of: length)
    return String(decoding: bytes[start..<(start + length)], as: UTF8.self)
  }

  private mutating func giveUp() throws {
    if read.file == write.file { write = Position(file: write.file + 1, offset: 0) }
    given.append(read.file)
    if try size(read.file) != nil {
      try disk.rename(path(.segment(read.file)), to: path(.bad(read.file, copy: 0)))
    }
    read = Position(file: read.file + 1, offset: 0)
  }

  /// Writes the metadata, as a clean close does.
  package mutating func persist() throws {
    let text = Metadata(depth: depth, read: read, write: write).text
    let temporary = path(.temporary(tag: "\(UInt32.random(in: .min ... .max))"))
    try disk.writeNew(temporary, Array(text.utf8), ownership: nil)
    try disk.rename(temporary, to: path(.metadata))
  }
}
