import DiskQueue
import DiskQueueTesting
import SystemPackage
import Testing

/// What one format writes it reads back, for every byte string it can hold.
@Suite struct FormatRoundTripTests {
  static let hostile: [[UInt8]] = [
    [], [0], Array(0...255), Array("{\"a\":\"\\u0041\"}".utf8), Array("größer 请求 😀".utf8),
    [0xC3, 0x28], [0x1B, 0x5B, 0x32, 0x4A], Array("line\nbreak\r\n".utf8), [0xEF, 0xBB, 0xBF],
    [UInt8](repeating: 0xFF, count: 1000),
  ]

  @Test(arguments: ["frames", "hex", "base64", "ndjson"])
  func `every byte string survives`(format: String) async throws {
    let directory = try TemporaryDirectory()
    let dir = directory.path.string
    let queue = try DiskQueue("a", directory: directory.path)
    try queue.put(contentsOf: FormatRoundTripTests.hostile)
    try queue.close()
    let out = try await Program.diskq(["take", dir, "a", "--all", "--format", format])
    #expect(out.code == 0)
    let put = try await Program.diskq(["put", dir, "b", "--format", format], input: out.output)
    #expect(put.code == 0)
    let copy = try DiskQueue("b", directory: directory.path)
    #expect(try copy.take(.max).map(\.payload) == FormatRoundTripTests.hostile)
  }

  @Test func `lines and raw keep what has no newline`() async throws {
    let directory = try TemporaryDirectory()
    let dir = directory.path.string
    _ = try await Program.diskq(["put", dir, "q"], input: Array("a\n\nb".utf8))
    let lines = try await Program.diskq(["take", dir, "q", "--all"])
    #expect(lines.text == "a\n\nb\n")
    _ = try await Program.diskq(["put", dir, "q", "--format", "raw"], input: Array("x\ny\n".utf8))
    let raw = try await Program.diskq(["take", dir, "q", "--format", "raw"])
    #expect(raw.text == "x\ny\n")
  }

  @Test func `nsqd's envelope is put on and taken off`() async throws {
    let directory = try TemporaryDirectory()
    let dir = directory.path.string
    _ = try await Program.diskq(["put", dir, "q", "--nsq", "--text", "body"])
    let plain = try await Program.diskq(["peek", dir, "q", "--format", "frames"])
    #expect(plain.output.count == 4 + 26 + 4)
    let body = try await Program.diskq(["peek", dir, "q", "--nsq"])
    #expect(body.text == "body\n")
    let json = try await Program.diskq(["peek", dir, "q", "--nsq", "--format", "ndjson"])
    #expect(json.text.contains(#""attempts":0"#))
  }

  @Test(arguments: [
    ("hex", "0g\n"), ("hex", "abc\n"), ("base64", "a===\n"), ("ndjson", "{}\n"),
    ("ndjson", "nope\n"), ("frames", "\u{0}\u{0}\u{0}\u{9}short"),
  ])
  func `input that is not of its format is refused`(format: String, input: String) async throws {
    let directory = try TemporaryDirectory()
    let outcome = try await Program.diskq(
      ["put", directory.path.string, "q", "--format", format], input: Array(input.utf8))
    #expect(outcome.code == 5)
  }
}
