package import DiskQueue
import Glibc
import QueueInspection
import SystemPackage

/// Runs a shell command with bytes on its standard input, until it ends.
package enum ChildProcess {
  /// How a command ended.
  package enum Ending: Hashable, Sendable {
    case exited(Int32)
    case killed(Int32)
    /// It was asked to end, since nobody waits for it any more.
    case stopped
  }

  /// What came of a command.
  package struct Outcome: Hashable, Sendable {
    package var ending: Ending
    /// Bytes of its input that it, or what it started, has read.
    package var read: Int
  }

  /// Where its output goes.
  package enum Output: Sendable {
    /// To this process's own.
    case inherited
    /// Nowhere, since a screen is shown.
    case discarded
  }

  /// How long a command has for ending once it was asked to.
  private static let patience = Duration.seconds(5)

  /// How long what it has said is read once it has ended.
  private static let lastWords = Duration.seconds(1)

  /// Before the command's own words: a pipeline fails when any part of it does.
  ///
  /// A shell that does not know the option ends at it, so a shell of its own is asked.
  private static let pipefail = Array(
    "if (set -o pipefail) 2>/dev/null; then set -o pipefail; fi\n".utf8)

  /// Runs `/bin/sh -c command` in a process group of its own.
  ///
  /// The input is a file that is whole before the command starts: should this process be killed, the
  /// command reads all of a batch and never a message that is cut short. The open file is shared with
  /// the command, so its offset tells afterwards how much was read.
  ///
  /// - Parameters:
  ///   - command: the shell's words.
  ///   - variables: what its environment has besides this process's own.
  ///   - input: what it reads.
  ///   - output: where its standard output goes.
  ///   - errors: told what it writes to standard error, as it comes.
  ///   - isStopped: asked every tenth of a second; true sends it and what it started SIGTERM, and
  ///     after five seconds SIGKILL.
  /// - Returns: how it ended and how much it read.
  /// - Throws: what holding the input, making a pipe and starting it report.
  package static func run(
    _ command: [UInt8], variables: [(name: String, value: [UInt8])] = [], input: [UInt8],
    output: Output, errors: ([UInt8]) -> Void, isStopped: () -> Bool
  ) throws(DiskQueueError) -> Outcome {
    let stdin = try file(of: input)
    defer { close(stdin) }
    let stderr = try pipe()
    let child: pid_t
    do throws(DiskQueueError) {
      child = try spawn(command, variables, stdin: stdin, stderr: stderr.write, output)
    } catch {
      close(stderr.read)
      close(stderr.write)
      throw error
    }
    close(stderr.write)
    let stopped = listen(to: child, stderr.read, errors: errors, isStopped: isStopped)
    close(stderr.read)
    var status: Int32 = 0
    while unsafe waitpid(child, &status, 0) < 0, errno == EINTR {}
    let ended: Ending = status & 0x7f == 0 ? .exited(status >> 8 & 0xff) : .killed(status & 0x7f)
    return Outcome(ending: stopped ? .stopped : ended, read: Int(lseek(stdin, 0, SEEK_CUR)))
  }

  /// Collects what the command says until it has ended.
  private static func listen(
    to child: pid_t, _ stderr: Int32, errors: ([UInt8]) -> Void, isStopped: () -> Bool
  ) -> Bool {
    var asked: ContinuousClock.Instant?
    var isSilent = false
    var endedAt: ContinuousClock.Instant?
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    while true {
      // Once it has closed its standard error, it mostly ends within a moment.
      var wait = pollfd(fd: isSilent ? -1 : stderr, events: Int16(POLLIN), revents: 0)
      _ = unsafe poll(&wait, 1, isSilent ? 2 : 100)
      if let asked {
        if ContinuousClock.now - asked > patience { kill(-child, SIGKILL) }
      } else if isStopped() {
        kill(-child, SIGTERM)
        asked = ContinuousClock.now
      }
      if wait.revents != 0 {
        let count = unsafe read(stderr, &buffer, buffer.count)
        if count > 0 {
          errors(Array(buffer.prefix(count)))
        } else if count == 0 {
          isSilent = true
        }
      }
      guard hasEnded(child) else { continue }
      let now = ContinuousClock.now
      endedAt = endedAt ?? now
      // Something it left behind may still have its standard error open, and even write to it; that is
      // not waited for.
      if wait.revents == 0 || isSilent || endedAt.map({ now - $0 > lastWords }) == true {
        return asked != nil
      }
    }
  }

  /// Whether a child has ended, leaving it to be waited for.
  private static func hasEnded(_ child: pid_t) -> Bool {
    var info = unsafe siginfo_t()
    guard unsafe waitid(P_PID, id_t(child), &info, WEXITED | WNOHANG | WNOWAIT) == 0 else {
      return true
    }
    return unsafe info.si_signo != 0
  }

  /// A file in memory without a name, that holds `bytes` and is at its start.
  private static func file(of bytes: [UInt8]) throws(DiskQueueError) -> Int32 {
    let name = "/diskq-\(getpid())-\(UInt64.random(in: .min ... .max))"
    let descriptor = unsafe shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0o600)
    guard descriptor >= 0 else {
      throw DiskQueueError(call: "shm_open", path: nil, cause: Errno(rawValue: errno))
    }
    unsafe shm_unlink(name)
    do throws(DiskQueueError) {
      try RealDisk().writeAll(FileHandle(rawValue: descriptor), bytes.span, at: 0)
    } catch {
      close(descriptor)
      throw error
    }
    return descriptor
  }

  private static func pipe() throws(DiskQueueError) -> (read: Int32, write: Int32) {
    var ends: [Int32] = [-1, -1]
    guard unsafe Glibc.pipe(&ends) == 0 else {
      throw DiskQueueError(call: "pipe", path: nil, cause: Errno(rawValue: errno))
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  private static func spawn(
    _ command: [UInt8], _ variables: [(name: String, value: [UInt8])], stdin: Int32, stderr: Int32,
    _ output: Output
  ) throws(DiskQueueError) -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, stdin, 0)
    if case .discarded = output {
      unsafe posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    }
    unsafe posix_spawn_file_actions_adddup2(&actions, stderr, 2)
    // A console blocks signals in all its threads and ignores closed pipes; the command must not.
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    unsafe sigemptyset(&none)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    var usual = sigset_t()
    unsafe sigemptyset(&usual)
    unsafe sigaddset(&usual, SIGPIPE)
    unsafe posix_spawnattr_setsigdefault(&attributes, &usual)
    unsafe posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
    unsafe posix_spawnattr_setpgroup(&attributes, 0)
    let words = unsafe copies([Array("/bin/sh".utf8), Array("-c".utf8), pipefail + command])
    defer { unsafe words.forEach { unsafe free($0) } }
    let environment = unsafe copies(environment(with: variables))
    defer { unsafe environment.forEach { unsafe free($0) } }
    var child: pid_t = 0
    let failure = unsafe posix_spawn(&child, "/bin/sh", &actions, &attributes, words, environment)
    guard failure == 0 else {
      throw DiskQueueError(call: "posix_spawn", path: "/bin/sh", cause: Errno(rawValue: failure))
    }
    return child
  }

  /// This process's environment with these variables set.
  private static func environment(with variables: [(name: String, value: [UInt8])]) -> [[UInt8]] {
    var entries: [[UInt8]] = []
    var next = unsafe environ
    while let entry = unsafe next.pointee {
      let count = unsafe strlen(entry)
      let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: entry, count: count))
      if !variables.contains(where: { bytes.starts(with: Array(($0.name + "=").utf8)) }) {
        entries.append(bytes)
      }
      unsafe next += 1
    }
    return entries + variables.map { Array(($0.name + "=").utf8) + $0.value }
  }

  /// C's strings of these bytes and a null behind them; freed by the caller.
  private static func copies(_ strings: [[UInt8]]) -> [UnsafeMutablePointer<CChar>?] {
    unsafe strings.map { bytes in
      unsafe strdup(bytes.map { CChar(bitPattern: $0) } + [0])
    } + [nil]
  }
}
