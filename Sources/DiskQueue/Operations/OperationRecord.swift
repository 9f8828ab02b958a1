package import SystemPackage

/// What an operation's folder tells of it: what was done to which files, and what they were before
/// and after.
///
/// The folder holds `operation`, written before anything is touched, and `result`, written when all
/// is done; `old`, `new` and `cut` beside them are described at ``ChangeSet``.
package struct OperationRecord: Hashable, Sendable {
  /// A file as it was.
  package struct Image: Hashable, Sendable {
    package var entry: [UInt8]
    package var inode: UInt64
    package var size: Int64
    package var modified: Timestamp
  }

  package enum State: String, Sendable {
    /// It was begun and never finished; what it took out is kept, but it cannot be undone.
    case interrupted
    /// It was done.
    case done
    /// It was done and then undone.
    case undone
  }

  /// Names the operation and its folder.
  package var id: String
  package var folder: FilePath
  package var kind: Plan.Kind
  package var queue: QueueName
  package var time: Timestamp
  package var messages: Int64
  package var state: State
  /// The queue's files before it; the first is what undoing brings back.
  package var before: [Image]
  /// The queue's files when it was done.
  package var after: [Image]

  /// The files as images, in the order of their names.
  package static func images(_ files: QueueFiles) -> [Image] {
    files.statuses.map { entry, status in
      Image(entry: entry, inode: status.inode, size: status.size, modified: status.modified)
    }.sorted { $0.entry.lexicographicallyPrecedes($1.entry) }
  }

  // MARK: Text

  static func operation(_ plan: Plan, at time: Timestamp) -> String {
    let head = [
      "diskq-operation 1", "kind \(plan.kind.rawValue)",
      "queue \(FieldText.encode(plan.queue.bytes))", "time \(time.nanoseconds)",
      "messages \(plan.messages)",
    ]
    return text(head, images(plan.files))
  }

  static func result(_ messages: Int64, _ files: QueueFiles) -> String {
    text(["diskq-result 1", "messages \(messages)"], images(files))
  }

  private static func text(_ head: [String], _ images: [Image]) -> String {
    let files = images.map {
      "file \(FieldText.encode($0.entry)) \($0.inode) \($0.size) \($0.modified.nanoseconds)"
    }
    return (head + files + ["end", ""]).joined(separator: "\n")
  }

  /// Reads an operation's folder; nil when there is none that was written whole.
  package init?(_ folder: FilePath, disk: any Disk) throws(DiskQueueError) {
    guard let bytes = try disk.contents(of: folder.entry(Array("operation".utf8)), limit: 1 << 26),
      let operation = Fields(bytes), let kind = operation["kind"].flatMap(Plan.Kind.init),
      let name = operation["queue"], let queue = QueueName(bytes: FieldText.decode(name)),
      let time = operation["time"].flatMap({ Int64($0) })
    else { return nil }
    let written = try disk.contents(of: folder.entry(Array("result".utf8)), limit: 1 << 26)
    let result = written.flatMap { Fields($0) }
    let isUndone = try disk.exists(folder.entry(Array("undone".utf8)))
    id = folder.lastComponent?.string ?? ""
    self.folder = folder
    self.kind = kind
    self.queue = queue
    self.time = Timestamp(nanoseconds: time)
    messages = ((result ?? operation)["messages"]).flatMap { Int64($0) } ?? 0
    state = isUndone ? .undone : result == nil ? .interrupted : .done
    before = operation.images
    after = result?.images ?? []
  }

  /// A file of lines that start with their name and end with a line `end`.
  private struct Fields {
    private var lines: [[String]]

    init?(_ bytes: [UInt8]) {
      lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        .map { $0.split(separator: " ").map(String.init) }
      guard lines.last == ["end"] else { return nil }
    }

    subscript(name: String) -> String? {
      lines.first { $0.count == 2 && $0[0] == name }?[1]
    }

    var images: [Image] {
      lines.compactMap { words in
        guard words.count == 5, words[0] == "file", let inode = UInt64(words[2]),
          let size = Int64(words[3]), let time = Int64(words[4])
        else { return nil }
        return Image(
          entry: FieldText.decode(words[1]), inode: inode, size: size,
          modified: Timestamp(nanoseconds: time))
      }
    }
  }
}
