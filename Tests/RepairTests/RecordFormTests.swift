import DiskQueueTesting
import QueueOperations
import SystemPackage
import Testing

@testable import DiskQueue

/// Journals and records of operations are believed whole or not at all.
@Suite struct RecordFormTests {
  private static let root: FilePath = "/data/.diskq/backup"

  static let journals: [(String, Bool)] = [
    ("folder id\nout q.diskqueue.000000.dat\nend\n", true),
    ("folder id\nout q.diskqueue.000000.dat\n", false),
    ("folder id\nout q.diskqueue.000000.dat\nend\nout q.diskqueue.000001.dat\n", false),
    ("folder id\nbring a/b/c q.diskqueue.000000.dat 1 2 3\nend\n", true),
    ("folder id\nbring a/b/c/d q.diskqueue.000000.dat 1 2 3\nend\n", false),
    ("folder a/b/c/d\nend\n", false),
    ("folder %2f\nend\n", false),
  ]

  @Test(arguments: journals) func `a journal is whole or none`(text: String, isWhole: Bool) throws {
    let reading = Journal.read(
      Array("diskq-journal 2\n\(text)".utf8), of: try QueueName("q"), usual: Self.root, other: nil)
    let isRead = if case .whole = reading { true } else { false }
    #expect(isRead == isWhole)
  }

  @Test(arguments: ["operation", "result"], [true, false])
  func `a record is whole or none`(name: String, hasEnd: Bool) throws {
    let stage = try Repairer.filled()
    let id = try stage.empty().id
    let path = Self.root.appending(id).appending(name)
    let text = String(decoding: stage.builder.disk.bytes(path) ?? [], as: UTF8.self)
    #expect(text.hasSuffix("end\n"))
    if !hasEnd { stage.builder.disk.plant(path, Array(text.dropLast(4).utf8)) }
    let states = try stage.store.list().map(\.state)
    #expect(states == (hasEnd ? [.done] : name == "result" ? [.interrupted] : []))
  }

  @Test(arguments: [".purged-x", ".", "..", "", "a/b"])
  func `only the name of one folder names an operation`(id: String) throws {
    let stage = try Repairer.filled()
    let made = Self.root.appending(try stage.empty().id)
    let bytes = try #require(stage.builder.disk.bytes(made.appending("operation")))
    for place in [".purged-x", "a/b", "."] {
      stage.builder.disk.plantDeep(Self.root.appending(place).appending("operation"), bytes)
    }
    let error = #expect(throws: DiskQueueError.self) { try stage.store.find(id) }
    #expect(error?.code == .notFound)
  }

  @Test func `the last operation that can be undone is no undo`() throws {
    let stage = try Repairer.filled()
    let first = try stage.skip(3).id
    let second = try stage.skip(3).id
    #expect(try stage.store.last(stage.builder.queue)?.id == second)
    try stage.undo(second)
    #expect(try stage.store.last(stage.builder.queue)?.id == first)
    try stage.undo(first)
    #expect(try stage.store.last(stage.builder.queue) == nil)
  }

  // MARK: Images

  static let changes: [@Sendable (inout OperationRecord.Image) -> Void] = [
    { $0.inode += 1 }, { $0.size += 1 }, { $0.modified = Timestamp(nanoseconds: 1) },
    { $0.bytes = [2] }, { $0.bytes = nil },
  ]

  private static let image = OperationRecord.Image(
    Array("q.diskqueue.meta.dat".utf8),
    FileStatus(
      device: 1, inode: 2, size: 3, kind: .file, ownership: Ownership(user: 0, group: 0, mode: 0),
      modified: Timestamp(nanoseconds: 0)), bytes: [1])

  @Test(arguments: changes.indices)
  func `a file is the same by its number, size, time and bytes`(index: Int) {
    var other = Self.image
    #expect(Self.image.isSame(as: other))
    Self.changes[index](&other)
    #expect(!Self.image.isSame(as: other))
    var renamed = Self.image
    renamed.entry = Array("q.diskqueue.000000.dat".utf8)
    #expect(Self.image.isSame(as: renamed))
  }
}
