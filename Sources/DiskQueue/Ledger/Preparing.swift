import SystemPackage

/// Turns changes into the steps of a journal, writing what is new beside them.
struct Preparing {
  private let set: ChangeSet
  private let files: QueueFiles
  /// Entries that leave and whose names are taken by what comes.
  private var replaced: Set<[UInt8]> = []
  private let before: [OperationRecord.Image]
  private var early: [Journal.Step] = []
  private var flip: Journal.Step?
  private var late: [Journal.Step] = []
  /// The metadata as it is and as it will be, where there is any that can be read.
  private let current: Metadata?
  private let next: Metadata?

  init(_ set: ChangeSet, _ files: QueueFiles, _ changes: [FileChange]) {
    self.set = set
    self.files = files
    before = OperationRecord.images(files)
    current = files.metadata?.reading.whole
    var next = current
    for change in changes {
      if case .metadata(let bytes) = change { next = bytes.flatMap { MetadataReading($0).whole } }
    }
    self.next = next
  }

  var journal: Journal {
    Journal(
      folder: set.folder, before: before,
      steps: early + [flip].compactMap { $0 } + late)
  }

  mutating func prepare(_ change: FileChange) throws(DiskQueueError) {
    switch change {
    case .keep(let entry, let range):
      let kept = ChangeSet.kept(set.folder)
      try set.disk.makeOwnedDirectory(kept, like: set.directory)
      let name = entry + Array("@\(range.lowerBound)".utf8)
      try set.build(
        kept.entry(name), [Piece(entry: entry, start: range.lowerBound, end: range.upperBound)])
      try set.disk.syncDirectory(kept)
    case .build(let entry, let pieces):
      try makeWay(for: entry)
      try set.build(new(entry), pieces)
      early.append(.place(try image(entry, new(entry))))
    case .renumber(let entry, let target): try renumber(entry, target)
    case .bringBack(let path, let entry):
      try makeWay(for: entry)
      early.append(.bring(path, try image(entry, path)))
    case .giveBack(let path, let entry, let offset):
      _ = try status(entry)
      let size = try set.disk.status(at: path).size
      let step = Journal.Step.give(path, entry, at: offset, count: size)
      // What was added since must have gone from there first.
      if late.contains(.cut(entry, offset)) { late.append(step) } else { early.append(step) }
    case .cut(let entry, let offset): try cut(entry, offset)
    case .metadata(let bytes):
      try keepMetadata()
      guard let bytes else { return flip = .flipToNone }
      try set.disk.writeNew(new(metadata), bytes, ownership: set.ownership)
      flip = .flip(try image(metadata, new(metadata), bytes: bytes))
    case .bringBackMetadata(let path):
      try keepMetadata()
      let bytes = try set.disk.contents(of: path, limit: 4096) ?? []
      flip = .flipBack(path, try image(metadata, path, bytes: bytes))
    case .release(let name):
      let folder = ChangeSet.quarantined(set.folder)
      try set.disk.makeOwnedDirectory(folder, like: set.directory)
      late.append(.release(name))
    case .detain(let path, let name): late.append(.detain(path, name))
    case .moveOut(let entry):
      _ = try status(entry)
      if !replaced.contains(entry) { late.append(.out(entry)) }
    }
  }

  private var metadata: [UInt8] { FileName.metadata.entry(of: set.queue) }

  private func new(_ entry: [UInt8]) -> FilePath { ChangeSet.new(set.folder).entry(entry) }

  private func image(_ entry: [UInt8], _ path: FilePath, bytes: [UInt8]? = nil)
    throws(DiskQueueError) -> OperationRecord.Image
  {
    OperationRecord.Image(entry, try set.disk.status(at: path), bytes: bytes)
  }

  private func status(_ entry: [UInt8]) throws(DiskQueueError) -> FileStatus {
    if let status = files.statuses[entry] { return status }
    throw DiskQueueError(
      .planVoid, "a file of the plan is gone", path: set.directory.entry(entry))
  }

  /// What is there under the name keeps another one, since it will be renamed over.
  private mutating func makeWay(for entry: [UInt8]) throws(DiskQueueError) {
    guard files.statuses[entry] != nil else { return }
    try secondName(of: entry, at: ChangeSet.old(set.folder).entry(entry))
    replaced.insert(entry)
    late.removeAll { $0 == .out(entry) }
  }

  private mutating func renumber(_ entry: [UInt8], _ target: [UInt8]) throws(DiskQueueError) {
    _ = try status(entry)
    try makeWay(for: target)
    let isLinked = try secondName(of: entry, at: new(target))
    early.append(.place(try image(target, new(target))))
    late.append(isLinked ? .drop(entry, sameAs: target) : .out(entry))
  }

  /// Links a file, or copies it where the file system has no links; returns whether it is linked.
  @discardableResult
  private func secondName(of entry: [UInt8], at path: FilePath) throws(DiskQueueError) -> Bool {
    try ChangeSet.secondName(
      set.directory.entry(entry), at: path, size: try status(entry).size, set.ownership, set.disk)
  }

  /// The metadata that is replaced keeps a name: it is what undoing brings back.
  private func keepMetadata() throws(DiskQueueError) {
    guard files.metadata != nil else { return }
    try secondName(of: metadata, at: ChangeSet.old(set.folder).entry(metadata))
  }

  /// A file is cut while no metadata speaks of what is cut off: before it changes or after it.
  private mutating func cut(_ entry: [UInt8], _ offset: Int64) throws(DiskQueueError) {
    let size = try status(entry).size
    try ChangeSet.keep(
      set.directory.entry(entry), offset..<max(offset, size),
      at: ChangeSet.cut(set.folder, entry, offset), set.ownership, set.disk)
    guard case .segment(let number) = FileName.parse(entry)?.file else { return }
    let isFree = current.map { !$0.speaks(of: number, beyond: offset) } ?? true
    if isFree { early.append(.cut(entry, offset)) } else { late.append(.cut(entry, offset)) }
  }
}

extension Metadata {
  /// Whether a position of it lies behind `offset` of a segment.
  fileprivate func speaks(of number: Int64, beyond offset: Int64) -> Bool {
    read.file == number && read.offset > offset || write.file == number && write.offset > offset
  }
}
