import DiskQueue
import SystemPackage

/// The messages of chosen records, which leave together when all that is to be kept is kept.
struct RangeSource: ~Copyable, MessageSource {
  private let queue: QueueName
  private let directory: FilePath
  private var ranges: ArraySlice<RecordRange>
  private var reader: SegmentReader

  init(
    _ ranges: [RecordRange], of queue: QueueName, in directory: FilePath, disk: any Disk,
    limits: RecordLimits
  ) {
    self.ranges = ranges[...]
    self.queue = queue
    self.directory = directory
    reader = SegmentReader(queue: queue, directory: directory, disk: disk, limits: limits)
  }

  mutating func next(_ most: Int64) throws(DiskQueueError) -> MessageBatch? {
    var messages: [Message] = []
    var bytes = 0
    while messages.count < most, bytes < 8 << 20, let range = ranges.first {
      guard range.start < range.end else {
        ranges.removeFirst()
        continue
      }
      let place = Position(file: range.file, offset: range.start)
      guard case .record(let payload) = try reader.record(at: place, end: range.end) else {
        throw DiskQueueError(
          .planVoid, "the segment has changed since the plan was made; nothing was touched",
          path: directory.file(.segment(range.file), of: queue), offset: range.start)
      }
      messages.append(Message(payload: payload, position: place))
      bytes += payload.count
      ranges[ranges.startIndex].start += Record.size(of: payload.count)
    }
    return messages.isEmpty ? nil : .messages(messages)
  }

  mutating func commit(_ batch: MessageBatch) {}
}
