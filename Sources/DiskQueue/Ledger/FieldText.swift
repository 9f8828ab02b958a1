import SystemPackage

/// Names as words of a line, whatever bytes they are made of: those other than letters, digits and
/// `.-_/:@` are written as `%XX`.
package enum FieldText {
  static func encode(_ bytes: [UInt8]) -> String {
    var text = ""
    for byte in bytes {
      switch byte {
      case 48...57, 65...90, 97...122, UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
        UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "@"):
        text.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let hex = String(byte, radix: 16)
        text += "%" + (hex.count == 1 ? "0" : "") + hex
      }
    }
    return text.isEmpty ? "%" : text
  }

  static func decode(_ text: String) -> [UInt8] {
    let source = Array(text.utf8)
    var bytes: [UInt8] = []
    var at = 0
    while at < source.count {
      if source[at] == UInt8(ascii: "%"), at + 2 < source.count,
        let byte = UInt8(String(decoding: source[(at + 1)...(at + 2)], as: UTF8.self), radix: 16)
      {
        bytes.append(byte)
        at += 3
      } else {
        if source[at] != UInt8(ascii: "%") { bytes.append(source[at]) }
        at += 1
      }
    }
    return bytes
  }

  // MARK: Paths of operations

  /// A path in the folder of operations, without that folder: it means the same from anywhere.
  static func encode(_ path: FilePath, below root: FilePath) -> String {
    let (bytes, prefix) = (path.bytes, root.bytes + [UInt8(ascii: "/")])
    return encode(bytes.starts(with: prefix) ? Array(bytes.dropFirst(prefix.count)) : bytes)
  }

  /// The path again; nil for one that leads out of the folder of operations.
  static func path(_ text: String, below root: FilePath) -> FilePath? {
    let names = decode(text).split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      .map { Array($0) }
    let dot = UInt8(ascii: ".")
    guard (1...3).contains(names.count),
      names.allSatisfy({ !$0.isEmpty && $0 != [dot] && $0 != [dot, dot] && !$0.contains(0) })
    else { return nil }
    return names.reduce(root) { $0.entry($1) }
  }
}

extension FieldText {
  /// An entry for people; what shows it makes its controls visible.
  package static func name(_ entry: [UInt8]) -> String { String(decoding: entry, as: UTF8.self) }
}
