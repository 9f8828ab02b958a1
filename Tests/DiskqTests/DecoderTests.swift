import DiskQueue
import DiskQueueTesting
import Foundation
import QueueOperations
import Testing

@testable import diskq

/// Reading messages from chunks that end anywhere.
@Suite struct DecoderTests {
  private func decode(
    _ format: MessageFormat, _ input: [UInt8], by size: Int, terminator: UInt8 = 10
  ) throws -> [[UInt8]] {
    var decoder = MessageDecoder(format, limit: 1 << 20, terminator: terminator)
    var messages: [[UInt8]] = []
    for start in stride(from: 0, to: input.count, by: size) {
      messages += try decoder.decode(input[start..<min(start + size, input.count)])
    }
    return try messages + decoder.finish()
  }

  @Test(arguments: MessageFormat.allCases)
  func `chunks of every size give the same messages`(format: MessageFormat) throws {
    var random = SeededGenerator(seed: 3)
    let payloads = (0..<40).map { index in
      (0..<(index * 7 % 60)).map { _ in UInt8.random(in: 32...255, using: &random) }
    }
    let encoder = MessageEncoder(format, nsq: false, queue: try QueueName("q"))
    var input: [UInt8] = []
    try encoder.encode(
      payloads.map { Message(payload: $0, position: Position(file: 0, offset: 0)) }, into: &input)
    let wanted = format == .raw ? [payloads.flatMap(\.self)] : payloads
    for size in [1, 2, 3, 5, 17, 64, 1000, 100_000] {
      #expect(try decode(format, input, by: size) == wanted, "\(size)")
    }
  }

  /// Lines of `ndjson`, and what they are; nil for what is refused.
  static let objects: [(String, String?)] = [
    (#"{"text":"a"}"#, "a"), (#" { "x" : [ {"text":"no"} ] , "text" : "b" } "#, "b"),
    (#"{"queue":"q","file":0,"offset":0,"size":1,"base64":"YQ=="}"#, "a"),
    (#"{"base64":"YWE\/"}"#, "aa?"), (#"{"text":null,"base64":"YQ=="}"#, "a"),
    (#"{"text":"\u0041\ud83d\ude00\n\t\"\\\/\b\f\r"}"#, "A😀\n\t\"\\/\u{8}\u{C}\r"),
    (#"{"text":"größer"}"#, "größer"), (#"{"text":""}"#, ""), (#"{"x":{"text":"no"}}"#, nil),
    (#"{"text":"\ud83d"}"#, nil), (#"{"text":"\ude00\ud83d"}"#, nil), (#"{"text":5}"#, nil),
    (#"{"text":"a"} x"#, nil), (#"["text"]"#, nil), (#"{"base64":"YQ="}"#, nil), ("{}", nil),
    (#"{"text":"a"#, nil), (#"{"text":["a"]}"#, nil), (#"{"a":"text","b":"x"}"#, nil),
  ]

  @Test(arguments: objects)
  func `an object's text or base64 is its message`(line: String, text: String?) throws {
    let input = Array((line + "\n").utf8)
    guard let text else {
      let error = #expect(throws: DiskQueueError.self) { try decode(.ndjson, input, by: 1000) }
      #expect(error?.code == .refused)
      return
    }
    #expect(try decode(.ndjson, input, by: 3) == [Array(text.utf8)])
  }

  @Test func `what is no UTF-8 is refused, not mended`() throws {
    let input = Array(#"{"text":""#.utf8) + [0xFF] + Array("\"}\n".utf8)
    #expect(throws: DiskQueueError.self) { try decode(.ndjson, input, by: 1000) }
  }

  @Test func `a message beyond the limit is refused before it is held`() throws {
    var decoder = MessageDecoder(.lines, limit: 100)
    let chunk = [UInt8](repeating: 65, count: 60)
    #expect(try decoder.decode(chunk[...]).isEmpty)
    let error = #expect(throws: DiskQueueError.self) { try decoder.decode(chunk[...]) }
    #expect(error?.code == .messageSize)
  }

  @Test func `NUL ends a message where it is asked for`() throws {
    let input = Array("a\nb\0\0c".utf8)
    let wanted = ["a\nb", "", "c"].map { Array($0.utf8) }
    for size in 1...7 { #expect(try decode(.lines, input, by: size, terminator: 0) == wanted) }
  }
}
