import SystemPackage

/// Opens a queue: locks, looks for other users, recovers, and brings the directory to a state that
/// every go-diskqueue version accepts.
struct Opening: ~Copyable {
  var engine: Engine
  var commit: Commit
  var findings: [Finding]

  /// With `expecting`, throws `planVoid` before anything is touched when the files differ from it.
  ///
  /// `beforeTouching` runs with the locks held, before any change.
  init(
    _ queue: QueueName, in directory: FilePath, options: QueueOptions, disk: any Disk,
    processes: any ProcessTable, expecting: QueueFiles?,
    beforeTouching: (Ownership?, [Recovery.Tail]) throws(DiskQueueError) -> Void
  ) throws(DiskQueueError) {
    try options.validate()
    guard try disk.status(at: directory).isDirectory else {
      throw DiskQueueError(.notFound, "this is not a directory", path: directory)
    }
    let lock = try QueueLock(queue, in: directory, disk: disk, processes: processes)
    do throws(DiskQueueError) {
      var files = try QueueFiles(queue, in: directory, disk: disk)
      try files.expectFiles(in: directory)
      // Before anything is touched: an act that was interrupted is not finished under an owner either.
      if options.checksOpenFiles {
        try Occupancy.refuse(
          files, in: directory, processes: processes, assumeOffline: options.assumeOffline,
          disk: disk)
      }
      if try Interrupted.settle(queue, in: directory, disk: disk) != .nothing {
        files = try QueueFiles(queue, in: directory, disk: disk)
        try files.expectFiles(in: directory)
      }
      if let expecting, files != expecting {
        throw DiskQueueError(
          .planVoid, "the queue's files have changed since the plan was made; nothing was touched",
          path: directory.file(.metadata, of: queue))
      }
      let found = try Recovery.recover(
        queue, files, in: directory, limits: options.limits, disk: disk,
        salvages: options.damage == .salvage)
      let place = Place(
        queue: queue, directory: directory, disk: disk, options: options,
        ownership: try disk.ownership(for: files, in: directory),
        events: EventHub(queue: queue, logger: options.logger, replay: found.findings))
      try beforeTouching(place.ownership, found.tails)
      var metadata = MetadataStore(place, stored: files.metadata?.reading.whole)
      try Opening.settle(place, files, found, &metadata)
      engine = Engine(place, state: found.state)
      engine.lacksMetadata = metadata.stored == nil
      commit = Commit(place, lock: lock, metadata: metadata)
      findings = found.findings
    } catch {
      lock.release(disk)
      throw error
    }
  }

  /// Cuts what is no record, writes the metadata the state calls for, lets spent segments go.
  private static func settle(
    _ place: Place, _ files: QueueFiles, _ found: Recovery.Outcome,
    _ metadata: inout MetadataStore
  ) throws(DiskQueueError) {
    if let tail = found.tails.first, place.options.damage == .stop {
      throw DiskQueueError(
        .damaged, "the last record is cut short, and the queue was opened to stop at damage",
        path: place.path(.segment(tail.segment.number)), offset: tail.end)
    }
    for tail in found.tails {
      try Quarantine.cut(
        tail, of: place.queue, in: place.directory, disk: place.disk, ownership: place.ownership)
    }
    let stored = files.metadata?.reading
    if !files.isEmpty, stored?.whole != found.state.metadata {
      // What a killed writer left may be in memory only; the metadata must not pass it.
      for segment in files.segments where segment.number >= stored?.write?.file ?? 0 {
        let handle = try place.disk.open(place.path(.segment(segment.number)), .write)
        defer { place.disk.close(handle) }
        try place.disk.syncData(handle)
      }
      try metadata.store(found.state.metadata)
    }
    for segment in found.spent { try place.retire(segment) }
  }
}
