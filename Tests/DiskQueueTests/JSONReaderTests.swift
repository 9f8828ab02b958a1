import DiskQueueTesting
import FoundationEssentials
import QueueOperations
import SystemPackage
import Testing

@testable import DiskQueue

/// Decodes all of a document, so that nothing in it is taken on trust.
private enum Whole: Decodable {
  case whole

  init(from decoder: any Decoder) throws {
    self = .whole
    if (try? decoder.singleValueContainer().decode([String: Whole].self)) != nil { return }
    if (try? decoder.singleValueContainer().decode([Whole].self)) != nil { return }
    let value = try decoder.singleValueContainer()
    if value.decodeNil() { return }
    if (try? value.decode(Bool.self)) != nil { return }
    if (try? value.decode(Double.self)) != nil { return }
    _ = try value.decode(String.self)
  }
}

@Suite struct JSONReaderTests {
  @Test(arguments: [
    "{}", "[]", " [1, 2.5e-3 , -0, true,false,null] ", #"{"a":{"b":[{}]},"c":"\u00e4\n\"x"}"#,
    #""text""#, "0", "-12.0E+5", "\u{9}[\n]\r",
  ])
  func `documents are read`(text: String) {
    #expect(JSONReader.parts(Array(text.utf8)) != nil)
  }

  @Test(arguments: [
    "", "{", "[1,]", "{a:1}", #"{"a" 1}"#, "01", "1.", ".5", "tru", "nul", "[1 2]", "{}x",
    #""a"#, #""\x""#, #""\u12g4""#, "\"a\nb\"", "-", "1e", "+1", "NaN",
  ])
  func `what is no document is not`(text: String) {
    #expect(JSONReader.parts(Array(text.utf8)) == nil)
  }

  @Test func `depth is bounded`() {
    let deep = String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000)
    #expect(JSONReader.parts(Array(deep.utf8)) == nil)
  }

  @Test(arguments: 1...200 as ClosedRange<UInt64>)
  func `it agrees with a well-kept reader on damaged documents`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var bytes = Array(#"{"id":"inv_1","n":[1,2.5,-3e2,null],"t":true,"s":"a\u0041\\"}"#.utf8)
    for _ in 0..<Int.random(in: 0...2, using: &random) {
      let pool = Array("{}[]\",:0e\\ ax".utf8)
      bytes[Int.random(in: 0..<bytes.count, using: &random)] =
        pool.randomElement(using: &random) ?? 0
    }
    let known = (try? JSONDecoder().decode(Whole.self, from: Data(bytes))) != nil
    #expect((JSONReader.parts(bytes) != nil) == known, "\(String(decoding: bytes, as: UTF8.self))")
  }

  @Test func `members and strings are read back`() throws {
    let line = #"{"a":"x\"\\\u00e4\ud83d\ude00\n","n":12,"z":null,"o":{"a":"inner"},"l":[1]}"#
    let json = try #require(JSONValue(Array(line.utf8)))
    #expect(
      json
        == .object([
          "a": .string("x\"\\ä😀\n"), "n": .other("12"), "z": .null,
          "o": .object(["a": .string("inner")]), "l": .array([.other("1")]),
        ]))
    #expect(json["z"] == nil && json["n"]?.integer == 12)
  }

  @Test func `the audit log is read back, whole lines only`() throws {
    let builder = DirectoryBuilder(disk: InMemoryDisk())
    builder.segment(0, ["one"])
    let audit = Audit("/data", disk: builder.disk)
    #expect(try audit.entries().isEmpty)
    let plan = try Planner("/data", disk: builder.disk).empty(builder.queue)
    audit.append(plan.act, id: "x1", at: Timestamp(nanoseconds: 0), result: "done")
    let path = Audit.path("/data")
    let bytes = try #require(try builder.disk.contents(of: path, limit: 1 << 20))
    builder.disk.plant(path, bytes + Array(#"{"time":"half"#.utf8))
    let entry = try #require(try audit.entries().first)
    #expect(try audit.entries().count == 1)
    #expect(entry.kind == "empty" && entry.operation == "x1" && entry.queue == "jobs")
    #expect(entry.messages == 1 && entry.result == "done")
  }
}
