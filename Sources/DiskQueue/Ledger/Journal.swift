package import SystemPackage

/// What an operation does to a directory, written down before the first file is touched, so that the
/// next run can finish it or take it back.
///
/// Everything in it is checked when it is read, as any input: it names nothing but files of its queue
/// and of operations' folders.
package struct Journal: Hashable, Sendable {
  package enum Step: Hashable, Sendable {
    /// `new/entry`, which is this file, moves to DIR.
    case place(OperationRecord.Image)
    /// A file of another operation's folder, which is this one, moves to DIR.
    case bring(FilePath, OperationRecord.Image)
    /// The bytes of a file of another operation's folder, so many, are written at the offset.
    case give(FilePath, [UInt8], at: Int64, count: Int64)
    /// DIR/entry is cut at the offset.
    case cut([UInt8], Int64)
    /// `new/entry`, which is this file, becomes the metadata.
    case flip(OperationRecord.Image)
    /// A file of another operation's folder, which is this one, becomes the metadata.
    case flipBack(FilePath, OperationRecord.Image)
    /// The metadata goes.
    case flipToNone
    /// DIR/entry moves to `old/entry`.
    case out([UInt8])
    /// A file of the quarantine moves to the operation's folder.
    case release([UInt8])
    /// A file of another operation's folder gets a name in the quarantine, too.
    case detain(FilePath, [UInt8])
    /// DIR/entry goes, since it is the same file as the other entry.
    case drop([UInt8], sameAs: [UInt8])
  }

  /// The operation's folder.
  package var folder: FilePath
  /// The queue's files when it was begun.
  package var before: [OperationRecord.Image]
  /// In their order.
  package var steps: [Step]

  package init(folder: FilePath, before: [OperationRecord.Image], steps: [Step]) {
    self.folder = folder
    self.before = before
    self.steps = steps
  }

  /// The files that come from other operations' folders.
  var sources: [FilePath] {
    steps.compactMap { step in
      switch step {
      case .bring(let path, _), .give(let path, _, _, _), .flipBack(let path, _),
        .detain(let path, _):
        path
      default: nil
      }
    }
  }

  /// Where the journal of a queue is while an operation is under way.
  package static func path(of queue: QueueName, in directory: FilePath) -> FilePath {
    home(directory).entry(queue.bytes + suffix)
  }

  package static func home(_ directory: FilePath) -> FilePath {
    Ledger.home(directory).entry(Array("journal".utf8))
  }

  /// The queue a journal's file is about; nil for a name that diskq does not make.
  static func queue(_ entry: [UInt8]) -> QueueName? {
    guard entry.count > suffix.count, entry.suffix(suffix.count).elementsEqual(suffix) else {
      return nil
    }
    return QueueName(bytes: Array(entry.dropLast(suffix.count)))
  }

  private static let suffix = Array(".journal".utf8)

  // MARK: Text

  /// A line a step; words are separated by blanks, see ``FieldText``.
  package func text(usual: FilePath) -> String {
    let root = folder.removingLastComponent()
    func place(_ path: FilePath) -> String { FieldText.encode(path, below: root) }
    var lines = ["diskq-journal 2", "folder \(place(folder))"]
    if root != usual { lines.append("root \(FieldText.encode(root.bytes))") }
    for image in before { lines.append("before \(image.text)") }
    for step in steps {
      let line =
        switch step {
        case .place(let image): "place \(image.text)"
        case .bring(let path, let image): "bring \(place(path)) \(image.text)"
        case .give(let path, let entry, let offset, let count):
          "give \(place(path)) \(FieldText.encode(entry)) \(offset) \(count)"
        case .cut(let entry, let offset): "cut \(FieldText.encode(entry)) \(offset)"
        case .flip(let image): "flip \(image.text)"
        case .flipBack(let path, let image): "flip-back \(place(path)) \(image.text)"
        case .flipToNone: "flip-to-none"
        case .out(let entry): "out \(FieldText.encode(entry))"
        case .release(let name): "release \(FieldText.encode(name))"
        case .detain(let path, let name): "detain \(place(path)) \(FieldText.encode(name))"
        case .drop(let entry, let other):
          "drop \(FieldText.encode(entry)) \(FieldText.encode(other))"
        }
      lines.append(line)
    }
    return (lines + ["end", ""]).joined(separator: "\n")
  }

  /// How reading a journal ended.
  package enum Reading: Sendable {
    case whole(Journal)
    /// It was never finished, so nothing was touched; or it is none of diskq's.
    case unfinished
    /// It is of a version that is not known here.
    case foreign
    /// Its operation is kept in another folder, which the operator has to name.
    case elsewhere(FilePath)
  }

  /// Reads the text of the journal of `queue`, whose operations lie in `usual`, or in `other` where
  /// the operator says so: a journal alone must not lead anywhere else.
  package static func read(
    _ bytes: [UInt8], of queue: QueueName, usual: FilePath, other: FilePath?
  ) -> Reading {
    guard bytes.starts(with: "diskq-journal ".utf8) else { return .unfinished }
    var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
      .map { $0.split(separator: " ").map(String.init) }
    guard let first = lines.first, first.count == 2, first[0] == "diskq-journal",
      let version = Int(first[1])
    else { return .unfinished }
    if version != Ledger.format { return .foreign }
    var root = usual
    if lines.count > 2, lines[2].count == 2, lines[2][0] == "root" {
      root = FilePath(bytes: FieldText.decode(lines.remove(at: 2)[1]))
      if root != other { return .elsewhere(root) }
    }
    guard lines.last == ["end"], lines.count >= 3, lines[1].count == 2, lines[1][0] == "folder",
      let folder = FieldText.path(lines[1][1], below: root)
    else { return .unfinished }
    var journal = Journal(folder: folder, before: [], steps: [])
    for words in lines.dropFirst(2).dropLast() {
      if words.first == "before" {
        guard let image = OperationRecord.Image(words.dropFirst(), of: queue) else {
          return .unfinished
        }
        journal.before.append(image)
      } else if let step = step(words, queue, root) {
        journal.steps.append(step)
      } else {
        return .unfinished
      }
    }
    return .whole(journal)
  }

  private static func step(_ words: [String], _ queue: QueueName, _ root: FilePath) -> Step? {
    func image(_ from: Int) -> OperationRecord.Image? {
      OperationRecord.Image(words.dropFirst(from), of: queue)
    }
    func entry(_ index: Int) -> [UInt8]? {
      let bytes = FieldText.decode(words[index])
      return FileName.parse(bytes)?.queue == queue ? bytes : nil
    }
    func quarantined(_ index: Int) -> [UInt8]? {
      let name = FieldText.decode(words[index])
      return Quarantine.parse(name)?.queue == queue ? name : nil
    }
    func path(_ index: Int) -> FilePath? { FieldText.path(words[index], below: root) }
    func number(_ index: Int) -> Int64? { Int64(words[index]).flatMap { $0 >= 0 ? $0 : nil } }
    switch (words.first, words.count) {
    case ("place", 5...6): return image(1).map { .place($0) }
    case ("bring", 6...7):
      guard let path = path(1), let image = image(2) else { return nil }
      return .bring(path, image)
    case ("give", 5):
      guard let path = path(1), let name = entry(2), let offset = number(3), let count = number(4),
        !offset.addingReportingOverflow(count).overflow
      else { return nil }
      return .give(path, name, at: offset, count: count)
    case ("cut", 3):
      guard let name = entry(1), let offset = number(2) else { return nil }
      return .cut(name, offset)
    case ("flip", 5...6): return image(1).map { .flip($0) }
    case ("flip-back", 6...7):
      guard let path = path(1), let image = image(2) else { return nil }
      return .flipBack(path, image)
    case ("flip-to-none", 1): return .flipToNone
    case ("out", 2): return entry(1).map { .out($0) }
    case ("release", 2): return quarantined(1).map { .release($0) }
    case ("detain", 3):
      guard let path = path(1), let name = quarantined(2) else { return nil }
      return .detain(path, name)
    case ("drop", 3):
      guard let name = entry(1), let other = entry(2) else { return nil }
      return .drop(name, sameAs: other)
    default: return nil
    }
  }
}
