import DequeModule
import DiskQueue
import QueueInspection
import SystemPackage

/// Plans how chosen messages leave a queue while the others stay in their order.
///
/// 1. Recovery tells where the queue stands; a queue with damage is refused, since a repair comes
///    first.
/// 2. Skipping only moves the read position; what is passed over is copied to the operation's folder.
///    Else every unread segment that holds a chosen message is written anew without it; the original
///    moves to the operation's folder, so that undoing brings it back.
/// 3. What stays gets new numbers where segments are written anew, as in a repair.
struct SelectionPlanner: ~Copyable {
  private let planner: Planner
  private let queue: QueueName
  private var selection: MessageSelection
  private let files: QueueFiles
  private let state: QueueState
  private var plan: Plan
  private var layout: SegmentLayout
  private var keeps: [FileChange] = []
  private var reader: SegmentReader
  private let watch: SegmentScanner.Watch?

  init(
    _ planner: Planner, _ queue: QueueName, _ selection: MessageSelection, kind: Plan.Kind,
    watch: SegmentScanner.Watch?
  ) throws(DiskQueueError) {
    self.planner = planner
    self.queue = queue
    self.selection = selection
    self.watch = watch
    let (files, outcome) = try planner.recover(queue, mayBeNew: false, watch: watch)
    let damage = outcome.findings.first { $0.severity == .error }
    if damage != nil || !outcome.tails.isEmpty {
      throw DiskQueueError(
        .damaged,
        "the queue is damaged (\(damage?.code.rawValue ?? "torn-tail")); repair it first",
        path: planner.directory.file(.metadata, of: queue))
    }
    self.files = files
    state = outcome.state
    plan = planner.plan(kind, queue, files, outcome)
    layout = SegmentLayout(
      queue, read: outcome.state.read,
      reason: "it is written anew without the chosen messages; the original moves to the backup")
    reader = SegmentReader(
      queue: queue, directory: planner.directory, disk: planner.disk,
      limits: planner.options.limits)
  }

  /// Works the plan out; touches nothing.
  mutating func run(to target: String) throws(DiskQueueError) -> Plan {
    plan.messages = 0
    plan.bytes = 0
    plan.target = target
    for segment in state.complete { try choose(segment) }
    try choose(SegmentFile(number: state.write.file, size: state.write.offset))
    var write = state.write
    if layout.kept.last?.number == write.file {
      write.offset = layout.kept.last?.size ?? 0
    } else if plan.messages > 0, state.end(of: write.file) > 0 {
      write.offset = 0
    }
    let depth = state.depth - plan.messages
    if let first = layout.kept.first {
      if layout.read.file != first.number { layout.read = Position(file: first.number, offset: 0) }
    } else {
      layout.read = write
    }
    guard plan.messages > 0 else { return plan }
    try layout.change(&write, files)
    plan.after = Metadata(depth: depth, read: depth == 0 ? write : layout.read, write: write)
    plan.changes = keeps + layout.changes
    plan.changes.append(.metadata(Array(plan.after.text.utf8)))
    plan.steps = [
      .init(
        step: "take", file: nil,
        why: "each chosen message is written to \(target); only then the queue is changed")
    ]
    plan.steps += layout.steps
    return plan
  }

  /// Reads through the unread part of a segment and parts what is chosen from what stays.
  private mutating func choose(_ segment: SegmentFile) throws(DiskQueueError) {
    let from = segment.number == state.read.file ? state.read.offset : 0
    guard segment.size > from else { return }
    let entry = FileName.segment(segment.number).entry(of: queue)
    let now = files.segments.first { $0.number == segment.number }?.size ?? segment.size
    var pieces: [Piece] = []
    var kept: Int64 = 0
    var end: Int64 = 0
    let ranges = try chosen(segment, from: from)
    if plan.kind == .skip, let range = ranges.first, range.end < segment.size {
      layout.read = Position(file: segment.number, offset: range.end)
      keeps.append(.keep(entry, range.start..<range.end))
    }
    for range in ranges {
      if range.start > end {
        pieces.append(Piece(entry: entry, start: end, end: range.start))
        kept += range.start - max(end, from)
      }
      end = range.end
      plan.bytes += range.end - range.start
      plan.selected.append(range)
    }
    if end < segment.size {
      pieces.append(Piece(entry: entry, start: end, end: segment.size))
      kept += segment.size - max(end, from)
    }
    if plan.kind == .skip { pieces = [Piece(entry: entry, start: 0, end: segment.size)] }
    if kept == 0 {
      layout.moveOut(entry, "all that is unread in it is chosen; it moves to the backup")
    } else {
      layout.kept.append(
        .init(number: segment.number, source: entry, pieces: pieces, before: now))
    }
  }

  private mutating func chosen(_ segment: SegmentFile, from: Int64) throws(DiskQueueError)
    -> [RecordRange]
  {
    let places = selection.positions?.filter { $0.file == segment.number }.map(\.offset).sorted()
    var next = places?.makeIterator()
    if let places, places.isEmpty { return [] }
    var ranges: [RecordRange] = []
    var offset = places == nil ? from : next?.next() ?? segment.size
    var watched = offset
    while offset < segment.size, selection.limit > 0 {
      let place = Position(file: segment.number, offset: offset)
      guard offset >= from,
        case .record(let payload) = try reader.record(at: place, end: segment.size)
      else {
        throw DiskQueueError(
          .damaged, "there is no whole record here; repair the queue first",
          path: planner.directory.file(.segment(segment.number), of: queue), offset: offset)
      }
      let end = offset + Record.size(of: payload.count)
      if selection.chooses(payload) {
        plan.messages += 1
        if let last = ranges.indices.last, ranges[last].end == offset {
          ranges[last].end = end
        } else {
          ranges.append(RecordRange(file: segment.number, start: offset, end: end))
        }
      }
      offset = places == nil ? end : next?.next() ?? segment.size
      if offset - watched > 1 << 20 {
        try watch?(offset)
        watched = offset
      }
    }
    return ranges
  }
}
