package import DiskQueue
package import SystemPackage

/// Looks at the messages of a queue that anybody may own: no lock, no write, from a snapshot.
package struct QueueBrowser: ~Copyable {
  /// Where the queue stood when the browser was made.
  package let state: QueueState
  private var reader: SegmentReader
  private var position: Position

  package init(
    _ queue: QueueName, in directory: FilePath, disk: (any Disk)? = nil,
    limits: RecordLimits = .init()
  ) throws(DiskQueueError) {
    let disk = disk ?? RealDisk(below: directory)
    state = try QueueSnapshot.take(queue, in: directory, limits: limits, disk: disk)
    position = state.read
    reader = SegmentReader(queue: queue, directory: directory, disk: disk, limits: limits)
  }

  /// The next message; nil at the end.
  ///
  /// A damaged or vanished rest of a segment is passed over and told through `damage`.
  package mutating func next(damage: (Position) -> Void = { _ in }) throws(DiskQueueError)
    -> Message?
  {
    while position < state.write {
      let look: SegmentReader.Look
      do { look = try reader.look(at: position, in: state) } catch {
        guard error.code == .notFound else { throw error }
        look = .damaged(.torn)
      }
      switch look {
      case .message(let message, let next):
        position = next
        return message
      case .end: return nil
      case .damaged:
        damage(position)
        guard position.file < state.write.file else { return nil }
        position = state.normalized(
          Position(file: position.file, offset: state.end(of: position.file)))
      }
    }
    return nil
  }
}
