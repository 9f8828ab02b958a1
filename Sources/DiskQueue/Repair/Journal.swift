package import SystemPackage

/// What an operation will do to a directory, written down before the first file is touched, so that
/// the next run can finish it.
///
/// Each action can be told to be done already, by names and inodes, and doing it again does no harm.
package struct Journal: Hashable, Sendable {
  package enum Action: Hashable, Sendable {
    /// DIR/entry, which has this inode, moves to `old/entry`.
    case out([UInt8], inode: UInt64)
    /// `new/entry` moves to DIR/entry.
    case `in`([UInt8])
    /// DIR/entry, which has this inode, is renamed.
    case rename([UInt8], [UInt8], inode: UInt64)
    /// A file of another folder moves to DIR/entry.
    case back(FilePath, [UInt8])
    /// DIR/entry, which has this inode, is cut at the offset.
    case cut([UInt8], Int64, inode: UInt64)
    /// The bytes of a file are written to DIR/entry, which has this inode, at the offset.
    case append([UInt8], Int64, inode: UInt64, FilePath)
  }

  /// The operation's folder.
  package var folder: FilePath
  package var actions: [Action]

  /// Where the journal of a queue is while an operation is under way.
  package static func path(of queue: QueueName, in directory: FilePath) -> FilePath {
    home(directory).entry(queue.bytes + Array(".journal".utf8))
  }

  static func home(_ directory: FilePath) -> FilePath {
    QueueLock.home(directory).entry(Array("journal".utf8))
  }

  // MARK: Text

  /// A line an action; words are separated by blanks, bytes other than letters, digits and `.-_/:@`
  /// are written as `%XX`.
  package var text: String {
    var lines = ["diskq-journal 1", "folder \(FieldText.encode(folder))"]
    for action in actions {
      let line =
        switch action {
        case .out(let entry, let inode): "out \(FieldText.encode(entry)) \(inode)"
        case .in(let entry): "in \(FieldText.encode(entry))"
        case .rename(let entry, let target, let inode):
          "rename \(FieldText.encode(entry)) \(FieldText.encode(target)) \(inode)"
        case .back(let path, let entry):
          "back \(FieldText.encode(path)) \(FieldText.encode(entry))"
        case .cut(let entry, let offset, let inode):
          "cut \(FieldText.encode(entry)) \(offset) \(inode)"
        case .append(let entry, let offset, let inode, let path):
          "append \(FieldText.encode(entry)) \(offset) \(inode) \(FieldText.encode(path))"
        }
      lines.append(line)
    }
    return (lines + ["end", ""]).joined(separator: "\n")
  }

  package init(folder: FilePath, actions: [Action]) {
    self.folder = folder
    self.actions = actions
  }

  /// Nil when it is not a whole journal: then it was never finished, and nothing was touched.
  package init?(_ bytes: [UInt8]) {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
      .map { $0.split(separator: " ").map(String.init) }
    guard lines.first == ["diskq-journal", "1"], lines.last == ["end"], lines.count >= 3,
      lines[1].count == 2, lines[1][0] == "folder"
    else { return nil }
    folder = FieldText.path(lines[1][1])
    actions = []
    for words in lines.dropFirst(2).dropLast() {
      guard let action = Journal.action(words) else { return nil }
      actions.append(action)
    }
  }

  private static func action(_ words: [String]) -> Action? {
    func entry(_ index: Int) -> [UInt8] { FieldText.decode(words[index]) }
    switch (words.first, words.count) {
    case ("out", 3): return UInt64(words[2]).map { .out(entry(1), inode: $0) }
    case ("in", 2): return .in(entry(1))
    case ("rename", 4): return UInt64(words[3]).map { .rename(entry(1), entry(2), inode: $0) }
    case ("back", 3): return .back(FieldText.path(words[1]), entry(2))
    case ("cut", 4):
      guard let offset = Int64(words[2]), let inode = UInt64(words[3]) else { return nil }
      return .cut(entry(1), offset, inode: inode)
    case ("append", 5):
      guard let offset = Int64(words[2]), let inode = UInt64(words[3]) else { return nil }
      return .append(entry(1), offset, inode: inode, FieldText.path(words[4]))
    default: return nil
    }
  }
}

/// Names as words of a line, whatever bytes they are made of.
enum FieldText {
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

  static func encode(_ path: FilePath) -> String { encode(path.bytes) }

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

  static func path(_ text: String) -> FilePath { FilePath(bytes: decode(text)) }
}
