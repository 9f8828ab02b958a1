import DiskQueue

/// A JSON document laid out in lines: strings and numbers stay as they were written.
enum PrettyJSON {
  /// Each line with the blanks it begins with.
  static func lines(_ bytes: [UInt8], _ parts: [JSONReader.Part]) -> [(
    bytes: [UInt8], indent: Int
  )] {
    var lines: [[UInt8]] = []
    var line: [UInt8] = []
    var depth = 0
    /// Whether something of the same object or array came before.
    var hasBefore = [false]
    var isAfterKey = false
    func begin() {
      if isAfterKey {
        isAfterKey = false
        return
      }
      if hasBefore[hasBefore.count - 1] { line.append(UInt8(ascii: ",")) }
      if !line.isEmpty { lines.append(line) }
      line = Array(repeating: 0x20, count: depth * 2)
      hasBefore[hasBefore.count - 1] = true
    }
    func end(_ sign: String) {
      depth -= 1
      if hasBefore.removeLast() {
        lines.append(line)
        line = Array(repeating: 0x20, count: depth * 2)
      }
      line += Array(sign.utf8)
    }
    for part in parts {
      switch part {
      case .beginObject, .beginArray:
        begin()
        line += Array((part == .beginObject ? "{" : "[").utf8)
        depth += 1
        hasBefore.append(false)
      case .endObject: end("}")
      case .endArray: end("]")
      case .key(let range):
        begin()
        line += bytes[range] + Array(": ".utf8)
        isAfterKey = true
      case .string(let range), .other(let range):
        begin()
        line += bytes[range]
      }
    }
    lines.append(line)
    return lines.map { line in
      let indent = line.prefix { $0 == 0x20 }.count
      return (Array(line.dropFirst(indent)), indent)
    }
  }
}
