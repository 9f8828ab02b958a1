import DiskQueue
import DiskQueueTesting
import SystemPackage
import Testing

@Suite struct FileNameTests {
  @Test(arguments: [
    ("jobs.diskqueue.000000.dat", "jobs", FileName.segment(0)),
    ("jobs.diskqueue.1234567.dat", "jobs", .segment(1_234_567)),
    ("orders:billing.diskqueue.000012.dat", "orders:billing", .segment(12)),
    ("a.b%d #x.diskqueue.meta.dat", "a.b%d #x", .metadata),
    ("jobs.diskqueue.meta.dat.557.tmp", "jobs", .temporary(tag: "557")),
    ("jobs.diskqueue.000001.dat.bad", "jobs", .bad(1, copy: 0)),
    ("jobs.diskqueue.000001.dat.bad.3", "jobs", .bad(1, copy: 3)),
    ("a.diskqueue.000001.dat.diskqueue.meta.dat", "a.diskqueue.000001.dat", .metadata),
  ])
  func `queue files are parsed from the right and written back`(
    entry: String, queue: String, file: FileName
  ) throws {
    let parsed = try #require(FileName.parse(Array(entry.utf8)))
    #expect(parsed.queue.description == queue)
    #expect(parsed.file == file)
    #expect(parsed.file.entry(of: parsed.queue) == Array(entry.utf8))
  }

  @Test(arguments: [
    "nsqd.dat", "jobs.diskqueue.00001.dat", "jobs.diskqueue.0000001.dat", ".diskqueue.000001.dat",
    "jobs.diskqueue.meta.dat.tmp", "jobs.diskqueue.-00001.dat", "jobs.diskqueue.000001.dat.bad.0",
    "jobs.diskqueue.99999999999999999999.dat", "jobs.diskqueue.9223372036854775807.dat", "",
    "jobs.diskqueue.000001.dat.bad.x", "jobs.diskqueue.",
  ])
  func `other files are left alone`(entry: String) {
    #expect(FileName.parse(Array(entry.utf8)) == nil)
  }

  @Test(arguments: ["", ".", "..", "../x", "a/b", "a\0b", String(repeating: "x", count: 250)])
  func `F26 names that leave the directory are refused`(name: String) {
    let error = #expect(throws: DiskQueueError.self) { try QueueName(name) }
    #expect(error?.code == .invalidName)
  }

  @Test func `a temporary whose tag is not ASCII is left alone`() {
    #expect(
      FileName.parse(Array("a.diskqueue.meta.dat.".utf8) + [0xFF] + Array(".tmp".utf8)) == nil)
  }

  @Test func `bytes that are not UTF-8 survive in a name`() throws {
    let entry = [0xFF, 0xC3] + Array(".diskqueue.meta.dat".utf8)
    let parsed = try #require(FileName.parse(entry))
    #expect(parsed.file.entry(of: parsed.queue) == entry)
  }
}

@Suite struct MetadataTests {
  @Test(arguments: [
    ("5\n0,0\n0,120\n", Int64?(5), Position?(.init(file: 0, offset: 0)), Int64?(120)),
    ("5\r\n0,0\r\n0,120\r\n", 5, .init(file: 0, offset: 0), 120),
    ("24\n0,0\n2", 24, .init(file: 0, offset: 0), nil),
    ("24\n0,0\n0,3", 24, .init(file: 0, offset: 0), nil),
    ("-7\n0,0\n2,192\n", -7, .init(file: 0, offset: 0), 192),
    ("2\n0,10\n", 2, .init(file: 0, offset: 10), nil),
    ("", nil, nil, nil),
    ("hello\nworld", nil, nil, nil),
    ("\0\0\0\0", nil, nil, nil),
    ("1\n0,-5\n0,10\n", 1, nil, 10),
    ("1\n9223372036854775807,0\n0,9223372036854775807\n", 1, nil, nil),
    ("+1\n0,0\n0,0\n", nil, .init(file: 0, offset: 0), 0),
    ("1\n0,0\n0,10\nmore", 1, .init(file: 0, offset: 0), nil),
  ])
  func `each number stands for itself`(
    text: String, depth: Int64?, read: Position?, writeOffset: Int64?
  ) {
    let reading = MetadataReading(Array(text.utf8))
    #expect(reading.depth == depth)
    #expect(reading.read == read)
    #expect(reading.write?.offset == writeOffset)
    if let whole = reading.whole { #expect(MetadataReading(Array(whole.text.utf8)).whole == whole) }
  }
}

@Suite struct RecordScannerTests {
  /// Bytes, minimum length, then where the chain ends, how many records, and why.
  static let chains: [([UInt8], Int, Int64, Int64, RecordScanner.Stop)] = [
    ([], 0, 0, 0, .end),
    ([0, 0, 0, 1, 9], 0, 5, 1, .end),
    ([0, 0, 0, 1, 9, 0, 0], 0, 5, 1, .torn),
    ([0, 0, 0, 1, 9, 0, 0, 0, 2, 1], 0, 5, 1, .torn),
    ([0, 0, 0, 1, 9, 0xFF, 0xFF, 0xFF, 0xFF], 0, 5, 1, .badLength(-1)),
    ([0, 0, 0, 1, 9, 0x7F, 0xFF, 0xFF, 0xFF], 0, 5, 1, .badLength(Int(Int32.max))),
    ([0, 0, 0, 1, 9, 0, 0, 0, 0, 0, 0, 0, 0], 0, 5, 1, .zeros),
    ([0, 0, 0, 1, 9, 0, 0, 0, 0, 0, 0, 0, 0], 1, 5, 1, .zeros),
    ([0, 0, 0, 0, 0, 0, 0, 1, 9], 0, 9, 2, .end),
    ([0, 0, 0, 0, 0, 0, 0, 1, 9], 1, 0, 0, .badLength(0)),
    ([0, 0, 0, 1], 2, 0, 0, .badLength(1)),
  ]

  @Test(arguments: chains, [1, 4, 5, 4096])
  func `a chain ends where and why it should, whatever the window`(
    chain: ([UInt8], Int, Int64, Int64, RecordScanner.Stop), window: Int
  ) throws {
    let disk = InMemoryDiskFile(chain.0)
    var scanner = SegmentScanner(disk: disk.disk, windowSize: max(4, window))
    let found = try scanner.scan(
      disk.path, size: Int64(chain.0.count), from: 0,
      limits: RecordLimits(minimum: chain.1, maximum: 1000))
    #expect(found == SegmentScan(end: chain.2, records: chain.3, stop: chain.4))
  }

  @Test func `zeros the metadata vouches for are messages`() throws {
    let disk = InMemoryDiskFile([0, 0, 0, 1, 9, 0, 0, 0, 0, 0, 0, 0, 0])
    var scanner = SegmentScanner(disk: disk.disk)
    let found = try scanner.scan(
      disk.path, size: 13, from: 0, limits: RecordLimits(), trusted: 13)
    #expect(found == SegmentScan(end: 13, records: 3, stop: .end))
  }
}

@Suite struct EnvelopeAndTimeTests {
  @Test func `an envelope is read back as it was written`() throws {
    let envelope = NSQEnvelope(
      timestamp: 1_795_345_362_161_520_268, attempts: 3, id: "18a441206f269000",
      body: Array("page view 1".utf8))
    #expect(envelope.payload.count == NSQEnvelope.headerSize + 11)
    #expect(NSQEnvelope(envelope.payload) == envelope)
    #expect(NSQEnvelope(Array("too short".utf8)) == nil)
    #expect(NSQEnvelope([UInt8](repeating: 0xFF, count: 40)) == nil)
  }

  @Test(arguments: [
    (Int64(0), "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"),
    (1_795_341_871, "2026-11-22T10:04:31Z"), (-1, "1969-12-31T23:59:59Z"),
    (4_102_444_799, "2099-12-31T23:59:59Z"),
  ])
  func `moments print as RFC 3339`(seconds: Int64, text: String) {
    #expect(Timestamp(nanoseconds: seconds * 1_000_000_000).rfc3339 == text)
  }

  @Test func `fractions keep their digits and drop their zeros`() {
    #expect(Timestamp(nanoseconds: 1_500_000_000).rfc3339Full == "1970-01-01T00:00:01.5Z")
    #expect(Timestamp(nanoseconds: 1_000_000_007).rfc3339Full == "1970-01-01T00:00:01.000000007Z")
  }
}
