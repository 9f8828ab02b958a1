import Glibc
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

  /// Where its output goes.
  package enum Output: Sendable {
    /// To this process's own.
    case inherited
    /// Nowhere, since a screen is shown.
    case discarded
  }

  /// How long a command has for ending once it was asked to.
  private static let patience = Duration.seconds(5)

  /// Runs `/bin/sh -c command` in a process group of its own.
  ///
  /// The input is a file that is whole before the command starts: should this process be killed, the
  /// command reads all of a batch and never a message that is cut short.
  ///
  /// - Parameters:
  ///   - command: the shell's words.
  ///   - input: what it reads; one that ends without reading all of it is judged by its exit code.
  ///   - output: where its standard output goes.
  ///   - errors: told what it writes to standard error, as it comes.
  ///   - isStopped: asked every tenth of a second; true sends it and what it started SIGTERM, and
  ///     after five seconds SIGKILL.
  /// - Returns: how it ended.
  /// - Throws: what holding the input, making a pipe and starting it report.
  package static func run(
    _ command: String, input: [UInt8], output: Output, errors: ([UInt8]) -> Void,
    isStopped: () -> Bool
  ) throws(DiskQueueError) -> Ending {
    let stdin = try file(of: input)
    defer { close(stdin) }
    let stderr = try pipe()
    let child: pid_t
    do throws(DiskQueueError) {
      child = try spawn(command, stdin: stdin, stderr: stderr.write, output)
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
    if stopped { return .stopped }
    return status & 0x7f == 0 ? .exited(status >> 8 & 0xff) : .killed(status & 0x7f)
  }

  /// Collects what the command says until it has ended.
  private static func listen(
    to child: pid_t, _ stderr: Int32, errors: ([UInt8]) -> Void, isStopped: () -> Bool
  ) -> Bool {
    var asked: ContinuousClock.Instant?
    var isSilent = false
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
      if hasEnded(child), wait.revents == 0 || isSilent {
        // Something it left behind still has its standard error open; that is not waited for.
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

  private static func spawn(_ command: String, stdin: Int32, stderr: Int32, _ output: Output)
    throws(DiskQueueError) -> pid_t
  {
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
    let words = unsafe (["/bin/sh", "-c", command] as [String]).map { unsafe strdup($0) } + [nil]
    defer { unsafe words.forEach { unsafe free($0) } }
    var child: pid_t = 0
    let failure = unsafe posix_spawn(&child, "/bin/sh", &actions, &attributes, words, environ)
    guard failure == 0 else {
      throw DiskQueueError(call: "posix_spawn", path: "/bin/sh", cause: Errno(rawValue: failure))
    }
    return child
  }
}
