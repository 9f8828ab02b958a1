import DiskQueueTesting
import Foundation
import SystemPackage
import Testing

/// The floors of the house: nothing names what stands above it.
///
/// Modules are floors that the compiler keeps; the folders of a module are kept here, by compiling each
/// with nothing but those beneath it.
@Suite struct FloorTests {
  /// A module and its folders, the lowest first.
  struct House: Sendable, CustomTestStringConvertible {
    var module: String
    var floors: [String]
    var testDescription: String { module }
  }

  static let houses = [
    House(
      module: "DiskQueue",
      floors: ["Base", "Format", "System", "Segments", "Ledger", "Engine", "Queue"]),
    House(
      module: "QueueInspection",
      floors: ["Text", "Patterns", "Salvage", "Inspection", "Browsing", "Watching"]),
    House(
      module: "QueueOperations",
      floors: ["Processes", "Transfer", "Planning", "Repair", "Selection", "Operations"]),
  ]

  private static let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private static func files(_ module: String, _ floor: String) throws -> [String] {
    let folder = checkout.appendingPathComponent("Sources/\(module)/\(floor)").path
    return try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
      .filter { $0.hasSuffix(".swift") }.map { "\(folder)/\($0)" }
  }

  /// What the compiler says of files, where others beneath them are known.
  private static func compile(_ module: String, _ files: [String], beneath: [String]) async throws
    -> Program.Outcome
  {
    // Where the tests were built, everything they need was built, too.
    let build = URL(fileURLWithPath: Program.built("x").string).deletingLastPathComponent()
    var scratch = build
    while scratch.path != "/", !isThere(scratch.appendingPathComponent("checkouts")) {
      scratch.deleteLastPathComponent()
    }
    let maps = [
      build.appendingPathComponent("CSanitizer.build/module.modulemap"),
      scratch.appendingPathComponent(
        "checkouts/swift-system/Sources/CSystem/include/module.modulemap"),
    ]
    let features = [
      "ExistentialAny", "MemberImportVisibility", "InternalImportsByDefault",
      "NonisolatedNonsendingByDefault",
    ]
    var words = ["-frontend", "-typecheck", "-swift-version", "6", "-parse-as-library"]
    words += ["-package-name", checkout.lastPathComponent.lowercased(), "-module-name", module]
    words += ["-suppress-warnings", "-I", build.appendingPathComponent("Modules").path]
    for feature in features { words += ["-enable-upcoming-feature", feature] }
    for map in maps { words += ["-Xcc", "-fmodule-map-file=\(map.path)"] }
    for file in files { words += ["-primary-file", file] }
    return try await Program.run("swiftc", words + beneath)
  }

  private static func isThere(_ url: URL) -> Bool {
    FileManager.default.fileExists(atPath: url.path)
  }

  @Test(arguments: houses)
  func `every floor compiles without those above it`(house: House) async throws {
    var beneath: [String] = []
    for floor in house.floors {
      let files = try Self.files(house.module, floor)
      let outcome = try await Self.compile(house.module, files, beneath: beneath)
      #expect(outcome.code == 0, "\(floor): \(outcome.errors)")
      beneath += files
    }
  }

  @Test func `a way up is refused`() async throws {
    let directory = try TemporaryDirectory()
    let file = directory.path.appending("Up.swift").string
    for (name, isBeneath) in [("Record", true), ("Engine", false)] {
      try "func up(_ it: borrowing \(name)) {}".write(
        toFile: file, atomically: true, encoding: .utf8)
      let beneath = try ["Base", "Format"].flatMap { try Self.files("DiskQueue", $0) }
      let outcome = try await Self.compile("DiskQueue", [file], beneath: beneath)
      #expect((outcome.code == 0) == isBeneath, "\(name): \(outcome.errors)")
    }
  }

  @Test(arguments: houses)
  func `every folder is a floor`(house: House) throws {
    let folder = Self.checkout.appendingPathComponent("Sources/\(house.module)").path
    let entries = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { !$0.hasSuffix(".docc") }
    #expect(Set(entries) == Set(house.floors))
  }

  /// What changes a queue's files behind the back of its operator.
  private static let inner = [
    "ChangeSet", "JournalRunner", "Preparing", "QueueLock", "Quarantine", "MetadataStore",
  ]

  @Test func `screens and commands change queues by their operator only`() throws {
    for target in ["QueueConsole", "ConsoleRuntime", "diskq"] {
      for file in try Self.files(target, "") {
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let words = Set(text.split { !$0.isLetter }.map(String.init))
        #expect(words.isDisjoint(with: Self.inner), "\(file)")
        #expect(!text.contains(".sweep("), "\(file)")
      }
    }
  }
}
