import DiskQueue
import DiskQueueTesting
import Foundation
import SystemPackage
import Testing

/// What the README promises.
@Suite struct ReadmeTests {
  private static let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private func example(_ directory: FilePath, print: (Any...) -> Void) async throws {
    // README begins
    let queue = try DiskQueue("orders:billing", directory: directory)
    try queue.put("first")
    try queue.put(contentsOf: [Array("second".utf8), Array("third".utf8)])
    print(queue.depth, try queue.peek()?.text ?? "nothing")
    for try await message in queue.messages {
      print(message.text, message.position)
      if queue.depth == 0 { break }
    }
    try queue.sync()
    try queue.close()
    // README ends
  }

  @Test func `the library example runs and prints what it should`() async throws {
    let directory = try TemporaryDirectory()
    let printed = Recorder<String>()
    try await example(directory.path) { values in
      printed.append(values.map { "\($0)" }.joined(separator: " "))
    }
    #expect(printed.values == ["3 first", "first 0@0", "second 0@9", "third 0@19"])
  }

  @Test func `the example in the README is the one that runs`() throws {
    func read(_ path: String) throws -> [String] {
      try String(
        contentsOf: ReadmeTests.checkout.appendingPathComponent(path), encoding: .utf8
      ).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
    let source = try read("Tests/DiskQueueTests/ReadmeTests.swift")
    let body = source.drop { !$0.hasSuffix("// README begins") }.dropFirst()
      .prefix { !$0.hasSuffix("// README ends") }.map { String($0.dropFirst(4)) }
    let readme = try read("README.md")
    let shown = readme.drop { $0 != "```swift" }.dropFirst().prefix { $0 != "```" }
    #expect(Array(shown) == body)
  }

  @Test func `the page of files lists every one, and no other`() throws {
    let page = try String(
      contentsOf: ReadmeTests.checkout.appendingPathComponent(
        "Sources/DiskQueue/DiskQueue.docc/Files.md"), encoding: .utf8)
    let sources = ReadmeTests.checkout.appendingPathComponent("Sources")
    let files = try #require(FileManager.default.enumerator(atPath: sources.path))
    var names: Set<String> = []
    for case let path as String in files
    where [".swift", ".c", ".cpp"].contains(where: { path.hasSuffix($0) }) {
      let name = (path as NSString).lastPathComponent.replacing(".swift", with: "")
      #expect(page.contains("`\(name)`"), "\(path)")
      names.insert(name)
    }
    // What is quoted and begins as a file of Swift does is one.
    for (index, word) in page.split(separator: "`").enumerated() where index % 2 == 1 {
      guard word.first?.isUppercase == true, word.allSatisfy({ $0.isLetter || $0 == "+" }) else {
        continue
      }
      #expect(names.contains(String(word)), "\(word)")
    }
  }
}
