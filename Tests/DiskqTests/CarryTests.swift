import DiskQueue
import DiskQueueTesting
import Foundation
import SystemPackage
import Testing

/// Formats that cannot carry a message say so instead of changing it.
@Suite struct CarryTests {
  /// Words, and whether `two\nlines` can be written with them.
  static let ways: [([String], Int32)] = [
    ([], 64), (["--format", "lines"], 64), (["--lossy"], 0), (["-0"], 0), (["--format", "hex"], 0),
    (["--format", "ndjson"], 0), (["--format", "frames"], 0), (["--format", "base64"], 0),
    (["--format", "raw"], 0), (["--format", "hex", "-0"], 64), (["--grep", "two"], 64),
  ]

  @Test(arguments: ways)
  func `a message with a newline is refused by lines, and nothing is taken`(
    words: [String], code: Int32
  ) async throws {
    let directory = try TemporaryDirectory()
    let path = directory.path.string
    _ = try await shell("printf 'one\\0two\\nlines\\0three\\0' | diskq put $D q -0", in: directory)
    let before = try directory.contents()
    for verb in [
      ["peek", path, "q"], ["take", path, "q"], ["drain", path, "q", "--to-file", "-"],
    ] {
      let outcome = try await Program.diskq(verb + words + (verb[0] == "drain" ? [] : ["--all"]))
      #expect(outcome.code == code, "\(verb) \(words)")
      if code != 0 { #expect(try directory.contents() == before) }
      if code != 0 { #expect(outcome.output.isEmpty) }
      // What was taken comes back for the next verb.
      for (name, bytes) in before {
        try Data(bytes).write(to: URL(fileURLWithPath: path + "/" + name))
      }
    }
  }

  @Test(arguments: ["take $D q --all", "drain $D q --batch 2 --to-file -"])
  func `midway it fails, and what was not written stays`(words: String) async throws {
    let directory = try TemporaryDirectory()
    let outcome = try await shell(
      """
      (seq 2000 | tr '\\n' '\\0'; printf 'two\\nlines\\0last\\0') | diskq put $D q -0
      diskq \(words) > $D/out 2> /dev/null; echo $?
      (cat $D/out | tr '\\n' '\\0'; diskq peek $D q --all -0) | cksum
      (seq 2000 | tr '\\n' '\\0'; printf 'two\\nlines\\0last\\0') | cksum
      """, in: directory)
    let lines = outcome.text.split(separator: "\n")
    #expect(lines.first == "1")
    #expect(lines[1] == lines[2])
  }

  @Test func `a file or a command is not given what its format cannot carry`() async throws {
    let directory = try TemporaryDirectory()
    let outcome = try await shell(
      """
      printf 'two\\nlines\\0' | diskq put $D q -0
      diskq drain $D q --to-file $D/out; echo $?
      diskq drain $D q --exec "cat > '$D/out'"; echo $?
      ls $D/out; diskq take $D q -0 | tr '\\n\\0' '_.'
      printf 'a\\000b\\n' | diskq put $D z
      diskq take $D z -0; echo $?
      diskq take $D z | od -An -c
      """, in: directory)
    #expect(outcome.text == "64\n64\ntwo_lines.64\n   a  \\0   b  \\n\n")
  }

  @Test func `a file that ends inside a line gets its end before a message`() async throws {
    let directory = try TemporaryDirectory()
    let outcome = try await shell(
      """
      printf 'to' > $D/out; diskq put $D q --text one; diskq drain $D q --to-file $D/out
      printf 'to' > $D/raw; diskq put $D q --text one; diskq drain $D q --format raw --to-file $D/raw
      cat $D/out $D/raw
      """, in: directory)
    #expect(outcome.text == "to\none\ntoone")
  }
}
