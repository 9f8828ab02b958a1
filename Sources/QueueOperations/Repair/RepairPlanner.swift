package import DiskQueue
import QueueInspection
import SystemPackage

/// From what a queue's files hold to what must change: the plan of a repair.
///
/// 1. Recovery tells where the queue stands, as opening it would.
/// 2. Every unread segment is read through; one with damage is rebuilt from what is certain or
///    likely, or only cut when nothing follows the damage. Order is kept.
/// 3. Segments that are read, and leftovers, move to the operation's folder.
/// 4. Gaps in the numbers are closed upwards, so that no reader stumbles over them.
/// 5. What `.bad` files and the quarantine still owe goes to the tail, when that is asked for.
/// 6. The metadata is written from what came of it.
package struct RepairPlanner {
  /// What an operator asks a repair for.
  package struct Request: Hashable, Sendable {
    /// Look into `.bad` files: those that hold nothing that can be put back are set aside.
    package var bad = false
    /// Put back what was surely never delivered: what lies behind the damage of `.bad` files.
    ///
    /// A whole file stays where it is.
    package var requeuesBad = false
    /// Put back everything readable in `.bad` files, perhaps a second time.
    package var requeuesAllBad = false
    /// Set whole `.bad` files aside.
    package var setsBadAside = false
    /// Put back what may be a message, too.
    package var guesses = false

    package init(
      bad: Bool = false, requeuesBad: Bool = false, requeuesAllBad: Bool = false,
      setsBadAside: Bool = false, guesses: Bool = false
    ) {
      self.bad = bad
      self.requeuesBad = requeuesBad
      self.requeuesAllBad = requeuesAllBad
      self.setsBadAside = setsBadAside
      self.guesses = guesses
    }

    var looksAtBad: Bool { bad || requeuesBad || requeuesAllBad || setsBadAside }
    /// The least sure message that is put back.
    var least: Confidence { guesses ? .guess : .likely }
  }

  let planner: Planner
  let queue: QueueName
  let request: Request
  let watch: SegmentScanner.Watch?

  private let files: QueueFiles
  private let outcome: Recovery.Outcome
  private var plan: Plan
  private var layout: SegmentLayout
  /// Messages that stay in `.bad` files.
  private var inBad: Int64 = 0
  /// Messages that come from the quarantine, which no depth counts.
  private var fromQuarantine: Int64 = 0
  /// Whole `.bad` files that somebody has to decide about.
  private var undecided: [Finding] = []
  private var depth: Int64 = 0
  /// The last segment, read to its end, which an empty queue may keep.
  private var tail: Int64?

  init(
    _ planner: Planner, _ queue: QueueName, _ request: Request, watch: SegmentScanner.Watch?
  ) throws(DiskQueueError) {
    self.planner = planner
    self.queue = queue
    self.request = request
    self.watch = watch
    (files, outcome) = try planner.recover(queue, mayBeNew: false, watch: watch)
    plan = planner.plan(.repair, queue, files, outcome)
    layout = SegmentLayout(
      queue, read: outcome.state.read,
      reason: "it is written anew without its damaged bytes; the original moves to the backup")
  }

  /// Works the plan out; touches nothing.
  package static func plan(
    _ planner: Planner, _ queue: QueueName, _ request: Request,
    watch: SegmentScanner.Watch? = nil
  ) throws(DiskQueueError) -> Plan {
    var repair = try RepairPlanner(planner, queue, request, watch: watch)
    return try repair.run()
  }

  private mutating func run() throws(DiskQueueError) -> Plan {
    let state = outcome.state
    var write = state.write
    var unread = Array(state.complete)
    // Its size on disk: where recovery ends the segment, salvage may find more.
    if let last = files.segments.last, last.number == write.file,
      Position(file: last.number, offset: last.size) > state.read
    {
      unread.append(last)
    }
    for segment in unread { try readThrough(segment) }
    if let last = layout.kept.last, last.number == write.file {
      write.offset = last.size
    } else if !unread.isEmpty {
      write.offset = 0
    }
    setAside()
    if let first = layout.kept.first {
      if layout.read.file != first.number { layout.read = Position(file: first.number, offset: 0) }
    } else {
      layout.read = write
    }
    plan.bytes = layout.bytes
    if request.looksAtBad { try bad(&write) }
    if let tail, write.file != tail {
      // What was put back went into the next one.
      layout.moveOut(
        FileName.segment(tail).entry(of: queue),
        "its messages were delivered; it moves to the backup")
    }
    try layout.change(&write, files)
    let after = Metadata(depth: depth, read: depth == 0 ? write : layout.read, write: write)
    finish(after)
    return plan
  }

  // MARK: Segments

  private mutating func readThrough(_ segment: SegmentFile) throws(DiskQueueError) {
    let entry = FileName.segment(segment.number).entry(of: queue)
    let path = planner.directory.entry(entry)
    let limits = planner.options.limits
    // All of the file: recovery ends it where plain reading would, salvage may find more.
    let now = files.segments.first { $0.number == segment.number }?.size ?? segment.size
    let zeros = outcome.zeroTail(of: segment.number)
    let report = try Salvage(
      disk: planner.disk, limits: limits, trustsEmpties: outcome.countIsRight, watch: watch
    ).read(path, size: now, trusted: zeros ?? now)
    let from = segment.number == layout.read.file ? layout.read.offset : 0
    var pieces: [Piece] = []
    var newRead: Int64 = 0
    for region in report.regions {
      let messages = region.messages(request.least)
      plan.uncertain += region.messages(.guess) - region.messages(.likely)
      guard messages > 0 else {
        if region.end > from { plan.lostBytes += region.end - region.start }
        continue
      }
      let piece = Piece(of: region, entry)
      // A position inside a message whose length was overwritten was the end of that message.
      if region.end <= from || region.start < from && piece.length != nil {
        newRead += piece.size
      } else if region.start >= from {
        depth += messages
      } else {
        var scanner = SegmentScanner(disk: planner.disk)
        let passed = try scanner.scan(
          path, size: from, from: region.start, limits: limits, trusted: from)
        newRead += passed.end - region.start
        depth += messages - passed.records
      }
      pieces.append(merging: piece)
    }
    if segment.number == layout.read.file { layout.read.offset = newRead }
    guard !pieces.isEmpty, segment.number != layout.read.file || newRead < pieces.size else {
      // Nothing unread is left of it.
      layout.moveOut(entry, "nothing in it can be read any more; it moves to the backup")
      return
    }
    layout.kept.append(
      SegmentLayout.Kept(number: segment.number, source: entry, pieces: pieces, before: now))
  }

  /// Segments that are read, and metadata that was never renamed.
  private mutating func setAside() {
    let needed = Set(layout.kept.map(\.number))
    let gone = layout.gone
    for segment in files.segments where !needed.contains(segment.number) {
      let entry = FileName.segment(segment.number).entry(of: queue)
      // An empty queue may keep its last segment, read to the end.
      let isTail =
        segment.number == outcome.state.write.file
        && segment.size == outcome.state.write.offset
      if isTail { tail = segment.number }
      if gone.contains(entry) || isTail { continue }
      layout.moveOut(entry, "its messages were delivered; it moves to the backup")
    }
    for tag in files.temporaries {
      layout.moveOut(
        FileName.temporary(tag: tag).entry(of: queue),
        "metadata that was never renamed moves to the backup")
    }
  }

  // MARK: .bad files

  private mutating func bad(_ write: inout Position) throws(DiskQueueError) {
    let judge = BadFileJudge(
      queue: queue, directory: planner.directory, disk: planner.disk,
      limits: planner.options.limits, watch: watch)
    let kept = try Quarantine.list(in: planner.directory, disk: planner.disk, only: queue)
    for judgement in try judge.judge(files.bad + (kept[queue] ?? [])) {
      let entry = judgement.file.entry(of: queue)
      let readable = judgement.salvage.messages(request.least)
      switch judgement.verdict {
      case _ where request.requeuesAllBad && readable > 0:
        requeue(judgement, from: 0, entry, &write)
      case .wholeDelivered:
        layout.moveOut(entry, "all its messages were delivered; it moves to the backup")
      case .hopeless:
        moveOut(judgement.file, "nothing more can be read from it; it moves to the backup")
      case .whole where readable == 0:
        layout.moveOut(entry, "there is nothing in it; it moves to the backup")
      case .whole where request.setsBadAside:
        layout.moveOut(entry, "its \(readable) messages move to the backup, as was asked for")
      case .whole:
        keepWhole(entry, readable)
      case .salvageable where request.requeuesBad:
        requeue(judgement, from: judgement.from, entry, &write)
      case .salvageable:
        if judgement.file.quarantined == nil { inBad += judgement.messages }
        layout.note(
          "keep", entry,
          "\(judgement.messages) messages in it were never delivered; "
            + "--requeue-bad puts them back")
      }
    }
  }

  private mutating func moveOut(_ file: BadFile, _ why: String) {
    let entry = file.entry(of: queue)
    if let name = file.quarantined { return layout.release(name, entry, why) }
    layout.moveOut(entry, why)
  }

  /// A whole file stays where it is until somebody decides.
  private mutating func keepWhole(_ entry: [UInt8], _ messages: Int64) {
    let why =
      "every record is whole, and nothing tells whether its \(messages) messages were delivered; "
      + "--requeue-bad-all puts them back, --set-aside-bad moves the file to the backup"
    inBad += messages
    layout.note("keep", entry, why)
    if request.requeuesBad {
      undecided.append(
        Finding(.badFile, .warning, file: String(decoding: entry, as: UTF8.self), why))
    }
  }

  /// Adds the messages of a file from an offset on to the tail, then sets it aside.
  private mutating func requeue(
    _ judgement: BadFileJudge.Judgement, from: Int64, _ entry: [UInt8], _ write: inout Position
  ) {
    var pieces: [Piece] = []
    var messages: Int64 = 0
    for region in judgement.salvage.regions where region.end > from {
      guard region.messages(request.least) > 0 else {
        plan.uncertain += region.messages(.guess)
        continue
      }
      pieces.append(merging: Piece(of: region, entry))
      messages += region.messages(request.least)
    }
    let size = pieces.size
    let isLast = layout.kept.last?.number == write.file
    // A reader of version 1.0.0 needs a finished segment to be as long as the limit, so there the last
    // one is written anew; else what is there need not be copied.
    let isSplit = planner.options.rollRule == .beforeLimit || !isLast
    if write.offset > 0, isSplit || write.offset + size > planner.options.maxBytesPerFile {
      write = Position(file: write.file + 1, offset: 0)
    }
    if write.offset == 0 {
      layout.kept.append(
        SegmentLayout.Kept(number: write.file, source: nil, pieces: pieces, before: 0))
    } else if let last = layout.kept.indices.last {
      layout.kept[last].pieces += pieces
    }
    if depth == 0 { layout.read = write }
    depth += messages
    if judgement.file.quarantined != nil { fromQuarantine += messages }
    write.offset += size
    plan.requeued += messages
    plan.bytes += size
    layout.note(
      "requeue", entry,
      from == judgement.from
        ? "\(messages) messages that were never delivered go to the tail"
        : "\(messages) messages go to the tail, perhaps a second time")
    moveOut(judgement.file, "the original moves to the backup")
  }

  // MARK: The rest

  private mutating func finish(_ after: Metadata) {
    plan.changes = layout.changes
    plan.steps = layout.steps
    let entry = FileName.metadata.entry(of: queue)
    let bytes = Array(after.text.utf8)
    if files.metadata?.bytes != bytes {
      plan.changes.append(.metadata(bytes))
      // The first line of a plan, the last thing that is done.
      plan.steps.insert(
        .init(
          step: "rebuild-metadata", file: String(decoding: entry, as: UTF8.self),
          why: "it is written anew from what the segments hold"), at: 0)
    }
    plan.after = after
    plan.messages = depth
    let owned = depth - fromQuarantine
    plan.lost = max(0, (outcome.owed ?? owned) - owned - plan.uncertain - inBad)
    let gaps = layout.kept.map(\.number)
    plan.remaining =
      outcome.findings.filter { finding in
        finding.code == .missingSegment
          && zip(gaps, gaps.dropFirst()).contains { $1 > $0 + 1 }
      } + undecided
  }
}

extension Piece {
  /// The bytes of a region that are put back.
  fileprivate init(of region: SalvageRegion, _ entry: [UInt8]) {
    if case .message = region.kind {
      let start = region.start + Int64(Record.headerSize)
      self.init(entry: entry, start: start, end: region.end, length: Int(region.end - start))
    } else {
      self.init(entry: entry, start: region.start, end: region.end)
    }
  }
}
