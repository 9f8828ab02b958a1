import CTerminal
import QueueConsole

/// Reads what lies between the two marks a terminal puts around a paste.
///
/// Of a long one only as much as any input takes is kept.
final class PasteReader {
  /// Bytes kept: more than the longest input takes, so that what is left out is known.
  private static let most = LineEditor.messageLimit + 8
  /// Bytes read at once.
  private static let chunk = 1 << 14
  /// A `^C` all alone after such a silence was pressed, not pasted.
  private static let silence = Duration.seconds(1)

  private var paste = Paste([], size: 0)
  private var heardAt = ContinuousClock.now

  /// Reads on without waiting; the paste when it is over, nil before.
  func next() -> Paste? {
    var bytes = [UInt8](repeating: 0, count: Self.chunk)
    var ended = false
    let count = Int(unsafe ct_paste(&bytes, Int32(Self.chunk), &ended))
    return take(bytes[..<count], ended: ended, at: .now)
  }

  /// Takes what has come by then.
  func take(_ bytes: ArraySlice<UInt8>, ended: Bool, at now: ContinuousClock.Instant) -> Paste? {
    // A paste whose end is lost would swallow every key for ever.
    if !ended, bytes.elementsEqual([3]), now - heardAt >= Self.silence {
      paste.isWhole = false
      return paste
    }
    if !bytes.isEmpty { heardAt = now }
    paste.size += bytes.count
    paste.bytes += bytes.prefix(Self.most - paste.bytes.count)
    return ended ? paste : nil
  }
}
