import DiskQueue
import DiskQueueTesting
import Foundation
import QueueInspection
import SystemPackage

/// Runs a scenario with the console open over a copy of a fixture.
func withConsole(
  over fixture: String, columns: Int = 80, rows: Int = 24, environment: [String: String] = [:],
  _ options: [String] = [],
  _ body: (ConsoleDriver, TemporaryDirectory) async throws -> Void
) async throws {
  let directory = try Fixture(fixture).copy()
  try await withConsole(
    in: directory, columns: columns, rows: rows, environment: environment, options
  ) { console in try await body(console, directory) }
}

/// Runs a scenario with the console open over a directory.
func withConsole(
  in directory: TemporaryDirectory, columns: Int = 80, rows: Int = 24,
  environment: [String: String] = [:], _ options: [String] = [],
  _ body: (ConsoleDriver) async throws -> Void
) async throws {
  try await ConsoleDriver.run(columns: columns, rows: rows, environment: environment) { console in
    let words = [Program.diskq.string, directory.path.string] + options
    try await console.type(words.map { "'\($0)'" }.joined(separator: " "))
    try await console.press("Enter")
    try await console.see("LIVE")
    try await body(console)
  }
}

extension ConsoleDriver {
  /// Puts the cursor on a queue by filtering for it.
  func select(_ queue: String) async throws {
    try await press("/")
    try await type(queue)
    try await press("Enter")
    try await see("> " + queue)
  }

  /// Unlocks writing as an operator would.
  func unlock() async throws {
    try await press("W")
    try await see("Unlock writing")
    try await press("y")
    try await see("[WRITE]")
  }
}

/// All messages of a queue, read by the library.
func messages(of queue: String, in directory: TemporaryDirectory) throws -> [[UInt8]] {
  var browser = try QueueBrowser(QueueName(queue), in: directory.path)
  var payloads: [[UInt8]] = []
  while let message = try browser.next() { payloads.append(message.payload) }
  return payloads
}
