import Glibc

/// Looks for one byte among many, as fast as the machine can.
package enum ByteScan {
  /// Where `byte` is first in `bytes`; nil when it is not there.
  package static func first(_ byte: UInt8, in bytes: ArraySlice<UInt8>) -> Int? {
    // memchr stays between the start and `count`.
    unsafe bytes.withUnsafeBytes { memory in
      guard let start = memory.baseAddress,
        let found = unsafe memchr(start, Int32(byte), memory.count)
      else { return nil }
      return unsafe bytes.startIndex + (UnsafeRawPointer(found) - start)
    }
  }
}
