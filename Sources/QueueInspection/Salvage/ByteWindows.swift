import DiskQueue

/// Bytes of a file, read in windows.
struct ByteWindows {
  private static let windowSize = 1 << 18

  private let disk: any Disk
  private let handle: FileHandle
  let size: Int64
  private(set) var window: [UInt8] = []
  private(set) var base: Int64 = 0

  init(_ disk: any Disk, _ handle: FileHandle, size: Int64) {
    self.disk = disk
    self.handle = handle
    self.size = size
  }

  /// The offset behind the window's last byte.
  @inline(__always)
  var end: Int64 { base + Int64(window.count) }

  /// Has `count` bytes from `offset` in the window, or as many as there are.
  mutating func show(_ offset: Int64, _ count: Int) throws(DiskQueueError) {
    let wanted = min(offset + Int64(count), size)
    if offset >= base, wanted <= end { return }
    let length = Int(min(Int64(max(ByteWindows.windowSize, count)), max(0, size - offset)))
    if window.count != length { window = [UInt8](repeating: 0, count: length) }
    base = offset
    let got = try disk.readFull(handle, into: &window, count: length, at: offset)
    if got < length { window.removeLast(length - got) }
  }

  /// Up to `count` bytes from an offset that ``show(_:_:)`` has shown.
  func slice(_ offset: Int64, _ count: Int) -> ArraySlice<UInt8> {
    let start = min(max(0, Int(offset - base)), window.count)
    return window[start..<min(window.count, start + count)]
  }

  /// The four bytes of a length; nil where they are not shown.
  @inline(__always)
  func length(at offset: Int64) -> Int? {
    let index = Int(offset - base)
    guard index >= 0, index + Record.headerSize <= window.count else { return nil }
    return Record.length(in: window.span, at: index)
  }

  /// The two bytes before an offset, as far as they are shown; -1 and -2 for none.
  @inline(__always)
  func two(before offset: Int64) -> (Int, Int) {
    let index = Int(offset - base)
    return (index > 1 ? Int(window[index - 2]) : -1, index > 0 ? Int(window[index - 1]) : -2)
  }

  /// Where the zeros begin that the file ends with, at `start` at the earliest.
  mutating func zeroTail(from start: Int64) throws(DiskQueueError) -> Int64 {
    var tail = size
    while tail > start {
      let at = max(start, tail - Int64(ByteWindows.windowSize))
      try show(at, Int(tail - at))
      let shown = slice(at, Int(tail - at))
      // The file has become shorter.
      guard shown.count == Int(tail - at) else { return size }
      if let last = shown.lastIndex(where: { $0 != 0 }) { return base + Int64(last) + 1 }
      tail = at
    }
    return start
  }

  /// A byte far from the window; nil where there is none.
  func byte(at offset: Int64) throws(DiskQueueError) -> UInt8? {
    if offset >= base, offset < end { return window[Int(offset - base)] }
    var byte: [UInt8] = [0]
    let got = try disk.readFull(handle, into: &byte, count: 1, at: offset)
    return got == 1 ? byte[0] : nil
  }

  /// Two bytes far from the window; nil where there are none.
  func pair(at offset: Int64) throws(DiskQueueError) -> (UInt8, UInt8)? {
    if offset >= base, offset + 1 < end {
      let index = Int(offset - base)
      return (window[index], window[index + 1])
    }
    var bytes: [UInt8] = [0, 0]
    let got = try disk.readFull(handle, into: &bytes, count: 2, at: offset)
    return got == 2 ? (bytes[0], bytes[1]) : nil
  }
}
