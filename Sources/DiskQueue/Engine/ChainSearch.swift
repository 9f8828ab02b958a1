package import SystemPackage

/// Finds where good records go on after a damaged place.
///
/// Every offset is a candidate: its length must be within the limits and the segment, and lead to a
/// second and a third record, or exactly to the end. Most candidates fail at once, because four
/// bytes of text or of chance make a length far larger than any segment; so the search is linear.
package struct ChainSearch: Sendable {
  /// Records that must follow one another before a place is believed.
  private static let wanted: Int64 = 3

  let disk: any Disk
  let limits: RecordLimits

  package init(disk: any Disk, limits: RecordLimits) {
    self.disk = disk
    self.limits = limits
  }

  /// The first believable record after `offset` of a segment that ends at `end`; nil when the rest
  /// holds none.
  package func next(_ path: FilePath, after offset: Int64, end: Int64) throws(DiskQueueError)
    -> Int64?
  {
    let handle = try disk.open(path, .read)
    defer { disk.close(handle) }
    var window = [UInt8](repeating: 0, count: Int(min(1 << 18, max(64, end - offset))))
    var base = offset + 1
    while end - base >= Int64(Record.headerSize) {
      let got = try disk.readFull(
        handle, into: &window, count: Int(min(Int64(window.count), end - base)), at: base)
      guard got >= Record.headerSize else { return nil }
      for at in 0...(got - Record.headerSize) {
        let length = Record.length(in: window.span, at: at)
        guard length > 0, limits.accept(length) else { continue }
        let candidate = base + Int64(at)
        guard candidate + Record.size(of: length) <= end else { continue }
        if try leadsOn(handle, from: candidate, end: end) { return candidate }
      }
      base += Int64(got - Record.headerSize + 1)
    }
    return nil
  }

  private func leadsOn(_ handle: FileHandle, from start: Int64, end: Int64)
    throws(DiskQueueError) -> Bool
  {
    var header = [UInt8](repeating: 0, count: Record.headerSize)
    var at = start
    var records: Int64 = 0
    while records < ChainSearch.wanted {
      if at == end { return true }
      guard try disk.readFull(handle, into: &header, count: header.count, at: at) == header.count
      else { return false }
      let length = Record.length(in: header.span, at: 0)
      guard limits.accept(length), length > 0 || records > 0 else { return false }
      at += Record.size(of: length)
      if at > end { return false }
      records += 1
    }
    return true
  }
}
