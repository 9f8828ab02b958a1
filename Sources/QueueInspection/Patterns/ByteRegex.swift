package import DiskQueue
import Glibc

/// A POSIX extended regular expression that is looked for in bytes, which need not be text.
///
/// `regex_t` holds pointers of its own, made by `regcomp` and freed in `deinit`, and never leaves this
/// class.
@safe package final class ByteRegex {
  private var compiled = unsafe regex_t()

  /// - Throws: `refused` with the place of the mistake in words.
  package convenience init(_ pattern: String) throws(DiskQueueError) {
    try self.init(bytes: Array(pattern.utf8))
  }

  /// A pattern that need not be text; it holds no NUL.
  ///
  /// - Throws: `refused` with the place of the mistake in words.
  package init(bytes: [UInt8]) throws(DiskQueueError) {
    let words = bytes.map { CChar(bitPattern: $0) } + [0]
    let code = unsafe regcomp(&compiled, words, REG_EXTENDED | REG_NEWLINE)
    guard code != 0 else { return }
    var text = [CChar](repeating: 0, count: 200)
    unsafe regerror(code, &compiled, &text, text.count)
    let why = String(
      decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let pattern = String(decoding: bytes, as: UTF8.self)
    throw DiskQueueError(.refused, "“\(pattern)” is no regular expression: \(why)")
  }

  deinit { unsafe regfree(&compiled) }

  /// Whether the bytes have a match in them; NUL is a byte like any other.
  package func matches(_ bytes: ArraySlice<UInt8>) -> Bool {
    unsafe bytes.withUnsafeBytes { bytes in
      // An empty payload has no address, and matches what matches nothing.
      guard let start = bytes.baseAddress else {
        return unsafe regexec(&compiled, "", 0, nil, 0) == 0
      }
      var bounds = regmatch_t(rm_so: 0, rm_eo: regoff_t(bytes.count))
      let text = unsafe start.assumingMemoryBound(to: CChar.self)
      return unsafe regexec(&compiled, text, 1, &bounds, REG_STARTEND) == 0
    }
  }
}
