import DiskQueueTesting
import QueueConsole
import QueueInspection
import Testing

@Suite struct VisibleTextTests {
  @Test(
    arguments: [
      ([UInt8]("plain größe".utf8), "plain größe"),
      ([0x1B, 0x5B, 0x32, 0x4A], "<1B>[2J"),
      ([0x00, 0x0A, 0x0D, 0x7F, 0x09], "<00><0A><0D><7F><09>"),
      ([UInt8]("a\u{202E}b".utf8), "a<U+202E>b"),
      ([UInt8]("\u{200B}\u{FEFF}\u{200D}".utf8), "<U+200B><U+FEFF><U+200D>"),
      ([UInt8]("\u{9B}31m".utf8), "<U+009B>31m"),
      ([0xC3, 0x28], "<C3>("),
      ([0xFF, 0xFE, 0x41], "<FF><FE>A"),
      ([0xE4, 0xB8], "<E4><B8>"),
      ([0xF0, 0x9F, 0x98, 0x41], "<F0><9F><98>A"),
      ([0x80, 0x80], "<80><80>"),
      ([UInt8]("\u{301}climbs".utf8), "<U+0301>climbs"),
      ([UInt8]("e\u{301}".utf8), "e\u{301}"),
      ([UInt8]("世界 😀".utf8), "世界 😀"),
      ([UInt8]("\u{E0041}\u{E000}".utf8), "<U+E0041><U+E000>"),
      ([0xED, 0xA0, 0x80], "<ED><A0><80>"),
    ] as [([UInt8], String)])
  func `what a terminal would obey becomes a token`(bytes: [UInt8], shown: String) {
    #expect(VisibleText.string(bytes) == shown)
  }

  @Test(arguments: 0..<4 as Range<UInt64>)
  func `every byte string is shown without a byte a terminal obeys`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<500 {
      let bytes = (0..<64).map { _ in UInt8.random(in: 0...255, using: &random) }
      for scalar in VisibleText.string(bytes).unicodeScalars {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse:
          Issue.record("U+\(String(scalar.value, radix: 16)) from \(bytes)")
        default: break
        }
      }
    }
  }

  @Test func `wide characters are clipped whole at the edge`() {
    var frame = Frame(columns: 5, rows: 1)
    frame.put("ab世界", row: 0, column: 0)
    #expect(frame.lines == ["ab世"])
    frame.put("x", row: 0, column: 3)
    #expect(frame.lines == ["ab x"])
  }

  @Test func `a frame takes anything anywhere`() {
    var frame = Frame(columns: 3, rows: 2)
    frame.put("far too long", row: 0, column: 1)
    frame.put("off", row: 7, column: 0)
    frame.put("off", row: -1, column: -5)
    frame.put(right: "ends", row: 1, end: 3)
    #expect(frame.lines == [" fa", "end"])
  }

  @Test(arguments: [
    (Int64(0), "0"), (999, "999"), (1_199_754, "1,199,754"), (-1234, "-1,234"),
  ])
  func `numbers are grouped`(number: Int64, text: String) {
    #expect(Numbers.grouped(number) == text)
  }

  @Test(arguments: [
    (Int64(0), "0"), (1023, "1023"), (1024, "1.0K"), (338_605_834, "322.9M"), (1 << 40, "1.0T"),
  ])
  func `sizes are scaled`(bytes: Int64, text: String) {
    #expect(Numbers.bytes(bytes) == text)
  }
}
