import SystemPackage

/// The reading half of an open queue, guarded by the first of its three locks: consumers take turns,
/// and read the disk without holding up producers.
package struct Consumer: ~Copyable {
  var reader: SegmentReader
  /// Where the next record is, as far as is known here; checked again when it is taken.
  private(set) var position = Position(file: -1, offset: 0)
  /// Where the segment under it ends for a reader.
  private(set) var end: Int64 = 0

  init(_ place: Place) {
    reader = SegmentReader(
      queue: place.queue, directory: place.directory, disk: place.disk,
      limits: place.options.limits)
  }

  /// Whether nothing is known to be at the position.
  var isAtEnd: Bool { position.offset >= end }

  /// Looks at the queue's state again.
  mutating func refresh(_ state: QueueState) {
    position = state.read
    end = state.end(of: position.file)
  }

  /// Forgets what was known, so that the next look asks again.
  mutating func forget() { end = 0 }

  /// Goes on within the segment.
  mutating func advance(to next: Position) { position = next }
}
