import SystemPackage

/// Plans the way back: every file of a queue as it was before an operation, byte for byte.
///
/// A file that is in place is cut to its old size, or gets back what was cut; one that has another
/// name gets its old one; one that was taken out comes back from the operation's folder; one that is
/// new moves out.
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
    guard OperationRecord.images(files) == record.after else {
      throw refused("the queue has moved on since; its files are not as the operation left them")
    }
    var plan = planner.plan(.undo, record.queue, files, outcome)
    plan.undoes = record.id
    var used: Set<[UInt8]> = []
    var outs: [FileChange] = []
    var renames: [FileChange] = []
    var backs: [FileChange] = []
    var sizes: [FileChange] = []
    for image in record.before {
      let name = String(decoding: image.entry, as: UTF8.self)
      if let current = files.statuses.first(where: { $0.value.inode == image.inode }) {
        used.insert(current.key)
        if current.key != image.entry {
          renames.append(.rename(current.key, to: image.entry))
          plan.steps.append(
            .init(
              step: "rename", file: String(decoding: current.key, as: UTF8.self),
              why: "it becomes \(name) again"))
        }
        try sizes.append(contentsOf: resize(image, current.value.size, &plan))
      } else {
        let kept = ChangeSet.old(record.folder).entry(image.entry)
        guard try planner.disk.exists(kept) else {
          throw refused("\(name) is no longer in the operation's folder")
        }
        backs.append(.bringBack(kept, as: image.entry))
        plan.steps.append(.init(step: "restore", file: name, why: "it comes back as it was"))
      }
    }
    for entry in files.statuses.keys.sorted(by: { $0.lexicographicallyPrecedes($1) })
    where !used.contains(entry) {
      outs.append(.moveOut(entry))
      let returns = record.before.contains { $0.entry == entry }
      if !returns {
        plan.steps.append(
          .init(
            step: "move", file: String(decoding: entry, as: UTF8.self),
            why: "the operation made it; it moves to the backup"))
      }
    }
    plan.changes = outs + UndoPlanner.ordered(renames) + backs + sizes
    return try predict(plan)
  }

  /// Cuts what was added, or gives back what was cut.
  private func resize(_ image: OperationRecord.Image, _ size: Int64, _ plan: inout Plan)
    throws(DiskQueueError) -> [FileChange]
  {
    let name = String(decoding: image.entry, as: UTF8.self)
    if let (offset, kept) = try cut(of: image.entry) {
      guard try offset + planner.disk.status(at: kept).size == image.size else {
        throw refused("what was cut from \(name) is not whole in the operation's folder")
      }
      plan.steps.append(
        .init(
          step: "restore", file: name, why: "from \(offset) on it gets back what was cut off"))
      return [.cut(image.entry, at: offset), .giveBack(kept, to: image.entry, at: offset)]
    }
    if size > image.size {
      plan.steps.append(
        .init(step: "cut", file: name, why: "\(size - image.size) bytes were added; they are kept"))
      return [.cut(image.entry, at: image.size)]
    }
    guard size == image.size else {
      throw refused("what was cut from \(name) is no longer in the operation's folder")
    }
    return []
  }

  /// What the operation cut from a file, and where; nil when it cut nothing.
  private func cut(of entry: [UInt8]) throws(DiskQueueError) -> (Int64, FilePath)? {
    let folder = ChangeSet.cut(record.folder)
    guard try planner.disk.exists(folder) else { return nil }
    let prefix = entry + Array("@".utf8)
    for name in try planner.disk.list(folder) where name.starts(with: prefix) {
      let offset = Int64(String(decoding: name.dropFirst(prefix.count), as: UTF8.self))
      if let offset { return (offset, folder.entry(name)) }
    }
    return nil
  }

  /// Renames so that each finds its target free.
  private static func ordered(_ renames: [FileChange]) -> [FileChange] {
    var left = renames
    var ordered: [FileChange] = []
    while !left.isEmpty {
      let sources = Set(
        left.compactMap { change -> [UInt8]? in
          if case .rename(let source, _) = change { source } else { nil }
        })
      let free = left.firstIndex { change in
        if case .rename(_, let target) = change { !sources.contains(target) } else { true }
      }
      ordered.append(left.remove(at: free ?? 0))
    }
    return ordered
  }

  /// What the metadata will be, told from the file that comes back.
  private func predict(_ plan: Plan) throws(DiskQueueError) -> Plan {
    var plan = plan
    let kept = ChangeSet.old(record.folder)
      .entry(FileName.metadata.entry(of: record.queue))
    let bytes = try planner.disk.contents(of: kept, limit: 4096)
    plan.after = bytes.flatMap { MetadataReading($0).whole } ?? plan.after
    plan.messages = plan.after.depth
    return plan
  }

  private func refused(_ why: String) -> DiskQueueError {
    DiskQueueError(
      .refused, "operation \(record.id) (\(record.kind.rawValue)) cannot be undone: \(why)",
      path: record.folder)
  }
}
