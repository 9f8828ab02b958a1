import DiskQueue
import QueueInspection
import SystemPackage

/// Looks how a file ends before a batch is appended to it.
///
/// A program that is killed while it appends leaves the beginning of its batch, up to the middle of a
/// message. Nobody could read what is written behind that, or would read it as part of the message.
struct TargetEnd {
  enum Finding: Hashable {
    /// With a whole message, or in a format that has no ends.
    case whole
    /// With the half of a message, from this offset on, that the batch brings again.
    case half(Int64)
    /// With somebody's line that has no end.
    case openLine
    /// From this offset on with something that is no frames.
    case noFrames(Int64)
  }

  let disk: any Disk
  let path: FilePath
  let handle: FileHandle
  let size: Int64
  let encoder: MessageEncoder

  private var isFrames: Bool { encoder.format == .frames }

  /// How the file ends.
  ///
  /// - Parameters:
  ///   - batch: what is to follow, in the file's format.
  ///   - start: where a message begins; bytes before it are not looked at for frames.
  ///   - resumes: whether a half of the batch's own is looked for.
  /// - Returns: what the end is.
  /// - Throws: what reading reports.
  func finding(before batch: ArraySlice<UInt8>, from start: Int64, resumes: Bool)
    throws(DiskQueueError) -> Finding
  {
    if isFrames {
      var scanner = SegmentScanner(disk: disk)
      let scan = try scanner.scan(
        path, size: size, from: start, limits: RecordLimits(), trusted: size)
      if scan.stop == .end { return .whole }
      guard resumes, try begins(batch, half: size - scan.end) else { return .noFrames(scan.end) }
      return .half(scan.end)
    }
    guard encoder.isLines, size > 0, try last(1)?[0] != encoder.terminator else { return .whole }
    guard resumes, let line = try openLine(atMost: batch.count),
      try begins(batch, half: size - line)
    else { return .openLine }
    return .half(line)
  }

  /// The last `count` bytes of the file; nil when it has become shorter.
  private func last(_ count: Int) throws(DiskQueueError) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = try disk.readFull(handle, into: &bytes, count: count, at: size - Int64(count))
    return got == count ? bytes : nil
  }

  /// Where the line begins that has no end; nil when it is longer than `most`.
  private func openLine(atMost most: Int) throws(DiskQueueError) -> Int64? {
    guard let tail = try last(Int(min(size, Int64(most)))) else { return nil }
    if let end = tail.lastIndex(of: encoder.terminator) {
      return size - Int64(tail.count - end - 1)
    }
    return tail.count == Int(size) ? 0 : nil
  }

  /// Whether the file ends with how `batch` begins: whole messages, and `half` bytes of the next.
  private func begins(_ batch: ArraySlice<UInt8>, half: Int64) throws(DiskQueueError) -> Bool {
    guard half < batch.count, let tail = try last(Int(min(size, Int64(batch.count)))) else {
      return false
    }
    var start = batch.startIndex
    while start < batch.endIndex {
      let next = end(of: start, in: batch)
      let length = start - batch.startIndex + Int(half)
      if length > tail.count { return false }
      if start + Int(half) < next, isBoundary(tail.count - length, tail),
        tail.suffix(length).elementsEqual(batch.prefix(length))
      {
        return true
      }
      start = next
    }
    return false
  }

  /// Whether a line can begin there; of frames, which have no ends of their own, equal bytes say enough.
  private func isBoundary(_ index: Int, _ tail: [UInt8]) -> Bool {
    if isFrames { return true }
    return index == 0 ? tail.count == Int(size) : tail[index - 1] == encoder.terminator
  }

  /// Where the message ends that begins at an index of the batch.
  private func end(of start: Int, in batch: ArraySlice<UInt8>) -> Int {
    if isFrames {
      return start + Record.headerSize
        + Record.length(in: batch.span, at: start - batch.startIndex)
    }
    return ByteScan.first(encoder.terminator, in: batch[start...]).map { $0 + 1 } ?? batch.endIndex
  }
}
