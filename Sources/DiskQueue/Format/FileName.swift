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
    // Bytes, not strings: this runs several times for every queue at each look.
    var entry: [UInt8] = []
    entry.reserveCapacity(queue.bytes.count + 40)
    entry += queue.bytes
    entry += FileName.infix
    switch self {
    case .segment(let number):
      FileName.appendPadded(number, to: &entry)
      entry += ".dat".utf8
    case .metadata: entry += "meta.dat".utf8
    case .temporary(let tag): entry += "meta.dat.\(tag).tmp".utf8
    case .bad(let number, let copy):
      FileName.appendPadded(number, to: &entry)
      entry += ".dat.bad".utf8
      if copy != 0 { entry += ".\(copy)".utf8 }
    }
    return entry
  }

  private static func appendPadded(_ number: Int64, to bytes: inout [UInt8]) {
    guard (0...999_999).contains(number) else {
      bytes += padded(number).utf8
      return
    }
    var unit: Int64 = 100_000
    while unit > 0 {
      bytes.append(UInt8(48 + number / unit % 10))
      unit /= 10
    }
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
    let own = length
    // The pointer holds `length` bytes and a NUL, and lives as long as the closure.
    return unsafe withPlatformString { start in
      var bytes: [CChar] = []
      bytes.reserveCapacity(own + name.count + 2)
      unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: start, count: own))
      if bytes.last != 47 { bytes.append(47) }
      for byte in name { bytes.append(CChar(bitPattern: byte)) }
      bytes.append(0)
      return FilePath(platformString: bytes)
    }
  }

  /// The path of a file of `queue` in this directory.
  package func file(_ file: FileName, of queue: QueueName) -> FilePath {
    entry(file.entry(of: queue))
  }
}
