import DiskQueueTesting
import Foundation
import Testing

/// Everything the fuzzers have found or were given, run again; a broken rule traps.
@Suite struct FuzzCorpusTests {
  @Test(arguments: FuzzTargets.allCases)
  func `the corpus breaks no rule`(target: FuzzTargets) throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("FuzzCorpus/\(target.rawValue)")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(names.count >= 10)
    for name in names {
      target.run(Array(try Data(contentsOf: folder.appendingPathComponent(name))))
    }
  }
}
