package import SystemPackage

/// Which file of a queue a directory entry is: names are parsed from the right, because a queue's
/// name may itself hold dots, digits and even `.diskqueue.`.
package enum FileName: Hashable, Sendable {
  /// `NAME.diskqueue.NNNNNN.dat`
  case segment(Int64)
  /// `NAME.diskqueue.meta.dat`
  case metadata
  /// `NAME.diskqueue.meta.dat.<tag>.tmp`
  case temporary(tag: String)
  /// `NAME.diskqueue.NNNNNN.dat.bad`, or `.bad.<copy>` where that name was taken.
  case bad(Int64, copy: Int)

  /// No queue counts this far; what claims more is not a queue's file.
  package static let largestNumber: Int64 = 1 << 53

  private static let infix = Array(".diskqueue.".utf8)

  /// The queue and kind of `entry`, or nil when it is not a queue's file.
  package static func parse(_ entry: [UInt8]) -> (queue: QueueName, file: FileName)? {
    guard let at = lastInfix(in: entry), let queue = QueueName(bytes: Array(entry[..<at])) else {
      return nil
    }
    let tail = String(decoding: entry[(at + infix.count)...], as: UTF8.self)
    guard let file = parse(tail: tail) else { return nil }
    return (queue, file)
  }

  private static func parse(tail: String) -> FileName? {
    if tail == "meta.dat" { return .metadata }
    if tail.hasPrefix("meta.dat."), tail.hasSuffix(".tmp") {
      let tag = tail.dropFirst(9).dropLast(4)
      // Go's tags are digits; what is not ASCII would not be written back byte for byte.
      guard !tag.isEmpty, tag.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
      return .temporary(tag: String(tag))
    }
    let parts = tail.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count >= 2, parts[1] == "dat", let number = number(parts[0]) else { return nil }
    switch parts.count {
    case 2: return .segment(number)
    case 3 where parts[2] == "bad": return .bad(number, copy: 0)
    case 4 where parts[2] == "bad":
      guard let copy = Int(parts[3]), copy > 0, "\(copy)" == parts[3] else { return nil }
      return .bad(number, copy: copy)
    default: return nil
    }
  }

  /// `%06d` read back: six digits, or more without a leading zero.
  private static func number(_ digits: Substring) -> Int64? {
    guard digits.utf8.count >= 6, digits.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }),
      digits.utf8.count == 6 || digits.first != "0"
    else { return nil }
    return Int64(digits).flatMap { $0 <= largestNumber ? $0 : nil }
  }

  private static func lastInfix(in entry: [UInt8]) -> Int? {
    guard entry.count > infix.count else { return nil }
    var at = entry.count - infix.count
    while at > 0 {
      if entry[at] == infix[0], entry[at..<(at + infix.count)].elementsEqual(infix) { return at }
      at -= 1
    }
    return nil
  }

  /// The directory entry of this file of `queue`.
  package func entry(of queue: QueueName) -> [UInt8] {
    let tail =
      switch self {
      case .segment(let number): "\(FileName.padded(number)).dat"
      case .metadata: "meta.dat"
      case .temporary(let tag): "meta.dat.\(tag).tmp"
      case .bad(let number, copy: 0): "\(FileName.padded(number)).dat.bad"
      case .bad(let number, let copy): "\(FileName.padded(number)).dat.bad.\(copy)"
      }
    return queue.bytes + FileName.infix + Array(tail.utf8)
  }

  /// `%06d`: six digits at least.
  package static func padded(_ number: Int64) -> String {
    let digits = "\(number)"
    return String(repeating: "0", count: max(0, 6 - digits.utf8.count)) + digits
  }
}

extension FilePath {
  /// The path's bytes, which need not be UTF-8.
  package var bytes: [UInt8] {
    // The pointer holds `length` bytes and a NUL, and lives as long as the closure.
    unsafe withPlatformString { pointer in
      (0..<length).map { unsafe UInt8(bitPattern: pointer[$0]) }
    }
  }

  /// A path of these bytes.
  package init(bytes: [UInt8]) {
    // The array ends with the NUL that the initializer looks for.
    unsafe self.init(platformString: bytes.map { CChar(bitPattern: $0) } + [0])
  }

  /// This directory's entry `name`, byte for byte.
  package func entry(_ name: [UInt8]) -> FilePath {
    let own = string.utf8.map { CChar(bitPattern: $0) }
    let separator = own.last == CChar(bitPattern: UInt8(ascii: "/")) ? [] : [CChar(47)]
    return FilePath(platformString: own + separator + name.map { CChar(bitPattern: $0) } + [0])
  }

  /// The path of a file of `queue` in this directory.
  package func file(_ file: FileName, of queue: QueueName) -> FilePath {
    entry(file.entry(of: queue))
  }
}
