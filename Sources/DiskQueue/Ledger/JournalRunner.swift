import SystemPackage

/// Does what a journal says, as far as it is not done; doing it again does no harm.
struct JournalRunner {
  let journal: Journal
  let ledger: Ledger
  private var disk: any Disk { ledger.disk }
  private var directory: FilePath { ledger.directory }
  private var old: FilePath { ChangeSet.old(journal.folder) }
  private var new: FilePath { ChangeSet.new(journal.folder) }
  /// What the queue's files were.
  let before: [[UInt8]: OperationRecord.Image]
  /// What comes into the directory.
  let coming: [[UInt8]: OperationRecord.Image]
  /// Where a file is cut.
  private let cuts: [[UInt8]: Int64]
  /// What a file is given back, and from where on.
  private let gives: [[UInt8]: (offset: Int64, count: Int64, source: FilePath)]

  init(_ journal: Journal, _ ledger: Ledger) {
    self.journal = journal
    self.ledger = ledger
    before = Dictionary(journal.before.map { ($0.entry, $0) }) { first, _ in first }
    var cuts: [[UInt8]: Int64] = [:]
    var gives: [[UInt8]: (offset: Int64, count: Int64, source: FilePath)] = [:]
    var coming: [[UInt8]: OperationRecord.Image] = [:]
    for step in journal.steps {
      switch step {
      case .cut(let entry, let offset): cuts[entry] = offset
      case .give(let path, let entry, let offset, let count):
        gives[entry] = (offset, count, path)
      case .place(let image), .bring(_, let image): coming[image.entry] = image
      default: break
      }
    }
    (self.cuts, self.gives, self.coming) = (cuts, gives, coming)
  }

  /// All of it.
  func run() throws(DiskQueueError) {
    let flip = journal.steps.firstIndex { $0.isFlip } ?? journal.steps.count
    for step in journal.steps[..<flip] { try run(step) }
    // What comes must be there before the metadata speaks of it.
    try disk.syncDirectory(directory)
    try finish(mustFlip: true)
  }

  /// The change of the metadata and what comes after it.
  ///
  /// With `mustFlip` nobody can have changed the metadata since: what is old leaves only where it is what
  /// was wanted, whatever has become of its source.
  func finish(mustFlip: Bool = false) throws(DiskQueueError) {
    guard let flip = journal.steps.firstIndex(where: { $0.isFlip }) else {
      return try sync()
    }
    try run(journal.steps[flip])
    if mustFlip { try expectFlipped(journal.steps[flip]) }
    try disk.syncDirectory(directory)
    for step in journal.steps[(flip + 1)...] { try run(step) }
    try sync()
  }

  private func expectFlipped(_ step: Journal.Step) throws(DiskQueueError) {
    switch step {
    case .flip(let wanted), .flipBack(_, let wanted):
      if try image(wanted.entry)?.bytes == wanted.bytes { return }
      throw DiskQueueError(
        .planVoid, "the metadata is not what the operation makes of it; its files stay",
        path: directory.entry(wanted.entry))
    default: return
    }
  }

  private func sync() throws(DiskQueueError) {
    for path in [old, new, directory] { try disk.syncDirectory(path) }
  }

  private func run(_ step: Journal.Step) throws(DiskQueueError) {
    switch step {
    case .place(let image): try bring(new.entry(image.entry), image.entry)
    case .bring(let path, let image): try bring(path, image.entry)
    case .give(let path, let entry, let offset, let count):
      // Another program may have written to it since; what it wrote is not written over.
      guard let now = try image(entry), try isOurs(now), now.size >= offset else { return }
      let source = try disk.open(path, .read)
      defer { disk.close(source) }
      let handle = try disk.open(directory.entry(entry), .write)
      defer { disk.close(handle) }
      try ChangeSet.copy(source, 0..<count, to: handle, at: offset, disk)
      try disk.syncAll(handle)
    case .cut(let entry, let offset):
      guard let now = try image(entry), now.inode == before[entry]?.inode, now.size > offset
      else { return }
      // Another program has written to it since: what it wrote is not cut off.
      guard before[entry].map({ now.isSame(as: $0) }) == true else { return }
      let handle = try disk.open(directory.entry(entry), .write)
      defer { disk.close(handle) }
      try disk.truncate(handle, to: offset)
      try disk.syncAll(handle)
    case .flip(let image): try bring(new.entry(image.entry), image.entry)
    case .flipBack(let path, let image): try bring(path, image.entry)
    case .flipToNone:
      let metadata = journal.before.first { $0.bytes != nil }
      guard let metadata, try image(metadata.entry)?.isSame(as: metadata) == true else { return }
      try disk.remove(directory.entry(metadata.entry))
    case .out(let entry):
      guard let now = try image(entry), try isOurs(now) else { return }
      try disk.rename(directory.entry(entry), to: old.entry(entry))
    case .release(let name):
      let folder = Quarantine.folder(directory)
      guard try disk.exists(folder.entry(name)) else { return }
      let target = ChangeSet.quarantined(journal.folder)
      try disk.rename(folder.entry(name), to: target.entry(name))
      for path in [target, folder] { try disk.syncDirectory(path) }
    case .detain(let path, let name): try Quarantine.takeBack(path, as: name, ledger)
    case .drop(let entry, let other):
      guard let now = try image(entry), let kept = try image(other), now.inode == kept.inode,
        entry != other
      else { return }
      try disk.remove(directory.entry(entry))
    }
  }

  /// Whether a file is as it was before the operation, cut, or longer by what was given back.
  func isOurs(_ now: OperationRecord.Image) throws(DiskQueueError) -> Bool {
    guard let was = before[now.entry] else { return false }
    if now.isSame(as: was) { return true }
    guard now.inode == was.inode else { return false }
    if now.size == cuts[now.entry] { return true }
    guard let give = gives[now.entry], now.size >= give.offset,
      now.size <= give.offset + give.count
    else { return false }
    // Another program may have added as many bytes.
    return try holds(now.entry, give, size: now.size)
  }

  /// Whether what lies behind the offset of a file is a first part of what it is given.
  private func holds(
    _ entry: [UInt8], _ give: (offset: Int64, count: Int64, source: FilePath), size: Int64
  ) throws(DiskQueueError) -> Bool {
    let source = try disk.open(give.source, .read)
    defer { disk.close(source) }
    let target = try disk.open(directory.entry(entry), .read)
    defer { disk.close(target) }
    var (theirs, ours) = (
      [UInt8](repeating: 0, count: 1 << 16), [UInt8](repeating: 0, count: 1 << 16)
    )
    var at: Int64 = 0
    while give.offset + at < size {
      let count = Int(min(Int64(ours.count), size - give.offset - at))
      guard try disk.readFull(source, into: &ours, count: count, at: at) == count,
        try disk.readFull(target, into: &theirs, count: count, at: give.offset + at) == count,
        ours[..<count] == theirs[..<count]
      else { return false }
      at += Int64(count)
    }
    return true
  }

  /// From where on a file is given bytes back; nil when it is not.
  func given(_ entry: [UInt8]) -> Int64? { gives[entry]?.offset }

  /// Whether a file is one that the operation brings.
  func isComing(_ now: OperationRecord.Image) -> Bool {
    coming[now.entry].map { now.isSame(as: $0) } ?? false
  }

  /// The file under a name; nil when there is none.
  func image(_ entry: [UInt8]) throws(DiskQueueError) -> OperationRecord.Image? {
    let path = directory.entry(entry)
    let status: FileStatus
    do { status = try disk.status(at: path) } catch {
      if error.code == .notFound { return nil }
      throw error
    }
    let isMetadata = FileName.parse(entry)?.file == .metadata
    return OperationRecord.Image(
      entry, status, bytes: isMetadata ? try disk.contents(of: path, limit: 4096) : nil)
  }

  private func bring(_ source: FilePath, _ entry: [UInt8]) throws(DiskQueueError) {
    guard try disk.exists(source) else { return }
    // A rename onto another name of the same file would leave both.
    if let there = try image(entry), there.inode == (try disk.status(at: source).inode) {
      return try disk.remove(source)
    }
    try disk.rename(source, to: directory.entry(entry))
  }
}

extension Journal.Step {
  /// Whether it is the one that changes the metadata.
  var isFlip: Bool {
    switch self {
    case .flip, .flipBack, .flipToNone: true
    default: false
    }
  }
}
