package import DiskQueue

/// One line of a list of messages: enough to show it, without the whole payload.
package struct MessageEntry: Hashable, Sendable {
  /// Bytes of a payload that are kept for a preview.
  package static let previewSize = 256

  /// Where its record starts.
  package var position: Position
  /// 1 for the first unread message; nil where those before it have not been counted.
  package var number: Int64?
  /// Bytes of its payload.
  package var size: Int
  /// The payload's first bytes.
  package var start: [UInt8]
  /// Set when there is no record here: the rest of the segment cannot be read on from this place.
  package var damage: RecordScanner.Stop?

  package init(
    position: Position, number: Int64? = nil, size: Int, start: [UInt8],
    damage: RecordScanner.Stop? = nil
  ) {
    self.position = position
    self.number = number
    self.size = size
    self.start = start
    self.damage = damage
  }
}

/// Where a page of messages begins or ends.
package enum MessageAnchor: Hashable, Sendable {
  /// The first unread message.
  case first
  /// The last message.
  case last
  /// The message that has this place in it, or the first after it.
  case at(Position)
  /// The message after the one at this place.
  case after(Position)
  /// The messages before the one at this place.
  case before(Position)
}
