import DiskQueue
import DiskQueueTesting
import SystemPackage
import Testing

/// The three ways to meet damage, on the damage that real Go programs left.
@Suite struct DamagePolicyTests {
  private func damaged() -> DirectoryBuilder {
    let builder = DirectoryBuilder()
    let good = DirectoryBuilder.records(["DDDDDD", "EEEEEE", "FFFFFF", "GGGGGG"])
    builder.segment(
      0, ["AAAAAA", "BBBBBB"], then: [0x7F, 0xFF, 0xFF, 0xFF] + Array("CCCCCC".utf8) + good)
    builder.segment(1, ["HHHHHH"])
    builder.metadata("8\n0,0\n1,10\n")
    return builder
  }

  private func open(_ builder: DirectoryBuilder, _ policy: DiskQueue.DamagePolicy) throws
    -> DiskQueue
  {
    var options = DiskQueue.Options()
    options.damage = policy
    return try builder.open(options)
  }

  @Test func `quarantine gives the file up and reads the next`() throws {
    let builder = damaged()
    let queue = try open(builder, .quarantine)
    #expect(queue.depth == 3)
    #expect(try queue.takeAllText() == ["AAAAAA", "BBBBBB", "HHHHHH"])
    #expect(builder.disk.bytes("/data/jobs.diskqueue.000000.dat.bad")?.count == 70)
  }

  @Test func `salvage reads on in the same file and keeps the bytes between`() async throws {
    let builder = damaged()
    let queue = try open(builder, .salvage)
    let events = queue.events
    #expect(queue.depth == 7)
    let wanted = ["AAAAAA", "BBBBBB", "DDDDDD", "EEEEEE", "FFFFFF", "GGGGGG", "HHHHHH"]
    for text in wanted {
      #expect(try queue.take()?.text == text)
      _ = try queue.checkedState
    }
    #expect(queue.depth == 0)
    try queue.close()
    let files = builder.disk.files(in: "/data")
    #expect(files[".diskq/quarantine/jobs.diskqueue.000000.dat@20"]?.count == 10)
    #expect(!files.keys.contains { $0.contains(".bad") })
    var codes: [Finding.Code] = []
    for await case .found(let finding) in events { codes.append(finding.code) }
    #expect(codes.filter { $0 == .badLength }.count == 2)
  }

  @Test func `stop throws and touches nothing`() throws {
    let builder = damaged()
    let before = builder.disk.files(in: "/data").filter { !$0.key.contains("meta") }
    let queue = try open(builder, .stop)
    #expect(try queue.take(2).map(\.text) == ["AAAAAA", "BBBBBB"])
    for _ in 0..<2 {
      let error = #expect(throws: DiskQueueError.self) { try queue.take() }
      #expect(error?.code == .damaged)
      #expect(error?.offset == 20)
      #expect(error?.path == "/data/jobs.diskqueue.000000.dat")
    }
    try queue.close()
    let after = builder.disk.files(in: "/data").filter { !$0.key.contains("meta") }
    #expect(before == after)
  }

  @Test(arguments: ["length-huge", "length-negative", "length-off-by-some"])
  func `salvage delivers what is owed of real damage`(name: String) throws {
    let fixture = try Fixture(name)
    let directory = try fixture.copy()
    var options = fixture.options
    options.damage = .salvage
    let queue = try DiskQueue("jobs", directory: directory.path, options: options)
    let depth = queue.depth
    let taken = try queue.take(.max).map(\.payload)
    #expect(depth == taken.count)
    let missing = fixture.queues[0].owed.filter { !taken.contains($0) }
    // A length that is wrong but possible swallows the start of the next record with its own.
    #expect(missing.count <= (name == "length-off-by-some" ? 1 : 0))
  }
}
