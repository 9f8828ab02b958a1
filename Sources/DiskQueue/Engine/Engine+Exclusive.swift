import DequeModule
import SystemPackage

/// What moves a queue and has the metadata written in the same breath: the commit lock is held too.
extension Engine {
  /// A sync while everything is held.
  mutating func sync(_ commit: inout Commit) throws(DiskQueueError) {
    let job = beginSync()
    try commit.perform(job)
    endSync(job)
  }

  /// Makes room for a record of `size`: rolls, and keeps to the capacity.
  mutating func makeRoom(for size: Int64, _ commit: inout Commit) throws(DiskQueueError) {
    if lacksMetadata {
      try commit.metadata.store(state.metadata)
      lacksMetadata = false
    }
    if mustRoll(for: size) { try roll(&commit) }
    guard let capacity = place.options.capacity else { return }
    while capacity.isPassed(by: state, size, 1) {
      guard capacity.policy == .dropOldest, capacity.holds(size), state.read < state.write else {
        throw DiskQueueError(
          .queueFull, "the queue is full: \(capacity) and \(state.depth) messages are unread",
          path: place.path(.metadata))
      }
      try dropOldest(&commit)
    }
  }

  /// Finishes the write segment.
  ///
  /// The metadata speaks of the next one before that exists, so that a Go program that opens after
  /// a kill finds all of it.
  mutating func roll(_ commit: inout Commit) throws(DiskQueueError) {
    try commit.perform(writer.unsynced(upTo: state.write))
    commit.durable = appended
    writer.close()
    var next = state.write.file + 1
    while try place.disk.exists(place.path(.segment(next))) { next += 1 }
    guard next <= FileName.largestNumber else {
      throw DiskQueueError(
        .damaged,
        "there is no segment number after \(state.write.file); empty the queue's "
          + "directory of this number, or start a queue of another name",
        path: place.path(.segment(state.write.file)))
    }
    if let passed = state.rolled(to: next) { finish([passed]) }
    try sync(&commit)
  }

  private mutating func dropOldest(_ commit: inout Commit) throws(DiskQueueError) {
    if state.complete.isEmpty { try roll(&commit) }
    let dropped = state.read.file
    let before = state.depth
    let remaining = try remaining(from: Position(file: dropped + 1, offset: 0))
    if let segment = state.skippedReadSegment(remaining: remaining) { finish([segment]) }
    try sync(&commit)
    place.events.post(.droppedOldest(segment: dropped, messages: before - remaining))
  }

  /// Sets the damage at the read position aside, as the options say, and goes on behind it.
  ///
  /// A cut record or a run of zeros at the segment's end goes into the quarantine folder: the file
  /// was good. Anything else makes the file `.bad`, as go-diskqueue does, or is salvaged.
  mutating func giveUp(_ seen: RecordScanner.Stop, _ commit: inout Commit) throws(DiskQueueError) {
    let at = state.read
    if place.options.damage == .stop {
      throw DiskQueueError(
        .damaged, "there is no record here, and the queue was opened to stop at damage",
        path: place.path(.segment(at.file)), offset: at.offset)
    }
    if at.file == state.write.file { try roll(&commit) }
    let end = state.end(of: at.file)
    var scanner = SegmentScanner(disk: place.disk)
    let stop = try scanner.scan(
      place.path(.segment(at.file)), size: end, from: at.offset, limits: place.options.limits,
      most: 1
    ).stop
    switch stop == .end ? seen : stop {
    case .torn, .zeros, .end:
      try keep(from: at, to: end)
      try skipRest(of: at, stop == .zeros ? .zeroTail : .tornTail, &commit)
    case .badLength where place.options.damage == .salvage:
      let search = ChainSearch(disk: place.disk, limits: place.options.limits)
      let path = place.path(.segment(at.file))
      let next = try search.next(path, after: at.offset, end: end)
      try keep(from: at, to: next ?? end)
      guard let next else { return try skipRest(of: at, .badLength, &commit) }
      _ = state.consumed(records: 0, to: Position(file: at.file, offset: next))
      state.counted(try remaining(from: state.read))
      try sync(&commit)
      found(.badLength, at, "\(next - at.offset) bytes that are no record are kept in quarantine")
    case .badLength(let length):
      let remaining = try remaining(from: Position(file: at.file + 1, offset: 0))
      let bad = try Quarantine.markBad(
        at.file, of: place.queue, in: place.directory, disk: place.disk)
      _ = state.skippedReadSegment(remaining: remaining)
      try sync(&commit)
      let kept = String(decoding: bad.entry(of: place.queue), as: UTF8.self)
      found(
        .badLength, at, "the length \(length) cannot be right; the segment is kept as \(kept)")
    }
  }

  private func keep(from start: Position, to end: Int64) throws(DiskQueueError) {
    let handle = try place.disk.open(place.path(.segment(start.file)), .read)
    defer { place.disk.close(handle) }
    try Quarantine.keep(
      handle, from: start.offset, to: end, as: Array(place.entry(start.file).utf8),
      in: place.directory, disk: place.disk, ownership: place.ownership)
  }

  private mutating func skipRest(
    of at: Position, _ code: Finding.Code, _ commit: inout Commit
  ) throws(DiskQueueError) {
    let remaining = try remaining(from: Position(file: at.file + 1, offset: 0))
    if let skipped = state.skippedReadSegment(remaining: remaining) { finish([skipped]) }
    try sync(&commit)
    found(code, at, "the rest of the segment is no message and is kept in quarantine")
  }

  /// The read segment has vanished: its messages cannot be had, so the next one is read.
  mutating func skipMissing(_ commit: inout Commit) throws(DiskQueueError) {
    let at = state.read
    if at.file == state.write.file { try roll(&commit) }
    let remaining = try remaining(from: Position(file: at.file + 1, offset: 0))
    _ = state.skippedReadSegment(remaining: remaining)
    try sync(&commit)
    found(.missingSegment, at, "the segment has vanished; reading goes on with the next one")
  }

  private func found(_ code: Finding.Code, _ at: Position, _ text: String) {
    place.events.post(
      .found(Finding(code, .error, file: place.entry(at.file), offset: at.offset, text)))
  }

  /// Messages that can be read from `start` on.
  func remaining(from start: Position) throws(DiskQueueError) -> Int64 {
    var total: Int64 = 0
    var rest = state.complete.filter { $0.number >= start.file }
    if state.write.offset > 0, state.write.file >= start.file {
      rest.append(SegmentFile(number: state.write.file, size: state.write.offset))
    }
    for segment in rest {
      let from = segment.number == start.file ? start.offset : 0
      do { total += try readable(segment, from: from) } catch {
        if error.code != .notFound { throw error }
      }
    }
    return total
  }

  /// Messages of one segment that taking would deliver.
  private func readable(_ segment: SegmentFile, from start: Int64) throws(DiskQueueError) -> Int64 {
    let path = place.path(.segment(segment.number))
    var scanner = SegmentScanner(disk: place.disk)
    var total: Int64 = 0
    var from = start
    while true {
      let found = try scanner.scan(
        path, size: segment.size, from: from, limits: place.options.limits, trusted: segment.size)
      total += found.records
      guard case .badLength = found.stop, place.options.damage == .salvage,
        let next = try ChainSearch(disk: place.disk, limits: place.options.limits)
          .next(path, after: found.end, end: segment.size)
      else { return total }
      from = next
    }
  }

  /// Counts what is left when the depth was found to be wrong.
  mutating func count() throws(DiskQueueError) {
    if mustCount { state.counted(try remaining(from: state.read)) }
  }

  /// Drops all messages and goes on in a fresh segment.
  mutating func empty(_ commit: inout Commit) throws(DiskQueueError) {
    writer.close()
    let files = try QueueFiles(place.queue, in: place.directory, disk: place.disk)
    let last = max(state.write.file, files.segments.last?.number ?? 0)
    let next = files.segments.isEmpty && state.write.offset == 0 ? state.write.file : last + 1
    finished.removeAll()
    finish(files.segments)
    state.emptied(to: next)
    try sync(&commit)
  }

  /// Syncs what is not covered, and the metadata where it differs.
  mutating func settle(_ commit: inout Commit) throws(DiskQueueError) {
    if isPastLimit { try roll(&commit) }
    if needsSync || commit.metadata.stored.map({ $0 != state.metadata }) ?? false {
      try sync(&commit)
    }
  }

  /// Removes exactly this queue's files.
  mutating func delete() throws(DiskQueueError) {
    writer.close()
    let names = QueueFiles.group(try place.disk.list(place.directory))[place.queue] ?? []
    // Metadata last: a crash in between must not turn what is left into an orphan without a queue.
    for name in names where name != .metadata {
      try place.disk.removeIfPresent(place.path(name))
    }
    try place.disk.removeIfPresent(place.path(.metadata))
    try place.disk.syncDirectory(place.directory)
  }
}
