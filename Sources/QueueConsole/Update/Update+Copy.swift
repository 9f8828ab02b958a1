import DiskQueue
import QueueOperations

/// What leaves the screen for the clipboard or a file.
extension Model {
  /// Bytes that terminals take in one sequence, after base64.
  private static let clipboard = 74_994

  /// Copies what the page says: a payload's body, a queue's name, a line of the log.
  mutating func copy() -> [Effect] {
    let bytes = page.copied(in: self)
    guard !bytes.isEmpty else { return [] }
    guard bytes.count <= Model.clipboard else {
      say(
        "\(Numbers.bytes(Int64(bytes.count))) is more than a clipboard takes; e exports", .warning)
      return []
    }
    say("\(Numbers.bytes(Int64(bytes.count))) bytes sent to the terminal's clipboard")
    return [.copy(bytes)]
  }

  mutating func export(to path: String, _ format: MessageFormat = .ndjson) -> [Effect] {
    page.export(to: path, format, in: &self)
  }

  /// Says which pages can be written to a file, since this one cannot.
  mutating func sayWhatExports() {
    let pages = Pages.all.filter(\.canExport)
    let names = pages.map { $0.title.lowercased() }.joined(separator: " and ")
    let labels = pages.compactMap { $0.shortcut.map { keys.label($0) } }.joined(separator: ", ")
    say("\(names) can be exported: \(labels)", .warning)
  }
}

extension Array {
  /// The element at an index that may not be there.
  subscript(safely index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
