package import SystemPackage

/// What an operation's folder tells of it: what was done to which files, and what they were before
/// and after.
///
/// The folder holds `operation`, written before anything is touched, and `result`, written when all
/// is done; `old`, `new` and `cut` beside them are described at ``ChangeSet``.
package struct OperationRecord: Hashable, Sendable {
  /// A file as it was.
  ///
  /// A file system gives the number of a file that is gone to the next one, so a number alone says
  /// nothing: size, time and, of metadata, the bytes belong to it.
  package struct Image: Hashable, Sendable {
    package var entry: [UInt8]
    package var inode: UInt64
    package var size: Int64
    package var modified: Timestamp
    /// Of metadata, which is small.
    package var bytes: [UInt8]?

    package init(_ entry: [UInt8], _ status: FileStatus, bytes: [UInt8]? = nil) {
      self.entry = entry
      inode = status.inode
      size = status.size
      modified = status.modified
      self.bytes = bytes
    }

    /// Reads the words that ``text`` is made of.
    init?(_ words: ArraySlice<String>, of queue: QueueName) {
      let words = Array(words)
      guard words.count == 4 || words.count == 5, let inode = UInt64(words[1]),
        let size = Int64(words[2]), let time = Int64(words[3]), size >= 0
      else { return nil }
      entry = FieldText.decode(words[0])
      // What names another file than the queue's own was not written by diskq.
      guard FileName.parse(entry)?.queue == queue else { return nil }
      self.inode = inode
      self.size = size
      modified = Timestamp(nanoseconds: time)
      bytes = words.count == 5 ? FieldText.decode(words[4]) : nil
    }

    var text: String {
      "\(FieldText.encode(entry)) \(inode) \(size) \(modified.nanoseconds)"
        + (bytes.map { " " + FieldText.encode($0) } ?? "")
    }

    /// Whether it is the same file under the same name; metadata, which is written anew at every turn, is
    /// what its bytes are.
    package func means(the other: Image) -> Bool {
      guard let bytes, let others = other.bytes else { return self == other }
      return entry == other.entry && bytes == others
    }

    /// Whether it is the same file with the same contents, under whatever name.
    package func isSame(as other: Image) -> Bool {
      inode == other.inode && size == other.size && modified == other.modified
        && bytes == other.bytes
    }
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
  package var kind: Act.Kind
  package var queue: QueueName
  package var time: Timestamp
  package var messages: Int64
  package var state: State
  /// The operation that it undoes.
  package var undoes: String?
  /// The number of the data directory's file: operations of several may be kept in one place.
  var directory: UInt64?
  /// The queue's files before it; the first is what undoing brings back.
  package var before: [Image]
  /// The queue's files when it was done.
  package var after: [Image]

  /// The files as images, in the order of their names.
  package static func images(_ files: QueueFiles) -> [Image] {
    files.statuses.map { entry, status in
      let isMetadata = FileName.parse(entry)?.file == .metadata
      return Image(entry, status, bytes: isMetadata ? files.metadata?.bytes : nil)
    }.sorted { $0.entry.lexicographicallyPrecedes($1.entry) }
  }

  // MARK: Text

  static func operation(_ act: Act, at time: Timestamp, in directory: FileStatus) -> String {
    var head = [
      "diskq-operation 2", "kind \(act.kind.rawValue)",
      "queue \(FieldText.encode(act.queue.bytes))", "time \(time.nanoseconds)",
      "messages \(act.messages)", "directory \(directory.inode)",
    ]
    if let undone = act.undoes { head.append("undoes \(FieldText.encode(Array(undone.utf8)))") }
    return text(head, images(act.files))
  }

  static func result(_ messages: Int64, _ files: QueueFiles) -> String {
    text(["diskq-result 2", "messages \(messages)"], images(files))
  }

  private static func text(_ head: [String], _ images: [Image]) -> String {
    let files = images.map { "file \($0.text)" }
    return (head + files + ["end", ""]).joined(separator: "\n")
  }

  /// Reads an operation's folder; nil when there is none that was written whole.
  package init?(_ folder: FilePath, disk: any Disk) throws(DiskQueueError) {
    guard
      let bytes = try disk.contents(
        of: folder.entry(Array("operation".utf8)), limit: Ledger.largest),
      let operation = Fields(bytes), let kind = operation["kind"].flatMap(Act.Kind.init),
      let name = operation["queue"], let queue = QueueName(bytes: FieldText.decode(name)),
      let time = operation["time"].flatMap({ Int64($0) })
    else { return nil }
    let written = try disk.contents(
      of: folder.entry(Array("result".utf8)), limit: Ledger.largest)
    let result = written.flatMap { Fields($0) }
    let isUndone = try disk.exists(folder.entry(Array("undone".utf8)))
    id = folder.lastComponent?.string ?? ""
    self.folder = folder
    self.kind = kind
    self.queue = queue
    self.time = Timestamp(nanoseconds: time)
    messages = ((result ?? operation)["messages"]).flatMap { Int64($0) } ?? 0
    state = isUndone ? .undone : result == nil ? .interrupted : .done
    undoes = operation["undoes"].map { String(decoding: FieldText.decode($0), as: UTF8.self) }
    directory = operation["directory"].flatMap { UInt64($0) }
    guard let before = operation.images(of: queue) else { return nil }
    self.before = before
    after = []
    if let result {
      guard let images = result.images(of: queue) else { return nil }
      after = images
    }
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

    /// Nil where a line names something else than a file of the queue.
    func images(of queue: QueueName) -> [Image]? {
      var images: [Image] = []
      for words in lines where words.first == "file" {
        guard let image = Image(words.dropFirst(), of: queue) else { return nil }
        images.append(image)
      }
      return images
    }
  }
}
