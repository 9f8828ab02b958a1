import DiskQueue
import DiskQueueTesting
import QueueOperations
import SystemPackage
import Testing

/// An operation that stopped behind its moment: what it has still to do is done to the very files it was
/// about, and to nothing that another program has made or written since.
@Suite struct HaltedBehindTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// What is left to do; may plant what that needs.
    var step: @Sendable (Halted) throws -> Journal.Step
    /// What another program does before anybody comes back.
    var change: @Sendable (Halted) throws -> Void = { _ in }
    /// The entry it is about, and what is under it afterwards.
    var entry = Halted.segment(0)
    var after: @Sendable (Halted) -> [UInt8]?
  }

  private static let two = DirectoryBuilder.records(["AAAAAA", "BBBBBB"])
  private static let news = DirectoryBuilder.records(["from Go"])
  private static let kept: FilePath = Halted.folder.appending("cut/kept")

  /// Gives segment 0 ten bytes at its end.
  private static func give(_ halted: Halted) -> Journal.Step {
    halted.disk.plant(kept, DirectoryBuilder.records(["EEEEEE"]))
    return .give(kept, Halted.segment(0), at: 20, count: 10)
  }

  /// Another name of segment 0, which that loses then.
  private static func drop(_ halted: Halted) throws -> Journal.Step {
    try halted.disk.link(Halted.path(Halted.segment(0)), to: Halted.path(Halted.segment(7)))
    return .drop(Halted.segment(0), sameAs: Halted.segment(7))
  }

  static let cases: [Case] = [
    Case(
      testDescription: "a segment leaves", step: { _ in .out(Halted.segment(0)) },
      after: { _ in nil }),
    Case(
      testDescription: "a segment that has grown stays", step: { _ in .out(Halted.segment(0)) },
      change: { try $0.grow(Halted.segment(0)) }, after: { _ in two + news }),
    Case(
      testDescription: "a segment that is another one stays",
      step: { _ in .out(Halted.segment(0)) },
      change: { $0.replace(Halted.segment(0), two) }, after: { _ in two }),
    Case(
      testDescription: "a segment that was written anew stays",
      step: { _ in .out(Halted.segment(0)) },
      change: { halted in
        let handle = try halted.disk.open(Halted.path(Halted.segment(0)), .write)
        defer { halted.disk.close(handle) }
        try halted.disk.writeAll(handle, two.reversed().span, at: 0)
      }, after: { _ in two.reversed() }),
    Case(
      testDescription: "a segment is cut", step: { _ in .cut(Halted.segment(0), 10) },
      after: { _ in Array(two[..<10]) }),
    Case(
      testDescription: "a segment that has grown is not cut",
      step: { _ in .cut(Halted.segment(0), 10) },
      change: { try $0.grow(Halted.segment(0)) }, after: { _ in two + news }),
    Case(
      testDescription: "a segment that is another one is not cut",
      step: { _ in .cut(Halted.segment(0), 10) },
      change: { $0.replace(Halted.segment(0), two) }, after: { _ in two }),
    Case(
      testDescription: "a segment is given bytes back", step: { give($0) },
      after: { _ in two + DirectoryBuilder.records(["EEEEEE"]) }),
    Case(
      testDescription: "a segment is given the rest of its bytes", step: { give($0) },
      change: {
        try $0.grow(Halted.segment(0), by: Array(DirectoryBuilder.records(["EEEEEE"])[..<4]))
      },
      after: { _ in two + DirectoryBuilder.records(["EEEEEE"]) }),
    Case(
      testDescription: "bytes that are another program's are not written over", step: { give($0) },
      change: { try $0.grow(Halted.segment(0), by: [1, 2, 3, 4]) },
      after: { _ in two + [1, 2, 3, 4] }),
    Case(
      testDescription: "a segment that is another one is given nothing", step: { give($0) },
      change: { $0.replace(Halted.segment(0), two) }, after: { _ in two }),
    Case(
      testDescription: "a name too many goes", step: { try drop($0) }, after: { _ in nil }),
    Case(
      testDescription: "the only name of a segment stays", step: { try drop($0) },
      change: { $0.replace(Halted.segment(7), news) }, after: { _ in two }),
    Case(
      testDescription: "the only name of another segment stays", step: { try drop($0) },
      change: { $0.replace(Halted.segment(0), news) }, after: { _ in news }),
  ]

  @Test(arguments: cases) func `what is left to do is done to its own files only`(test: Case) throws
  {
    let halted = try Halted()
    let step = try test.step(halted)
    halted.halt([try halted.flip(hasFlipped: true), step])
    try test.change(halted)
    #expect(try halted.settle() == .finished(id: Halted.id))
    #expect(halted.bytes(test.entry) == test.after(halted))
    #expect(halted.bytes(Halted.segment(1)) != nil)
    #expect(try !halted.disk.exists(Journal.path(of: halted.queue, in: "/data")))
  }

  /// What the operation made is what undoing takes away: nothing of another program's may be in it.
  @Test(arguments: [false, true])
  func `an operation can be undone unless another program has written since`(isWritten: Bool) throws
  {
    let halted = try Halted()
    halted.halt([try halted.flip(hasFlipped: true), .out(Halted.segment(0))])
    if isWritten { try halted.grow(Halted.segment(1)) }
    #expect(try halted.settle() == .finished(id: Halted.id))
    let record = try #require(try halted.record)
    #expect(record.state == .done)
    #expect(record.after.isEmpty == isWritten)
    let planner = Repairer(DirectoryBuilder(disk: halted.disk)).worker.planner
    if isWritten {
      let error = #expect(throws: DiskQueueError.self) { try UndoPlanner(planner, record).plan() }
      #expect(error?.code == .refused)
    }
  }

  /// Killed again at any call while it is finished, it is finished by the next.
  @Test func `a kill while it is finished leaves it to the next`() throws {
    func halt() throws -> Halted {
      let halted = try Halted()
      halted.halt([try halted.flip(hasFlipped: true), .out(Halted.segment(0))])
      return halted
    }
    let whole = CrashingDisk(try halt().disk)
    _ = try Interrupted.settle(halt().queue, in: "/data", disk: whole)
    #expect(whole.calls > 5)
    for call in 1...whole.calls {
      let halted = try halt()
      let disk = CrashingDisk(halted.disk)
      disk.crash(at: call)
      _ = try? halted.settle(by: disk)
      var random = SeededGenerator(seed: 0)
      let left = disk.afterCrash(.nothing, &random)
      _ = try Interrupted.settle(halted.queue, in: "/data", disk: left)
      let record = try OperationStore(of: "/data", disk: left).find(Halted.id)
      #expect(record.state == .done, "call \(call)")
      #expect(left.bytes(Halted.path(Halted.segment(0))) == nil, "call \(call)")
    }
  }

  @Test(arguments: [".purged-x", "x"]) func `only an operation is marked as undone`(id: String)
    throws
  {
    let halted = try Halted()
    halted.disk.plant(
      Halted.folder.appending("operation"),
      Array("diskq-operation 2\nkind undo\nqueue jobs\ntime 0\nundoes \(id)\nend\n".utf8))
    halted.disk.plantFolder(FilePath("/data/.diskq/backup/\(id)"))
    halted.halt([try halted.flip(hasFlipped: true)])
    #expect(try halted.settle() == .finished(id: Halted.id))
    let mark = FilePath("/data/.diskq/backup/\(id)/undone")
    #expect(try halted.disk.exists(mark) == !id.hasPrefix("."))
  }
}
