import Foundation
import Subprocess
package import SystemPackage

/// Runs real programs and tells what came of them.
package enum Program {
  /// What a program did.
  package struct Outcome: Sendable {
    /// Its exit code; nil when a signal ended it.
    package var code: Int32?
    package var output: [UInt8]
    package var errors: String

    /// Its output as text.
    package var text: String { String(decoding: output, as: UTF8.self) }
  }

  /// The `diskq` that was built beside the tests.
  package static let diskq = built("diskq")

  /// A program that was built beside the tests.
  package static func built(_ name: String) -> FilePath {
    FilePath(
      URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        .deletingLastPathComponent().appendingPathComponent(name).path)
  }

  /// Runs `diskq` with these words and this input.
  package static func diskq(_ arguments: [String], input: [UInt8] = []) async throws -> Outcome {
    try await run(.path(diskq), arguments, input: input)
  }

  /// Runs a program found by its name.
  package static func run(_ name: String, _ arguments: [String]) async throws -> Outcome {
    try await run(.name(name), arguments, input: [])
  }

  private static func run(_ program: Executable, _ arguments: [String], input: [UInt8]) async throws
    -> Outcome
  {
    let result = try await Subprocess.run(
      program, arguments: Arguments(arguments), input: .array(input),
      output: .bytes(limit: 1 << 26), error: .string(limit: 1 << 20))
    let code: Int32? = if case .exited(let code) = result.terminationStatus { code } else { nil }
    return Outcome(
      code: code, output: result.standardOutput, errors: result.standardError)
  }
}
