import DiskQueue
import DiskQueueTesting
import SystemPackage
import Testing

/// An operation that stopped before its moment: it is finished when everything is as it was, and taken back
/// without touching what another program has made or written since.
@Suite struct HaltedBeforeTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// What comes before the moment; may plant what that needs.
    var steps: @Sendable (Halted) throws -> [Journal.Step] = { _ in [] }
    /// What is left to do after it.
    var late: [Journal.Step] = [.out(Halted.segment(0))]
    /// What another program does before anybody comes back.
    var change: @Sendable (Halted) throws -> Void = { _ in }
    var isTakenBack = true
    /// What is in the directory afterwards, by name; nil for what must not be there.
    var after: [[UInt8]: [UInt8]?]
  }

  private static let two = DirectoryBuilder.records(["AAAAAA", "BBBBBB"])
  private static let other = DirectoryBuilder.records(["CCCCCC", "DDDDDD"])
  private static let news = DirectoryBuilder.records(["from Go"])
  private static let kept: FilePath = Halted.folder.appending("cut/kept")
  private static let new = Halted.segment(7)

  /// A segment that has come.
  private static func place(_ halted: Halted) throws -> [Journal.Step] {
    halted.disk.plant(Halted.path(new), [1, 2, 3])
    return [.place(try halted.image(Halted.path(new), as: new))]
  }

  /// Another name of segment 0, which has come.
  private static func rename(_ halted: Halted) throws -> [Journal.Step] {
    try halted.disk.link(Halted.path(Halted.segment(0)), to: Halted.path(new))
    return [.place(try halted.image(Halted.path(new), as: new))]
  }

  /// A segment that has come in the place of segment 0, which lies in the folder.
  private static func replace(_ halted: Halted) throws -> [Journal.Step] {
    let path = Halted.path(Halted.segment(0))
    try halted.disk.rename(path, to: Halted.folder.appending("old/jobs.diskqueue.000000.dat"))
    halted.disk.plant(path, [1, 2, 3])
    return [.place(try halted.image(path, as: Halted.segment(0)))]
  }

  private static func give(_ halted: Halted) -> [Journal.Step] {
    halted.disk.plant(kept, DirectoryBuilder.records(["EEEEEE"]))
    return [.give(kept, Halted.segment(0), at: 20, count: 10)]
  }

  static let cases: [Case] = [
    Case(
      testDescription: "all is as it was", isTakenBack: false,
      after: [Halted.segment(0): nil, Halted.segment(1): other]),
    Case(
      testDescription: "all is as it was, and what comes is there", steps: { try place($0) },
      isTakenBack: false, after: [Halted.segment(0): nil, new: [1, 2, 3]]),
    Case(
      testDescription: "a segment has gone", steps: { try place($0) },
      change: { try $0.disk.remove(Halted.path(Halted.segment(0))) },
      after: [Halted.segment(0): nil, Halted.segment(1): other, new: nil]),
    Case(
      testDescription: "a segment has grown", steps: { try place($0) },
      change: { try $0.grow(Halted.segment(1)) },
      after: [Halted.segment(0): two, Halted.segment(1): other + news, new: nil]),
    Case(
      testDescription: "what has come has grown", steps: { try place($0) },
      change: { try $0.grow(new) },
      after: [Halted.segment(0): two, new: [1, 2, 3] + news]),
    Case(
      testDescription: "what has come is another file", steps: { try place($0) },
      change: { $0.replace(new) }, after: [Halted.segment(0): two, new: news]),
    Case(
      testDescription: "a second name goes again", steps: { try rename($0) },
      late: [.drop(Halted.segment(0), sameAs: new)], change: { try $0.grow(Halted.segment(0)) },
      after: [Halted.segment(0): two + news, new: nil]),
    Case(
      testDescription: "a second name is another file's now", steps: { try rename($0) },
      late: [.drop(Halted.segment(0), sameAs: new)], change: { $0.replace(new) },
      after: [Halted.segment(0): two, new: news]),
    Case(
      testDescription: "what was replaced comes back", steps: { try replace($0) },
      change: { try $0.grow(Halted.segment(1)) },
      after: [Halted.segment(0): two, Halted.segment(1): other + news]),
    Case(
      testDescription: "as many bytes as were to be given back are another program's",
      steps: { give($0) },
      change: { try $0.grow(Halted.segment(0), by: [UInt8](repeating: 9, count: 10)) },
      after: [Halted.segment(0): two + [UInt8](repeating: 9, count: 10)]),
    Case(
      testDescription: "a first part of what is given back is there", steps: { give($0) }, late: [],
      change: {
        try $0.grow(Halted.segment(0), by: Array(DirectoryBuilder.records(["EEEEEE"])[..<3]))
      },
      isTakenBack: false,
      after: [Halted.segment(0): two + DirectoryBuilder.records(["EEEEEE"])]),
    Case(
      testDescription: "what was to come has gone with its folder", steps: { try place($0) },
      change: { halted in
        let folder = Halted.folder.appending("new")
        try halted.disk.remove(folder.appending("jobs.diskqueue.meta.dat"))
        try halted.disk.removeDirectory(folder)
      }, after: [Halted.segment(0): two, Halted.segment(1): other, new: nil]),
    Case(
      testDescription: "one of those to come has gone from the folder",
      steps: { halted in
        let path = Halted.folder.appending("new/jobs.diskqueue.000007.dat")
        halted.disk.plant(path, [1, 2, 3])
        return [.place(try halted.image(path, as: new))]
      },
      change: { try $0.disk.remove(Halted.folder.appending("new/jobs.diskqueue.000007.dat")) },
      after: [Halted.segment(0): two, Halted.segment(1): other, new: nil]),
    Case(
      testDescription: "what was to be given back has gone from the folder", steps: { give($0) },
      change: { try $0.disk.remove(kept) },
      after: [Halted.segment(0): two, Halted.segment(1): other]),
  ]

  @Test(arguments: cases) func `it is finished only where nothing else has happened`(test: Case)
    throws
  {
    let halted = try Halted()
    halted.halt(
      try test.steps(halted) + [try halted.flip(hasFlipped: false)] + test.late)
    try test.change(halted)
    let id = Halted.id
    #expect(try halted.settle() == (test.isTakenBack ? .takenBack(id: id) : .finished(id: id)))
    for (entry, bytes) in test.after {
      #expect(halted.bytes(entry) == bytes, "\(Halted.text(entry))")
    }
    let metadata = halted.bytes(Halted.metadata).map { String(decoding: $0, as: UTF8.self) }
    #expect(metadata == (test.isTakenBack ? "4\n0,0\n1,20\n" : "2\n1,0\n1,20\n"))
    #expect(try !halted.disk.exists(Journal.path(of: halted.queue, in: "/data")))
  }

  @Test func `what was taken out is out durably before the journal goes`() throws {
    let halted = try Halted()
    let path = Halted.path(Self.new)
    halted.disk.plant(path, [1, 2, 3])
    halted.halt([
      .place(try halted.image(path, as: Self.new)), try halted.flip(hasFlipped: false),
    ])
    try halted.grow(Halted.segment(1))
    let disk = UnsyncedDisk(halted.disk)
    let waiting = Guarded<Set<String>?>(nil)
    disk.beforeRenaming { source, _, unsynced in
      if source.string.hasSuffix(".journal") { waiting.withLock { $0 = unsynced } }
    }
    #expect(try halted.settle(by: disk) == .takenBack(id: Halted.id))
    let seen = try #require(waiting.withLock { $0 })
    #expect(!seen.contains(path.string))
  }

  /// On a file system that says two names are one file, a rename would leave both.
  @Test func `a file that comes under a name it has already loses the other one`() throws {
    let directory = try TemporaryDirectory()
    let disk = RealDisk(below: directory.path)
    let queue = try QueueName("jobs")
    let folder = Backup.root(directory.path).appending(Halted.id)
    for path in [
      Ledger.home(directory.path), Backup.root(directory.path), folder,
      folder.appending("old"), folder.appending("new"), Journal.home(directory.path),
    ] { try disk.makeDirectory(path) }
    let (there, kept) = (
      directory.path.appending("jobs.diskqueue.000000.dat"),
      folder.appending("old/jobs.diskqueue.000000.dat")
    )
    try disk.writeNew(there, [1, 2, 3], ownership: nil)
    try disk.link(there, to: kept)
    let new = folder.appending("new/jobs.diskqueue.meta.dat")
    try disk.writeNew(new, Array("0\n1,0\n1,0\n".utf8), ownership: nil)
    let before = OperationRecord.images(try QueueFiles(queue, in: directory.path, disk: disk))
    let journal = Journal(
      folder: folder, before: before,
      steps: [
        .bring(kept, .init(Halted.segment(0), try disk.status(at: kept))),
        .flip(
          .init(
            Halted.metadata, try disk.status(at: new), bytes: try disk.contents(of: new))),
      ])
    try disk.writeNew(
      Journal.path(of: queue, in: directory.path),
      Array(journal.text(usual: Backup.root(directory.path)).utf8), ownership: nil)
    #expect(
      try Interrupted.settle(queue, in: directory.path, disk: disk) == .finished(id: Halted.id))
    #expect(try disk.contents(of: there) == [1, 2, 3])
    #expect(try !disk.exists(kept))
  }
}
