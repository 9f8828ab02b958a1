package import DiskQueue
import QueueInspection
import SystemPackage

/// Plans the way back: every file of a queue as it was before an operation, byte for byte.
///
/// A file that is as it was stays; one that has another name gets its own back; one that was taken out
/// comes back from the operation's folder; one that was cut gets back what was cut off; what the
/// operation made moves out. A file is the same only by its number, size, time and, of metadata, its
/// bytes: see ``OperationRecord/Image``.
package struct UndoPlanner: Sendable {
  let planner: Planner
  let record: OperationRecord

  package init(_ planner: Planner, _ record: OperationRecord) {
    self.planner = planner
    self.record = record
  }

  /// Works the plan out.
  ///
  /// - Throws: `refused` with the reason when the operation was never finished, is undone already,
  ///   or the queue has moved on.
  package func plan() throws(DiskQueueError) -> Plan {
    switch record.state {
    case .done: break
    case .undone: throw refused("it is undone already")
    case .interrupted:
      throw refused("it was interrupted; what it took out is in its folder")
    }
    let (files, outcome) = try planner.recover(record.queue, mayBeNew: true)
    let now = OperationRecord.images(files)
    guard now.count == record.after.count,
      zip(now, record.after).allSatisfy({ $0.means(the: $1) })
    else {
      throw refused("the queue has moved on since; its files are not as the operation left them")
    }
    var plan = planner.plan(.undo, record.queue, files, outcome)
    plan.undoes = record.id
    let byName = Dictionary(now.map { ($0.entry, $0) }) { first, _ in first }
    let byNumber = Dictionary(now.map { ($0.inode, $0) }) { first, _ in first }
    let cuts = try self.cuts()
    var stays: Set<[UInt8]> = []
    let metadata = FileName.metadata.entry(of: record.queue)
    for image in record.before where image.entry != metadata {
      if let here = byName[image.entry], here.isSame(as: image) {
        stays.insert(image.entry)
      } else if let here = byName[image.entry], here.inode == image.inode,
        try resize(image, here, cuts[image.entry], &plan)
      {
        stays.insert(image.entry)
      } else if let other = byNumber[image.inode], other.isSame(as: image) {
        plan.changes.append(.renumber(other.entry, to: image.entry))
        stays.insert(other.entry)
        step(&plan, "rename", other.entry, "it becomes \(FieldText.name(image.entry)) again")
      } else {
        plan.changes.append(.bringBack(try kept(image), as: image.entry))
        step(&plan, "restore", image.entry, "it comes back as it was")
      }
    }
    for image in now where image.entry != metadata && !stays.contains(image.entry) {
      plan.changes.append(.moveOut(image.entry))
      if !record.before.contains(where: { $0.entry == image.entry }) {
        step(&plan, "move", image.entry, "the operation made it; it moves to the backup")
      }
    }
    try changeMetadata(byName[metadata], &plan)
    try changeQuarantine(&plan)
    return plan
  }

  /// What the operation took from the quarantine gets its name there again; what it put there, as undoing
  /// another one, leaves again.
  private func changeQuarantine(_ plan: inout Plan) throws(DiskQueueError) {
    let taken = ChangeSet.quarantined(record.folder)
    for name in try names(in: taken) {
      plan.changes.append(.detain(taken.entry(name), as: name))
      step(&plan, "restore", BadFile.quarantine + name, "it is in quarantine again")
    }
    guard let undone = record.undoes, OperationStore.isID(undone) else { return }
    let folder = record.folder.removingLastComponent().entry(Array(undone.utf8))
    let now = try Quarantine.list(in: planner.directory, disk: planner.disk, only: record.queue)
    for name in try names(in: ChangeSet.quarantined(folder))
    where now[record.queue]?.contains(where: { $0.quarantined == name }) == true {
      plan.changes.append(.release(name))
      step(&plan, "move", BadFile.quarantine + name, "it moves to the backup")
    }
  }

  /// The quarantine's names in a folder.
  private func names(in folder: FilePath) throws(DiskQueueError) -> [[UInt8]] {
    guard try planner.disk.exists(folder) else { return [] }
    return try planner.disk.list(folder)
      .filter { Quarantine.parse($0)?.queue == record.queue }
      .sorted { $0.lexicographicallyPrecedes($1) }
  }

  private func changeMetadata(_ here: OperationRecord.Image?, _ plan: inout Plan)
    throws(DiskQueueError)
  {
    let entry = FileName.metadata.entry(of: record.queue)
    let before = record.before.first { $0.entry == entry }
    if let bytes = before?.bytes { plan.after = MetadataReading(bytes).whole ?? plan.after }
    plan.messages = plan.after.depth
    switch (before, here) {
    case (nil, nil): break
    case (nil, _):
      plan.changes.append(.metadata(nil))
      step(&plan, "move", entry, "there was none before; it moves to the backup")
    case (let before?, let here):
      if let here, here.isSame(as: before) { return }
      plan.changes.append(.bringBackMetadata(try kept(before)))
      step(&plan, "restore", entry, "it comes back as it was")
    }
  }

  /// Cuts what was added, or gives back what was cut; false when it is another file.
  private func resize(
    _ image: OperationRecord.Image, _ here: OperationRecord.Image,
    _ cut: (offset: Int64, path: FilePath)?, _ plan: inout Plan
  ) throws(DiskQueueError) -> Bool {
    if let cut {
      guard try cut.offset + planner.disk.status(at: cut.path).size == image.size,
        here.size >= cut.offset
      else { return false }
      if here.size > cut.offset {
        plan.changes.append(.cut(image.entry, at: cut.offset))
        step(
          &plan, "cut", image.entry,
          "\(here.size - cut.offset) bytes were added; they are kept")
      }
      plan.changes.append(.giveBack(cut.path, to: image.entry, at: cut.offset))
      step(
        &plan, "restore", image.entry, "from \(cut.offset) on it gets back what was cut off")
      return true
    }
    // A drain's source or an inject's target: only appended to, never written over.
    guard here.size > image.size else { return false }
    plan.changes.append(.cut(image.entry, at: image.size))
    step(
      &plan, "cut", image.entry, "\(here.size - image.size) bytes were added; they are kept")
    return true
  }

  /// The file in the operation's folder that an image is of.
  private func kept(_ image: OperationRecord.Image) throws(DiskQueueError) -> FilePath {
    let path = ChangeSet.old(record.folder).entry(image.entry)
    let isThere: Bool
    do { isThere = try planner.disk.status(at: path).size == image.size } catch {
      guard error.code == .notFound else { throw error }
      isThere = false
    }
    guard isThere else {
      throw refused("\(FieldText.name(image.entry)) is not in the operation's folder as it was")
    }
    if let bytes = image.bytes, try planner.disk.contents(of: path, limit: 4096) != bytes {
      throw refused("\(FieldText.name(image.entry)) in the operation's folder has changed")
    }
    return path
  }

  /// What the operation cut from files, and where.
  private func cuts() throws(DiskQueueError) -> [[UInt8]: (offset: Int64, path: FilePath)] {
    let folder = ChangeSet.cut(record.folder)
    guard try planner.disk.exists(folder) else { return [:] }
    var cuts: [[UInt8]: (offset: Int64, path: FilePath)] = [:]
    for name in try planner.disk.list(folder) {
      guard let at = name.lastIndex(of: UInt8(ascii: "@")),
        let offset = Int64(String(decoding: name[(at + 1)...], as: UTF8.self)), offset >= 0
      else { continue }
      cuts[Array(name[..<at])] = (offset, folder.entry(name))
    }
    return cuts
  }

  private func step(_ plan: inout Plan, _ step: String, _ entry: [UInt8], _ why: String) {
    plan.steps.append(.init(step: step, file: FieldText.name(entry), why: why))
  }

  private func refused(_ why: String) -> DiskQueueError {
    DiskQueueError(
      .refused, "operation \(record.id) (\(record.kind.rawValue)) cannot be undone: \(why)",
      path: record.folder)
  }
}
