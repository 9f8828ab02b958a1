import DiskQueue
import DiskQueueTesting
import Foundation
import Testing

@testable import diskq

/// Names and words that are not text, or that a terminal would obey.
@Suite struct TextTests {
  static let words: [[UInt8]] = [
    [], Array("plain".utf8), Array("größer 😀".utf8), [0xFF], [0xC3, 0x28], [0xEF, 0xBF, 0xBD],
    [0xF4, 0x8F, 0xBF, 0xBF], [0xF4, 0x8F, 0xBC, 0x80], [0xFF, 0xF4, 0x8F, 0xBF, 0xBF, 0x80],
    [0xED, 0xA0, 0x80], [0xF0, 0x9F, 0x98], [0x65, 0xCC, 0x81], [0xC3, 0xA9], Array(1...255),
  ]

  @Test func `every word comes back as it was, and no two are the same text`() {
    for word in Self.words { #expect(Word(text: Word.text(of: word)).bytes == word) }
    // As scalars: two texts that only look the same are still two.
    let texts = Self.words.map { Array(Word.text(of: $0).unicodeScalars) }
    #expect(Set(texts).count == texts.count)
  }

  @Test func `a name that is no text names only itself`() async throws {
    let directory = try TemporaryDirectory()
    let outcome = try await shell(
      """
      X=$(printf '\\377'); Y=$(printf '\\357\\277\\275'); Z=$(printf '\\364\\217\\277\\277')
      diskq put $D "$X" --text x; diskq put $D "$Y" --text y; diskq put $D "$Z" --text z
      mkdir "$D/$X"; diskq put "$D/$X" q --text in; diskq take "$D/$X" q
      diskq empty $D "$X" --yes --quiet; diskq take $D "$X"; echo $?
      diskq take $D "$Y"; diskq take $D "$Z"
      diskq put $D q --text "$X"; diskq take $D q --grep "$X" | od -An -tx1
      diskq put $D q --text "$X"; diskq take $D q --grep "$Y"; echo $?
      diskq drain $D q --exec "printf '$X' | od -An -tx1; cat > '$D/$X/file'"
      diskq put $D q --text "a"; diskq drain $D q --to-file "$D/$X/out"; ls $D/$X | cat
      diskq put $D q --text "a"; diskq drain $D q --to-queue "$X" --to-dir "$D/$X" --quiet
      diskq take "$D/$X" "$X"
      """, in: directory)
    let wanted = """
      in
      4
      y
      z
       ff 0a
      4
       ff
      """
    #expect(outcome.text.hasPrefix(wanted))
    #expect(outcome.text.hasSuffix("a\n"))
    #expect(outcome.text.contains("file\nout\n"))
  }

  @Test func `JSON tells a name that is no text so that it can be had again`() async throws {
    let directory = try TemporaryDirectory()
    let outcome = try await shell(
      """
      X=$(printf 'a\\377'); diskq put $D "$X" --text x --json; diskq put $D plain --text x --json
      diskq status $D --json; diskq peek $D "$X" --json; diskq empty $D "$X" --yes --json
      """, in: directory)
    #expect(outcome.text.components(separatedBy: #""queueBytes":"61ff""#).count == 4)
    #expect(outcome.text.components(separatedBy: #""nameBytes":"61ff""#).count == 2)
    #expect(!outcome.text.contains(#""706c61696e""#))
  }

  /// Commands that tell a hostile name, to standard output or to standard error.
  @Test(arguments: [
    "status $D", "check $D", "repair $D --yes", "repair $D --dry-run", "repair $D \"$X\" --yes",
    "empty $D \"$X\" --dry-run", "drain $D \"$X\" --to-file \"$D/no/$X\"", "take $D \"no$X\"",
    "drain $D \"$X\" --to-queue \"$X\" --dry-run", "status \"$D/$X\"", "take $D \"$X\" \"--$X\"",
    "put $D \"$X\" --format \"$X\"", "peek $D \"$X\" --grep \"($X\"", "undo $D \"$X\"",
    "put $D \"$X\" --file \"$D/no/$X\"", "undo $D",
    "drain $D \"$X\" --exec \"echo '$X' >&2; exit 1\"",
    "$X", "drain $D q --to-dir \"$X\"", "empty $D \"$X\"", "status $D \"no$X\"",
  ])
  func `nothing that a terminal obeys is told to people`(words: String) async throws {
    let directory = try TemporaryDirectory()
    let outcome = try await shell(
      """
      X=$(printf 'q\\033]0;owned\\007\\302\\233\\342\\200\\256')
      diskq put $D "$X" --text x; rm $D/*.meta.dat
      diskq empty $D "$X" --yes --quiet; diskq put $D "$X" --text x; rm $D/*.meta.dat
      # What a command says for itself is its own.
      diskq \(words) 2>&1 | grep -v "^q.\\]0;owned.*$"
      exit 0
      """, in: directory)
    let hostile: Set<Unicode.Scalar> = ["\u{1B}", "\u{07}", "\u{9B}", "\u{202E}"]
    #expect(outcome.text.unicodeScalars.allSatisfy { !hostile.contains($0) }, "\(outcome.text)")
    #expect(!outcome.text.isEmpty)
  }

  @Test func `the name of an owner's process is told visibly`() async throws {
    let directory = try TemporaryDirectory()
    let outcome = try await shell(
      """
      diskq put $D q --text x
      cp "$(command -v sleep)" "$D/$(printf 'o\\033[31m')"
      "$D/$(printf 'o\\033[31m')" 60 < $D/q.diskqueue.000000.dat & P=$!
      until grep -q '^o' /proc/$P/comm; do :; done
      diskq status $D 2>&1; diskq take $D q 2>&1; echo $?; diskq status $D --json; kill $P
      """, in: directory)
    #expect(!outcome.text.contains("\u{1B}"))
    #expect(outcome.text.contains("\n3\n"))
  }
}
