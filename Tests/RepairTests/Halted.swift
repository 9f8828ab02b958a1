import DiskQueue
import DiskQueueTesting
import SystemPackage

/// A queue of two segments on which an operation stands still, before its moment or behind it; what the
/// journal says is given.
struct Halted {
  static let folder: FilePath = "/data/.diskq/backup/20260101T000000Z"
  static let id = "20260101T000000Z"

  let disk = InMemoryDisk()
  let queue: QueueName
  /// The queue's files when the operation began.
  let before: [OperationRecord.Image]

  static func segment(_ number: Int64) -> [UInt8] {
    Array("jobs.diskqueue.00000\(number).dat".utf8)
  }

  static let metadata = Array("jobs.diskqueue.meta.dat".utf8)

  static func path(_ entry: [UInt8]) -> FilePath { FilePath("/data/" + text(entry)) }
  static func text(_ entry: [UInt8]) -> String { String(decoding: entry, as: UTF8.self) }

  init() throws {
    let builder = DirectoryBuilder(disk: disk)
    queue = builder.queue
    builder.segment(0, ["AAAAAA", "BBBBBB"])
    builder.segment(1, ["CCCCCC", "DDDDDD"])
    builder.metadata("4\n0,0\n1,20\n")
    before = OperationRecord.images(try QueueFiles(queue, in: "/data", disk: disk))
    for name in ["old", "new", "cut"] { disk.plantFolder(Self.folder.appending(name)) }
    disk.plant(
      Self.folder.appending("operation"),
      Array("diskq-operation 2\nkind skip\nqueue jobs\ntime 0\nmessages 2\nend\n".utf8))
  }

  /// The file at a path, as the image of an entry.
  func image(_ path: FilePath, as entry: [UInt8]) throws -> OperationRecord.Image {
    let isMetadata = entry == Self.metadata
    return OperationRecord.Image(
      entry, try disk.status(at: path), bytes: isMetadata ? disk.bytes(path) : nil)
  }

  /// New metadata, in the operation's folder or, once it `hasFlipped`, in the directory.
  func flip(hasFlipped: Bool) throws -> Journal.Step {
    let path =
      hasFlipped ? Self.path(Self.metadata) : Self.folder.appending("new/jobs.diskqueue.meta.dat")
    disk.plant(path, Array("2\n1,0\n1,20\n".utf8))
    return .flip(try image(path, as: Self.metadata))
  }

  func halt(_ steps: [Journal.Step]) {
    let journal = Journal(folder: Self.folder, before: before, steps: steps)
    disk.plantDeep(
      Journal.path(of: queue, in: "/data"),
      Array(journal.text(usual: Backup.root("/data")).utf8))
  }

  /// What another program does: it adds bytes to a file.
  func grow(_ entry: [UInt8], by bytes: [UInt8] = DirectoryBuilder.records(["from Go"])) throws {
    let handle = try disk.open(Self.path(entry), .append)
    defer { disk.close(handle) }
    try disk.writeAll(handle, bytes.span, at: 0)
  }

  /// What another program does: it puts another file in the place of one.
  func replace(_ entry: [UInt8], _ bytes: [UInt8] = DirectoryBuilder.records(["from Go"])) {
    disk.plant(Self.path(entry), bytes)
  }

  func bytes(_ entry: [UInt8]) -> [UInt8]? { disk.bytes(Self.path(entry)) }

  func settle(by other: (any Disk)? = nil) throws(DiskQueueError) -> Interrupted.Outcome {
    try Interrupted.settle(queue, in: "/data", disk: other ?? disk)
  }

  var record: OperationRecord? {
    get throws { try OperationStore(of: "/data", disk: disk).find(Self.id) }
  }
}
