import Foundation
package import SystemPackage

/// Runs real programs and tells what came of them.
///
/// Input and output pass through files, so that nothing waits for a full pipe.
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
    try await run(diskq.string, arguments, input: input)
  }

  /// Runs a program found by its name or path, until it ends.
  ///
  /// Not Foundation's `Process`: that waits until a descriptor of its own is closed, which a program
  /// that leaves a server behind, as tmux does, never does.
  package static func run(_ program: String, _ arguments: [String], input: [UInt8] = [])
    async throws -> Outcome
  {
    let directory = try TemporaryDirectory()
    let files = ["input", "output", "errors"].map { directory.path.appending($0).string }
    for (path, bytes) in zip(files, [input, [], []]) {
      try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
    let child = try spawn([program] + arguments, files)
    let status: Int32 = try await withCheckedThrowingContinuation { end in
      DispatchQueue.global().async {
        var status: Int32 = 0
        while unsafe waitpid(child, &status, 0) < 0 {
          if errno != EINTR { return end.resume(throwing: Errno(rawValue: errno)) }
        }
        end.resume(returning: status)
      }
    }
    return Outcome(
      code: status & 0x7f == 0 ? status >> 8 & 0xff : nil, output: try bytes(files[1]),
      errors: String(decoding: try bytes(files[2]), as: UTF8.self))
  }

  /// Starts a program with these files as its first three descriptors.
  private static func spawn(_ words: [String], _ files: [String]) throws -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    for (descriptor, path) in files.enumerated() {
      unsafe posix_spawn_file_actions_addopen(&actions, Int32(descriptor), path, O_RDWR, 0)
    }
    // What other tests have open is none of its business: diskq looks for such files.
    for descriptor in 3..<256 as Range<Int32> {
      unsafe posix_spawn_file_actions_addclose(&actions, descriptor)
    }
    // Threads of the dispatch pool block signals; a program that inherits that cannot be ended.
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    unsafe sigemptyset(&none)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    let copies = unsafe words.map { unsafe strdup($0) } + [nil]
    defer { unsafe copies.forEach { unsafe free($0) } }
    var child: pid_t = 0
    let failure = unsafe posix_spawnp(&child, words[0], &actions, &attributes, copies, environ)
    guard failure == 0 else { throw Errno(rawValue: failure) }
    return child
  }

  private static func bytes(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path)))
  }
}
