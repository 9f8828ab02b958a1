/// One message and the place its record has in the queue.
public struct Message: Hashable, Sendable {
  /// The bytes that were put.
  public var payload: [UInt8]
  /// Where its record starts.
  public var position: Position

  package init(payload: [UInt8], position: Position) {
    self.payload = payload
    self.position = position
  }

  /// The payload as text; bytes that are not UTF-8 become U+FFFD.
  public var text: String { String(decoding: payload, as: UTF8.self) }
}
