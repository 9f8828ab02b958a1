/// Records on their way to a segment: memory of its own, filled with plain copies.
///
/// An array would check and count each append; at 16 bytes a record that is most of the work. Safe to use:
/// every access stays between the start and `count`, and the memory goes with the value.
/// `@unchecked Sendable`: the memory has one owner, which moves with the value.
@safe
struct RecordBuffer: ~Copyable, @unchecked Sendable {
  private var storage: UnsafeMutableRawBufferPointer
  private(set) var count = 0

  init() { unsafe storage = .allocate(byteCount: 1 << 12, alignment: 16) }

  deinit { unsafe storage.deallocate() }

  /// Appends the record of `payload`.
  mutating func append(_ payload: [UInt8]) {
    let size = payload.count
    let end = count + Record.headerSize + size
    let room = unsafe storage.count
    if end > room { grow(to: end) }
    unsafe payload.withUnsafeBytes { bytes in
      unsafe put(bytes)
    }
    count = end
  }

  // The bounds were checked by `append`; nothing else writes here.
  private func put(_ bytes: UnsafeRawBufferPointer) {
    guard let base = unsafe storage.baseAddress else { return }
    let target = unsafe base + count
    let length = UInt32(truncatingIfNeeded: bytes.count).bigEndian
    unsafe target.storeBytes(of: length, as: UInt32.self)
    if let source = bytes.baseAddress {
      unsafe (target + Record.headerSize).copyMemory(from: source, byteCount: bytes.count)
    }
  }

  private mutating func grow(to size: Int) {
    let now = unsafe storage.count
    let wanted = max(size, now * 2)
    let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: wanted, alignment: 16)
    unsafe larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[..<count]))
    unsafe storage.deallocate()
    unsafe storage = larger
  }

  /// Forgets the records; memory for a rare large one is given back.
  mutating func removeAll() {
    count = 0
    if unsafe storage.count > 1 << 22 {
      unsafe storage.deallocate()
      unsafe storage = .allocate(byteCount: 1 << 12, alignment: 16)
    }
  }

  /// Writes the records so far to a file.
  func write(to disk: any Disk, _ handle: FileHandle, at offset: Int64) throws(DiskQueueError) {
    let bytes = unsafe UnsafeRawBufferPointer(rebasing: storage[..<count])
    let elements = unsafe bytes.assumingMemoryBound(to: UInt8.self)
    try disk.writeAll(handle, unsafe Span(_unsafeElements: elements), at: offset)
  }
}
