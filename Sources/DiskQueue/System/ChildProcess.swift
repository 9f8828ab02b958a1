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

  /// Runs `/bin/sh -c command`.
  ///
  /// - Parameters:
  ///   - command: the shell's words.
  ///   - input: what it reads; one that ends without reading all of it is judged by its exit code.
  ///   - output: where its standard output goes.
  ///   - errors: told what it writes to standard error, as it comes.
  ///   - isStopped: asked every tenth of a second; true sends it SIGTERM.
  /// - Returns: how it ended.
  /// - Throws: what making pipes and starting it report.
  package static func run(
    _ command: String, input: [UInt8], output: Output, errors: ([UInt8]) -> Void,
    isStopped: () -> Bool
  ) throws(DiskQueueError) -> Ending {
    let stdin = try pipe()
    let stderr: (read: Int32, write: Int32)
    do throws(DiskQueueError) { stderr = try pipe() } catch {
      closeAll(stdin.read, stdin.write)
      throw error
    }
    let child: pid_t
    do throws(DiskQueueError) {
      child = try spawn(command, stdin: stdin.read, stderr: stderr.write, output)
    } catch {
      closeAll(stdin.read, stdin.write, stderr.read, stderr.write)
      throw error
    }
    closeAll(stdin.read, stderr.write)
    // The command's own ends wait as usual; ours must not.
    for end in [stdin.write, stderr.read] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    let stopped = exchange(
      child, stdin.write, input, stderr.read, errors: errors, isStopped: isStopped)
    var status: Int32 = 0
    while unsafe waitpid(child, &status, 0) < 0, errno == EINTR {}
    if stopped { return .stopped }
    return status & 0x7f == 0 ? .exited(status >> 8 & 0xff) : .killed(status & 0x7f)
  }

  /// Feeds the input and collects the errors until both pipes are done.
  private static func exchange(
    _ child: pid_t, _ stdin: Int32, _ input: [UInt8], _ stderr: Int32,
    errors: ([UInt8]) -> Void, isStopped: () -> Bool
  ) -> Bool {
    var writing = stdin
    var sent = 0
    var stopped = false
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    if input.isEmpty {
      close(writing)
      writing = -1
    }
    while true {
      var waits = [
        pollfd(fd: stderr, events: Int16(POLLIN), revents: 0),
        pollfd(fd: writing, events: Int16(POLLOUT), revents: 0),
      ]
      _ = unsafe poll(&waits, 2, 100)
      if !stopped, isStopped() {
        stopped = true
        kill(child, SIGTERM)
      }
      if writing >= 0, waits[1].revents != 0 {
        let count = unsafe input.withUnsafeBytes { bytes in
          unsafe write(
            writing, bytes.baseAddress.map { unsafe $0 + sent }, min(1 << 16, bytes.count - sent))
        }
        if count > 0 { sent += count }
        // A command that has read enough closes its end; its exit code says whether that is well.
        if sent == input.count || count < 0 && errno != EAGAIN && errno != EINTR {
          close(writing)
          writing = -1
        }
      }
      if waits[0].revents != 0 {
        let count = unsafe read(stderr, &buffer, buffer.count)
        if count > 0 {
          errors(Array(buffer.prefix(count)))
        } else if count == 0 || errno != EAGAIN && errno != EINTR {
          break
        }
      } else if hasEnded(child) {
        // Something it left behind still has its standard error open; that is not waited for.
        break
      }
    }
    if writing >= 0 { close(writing) }
    close(stderr)
    return stopped
  }

  /// Whether a child has ended, leaving it to be waited for.
  private static func hasEnded(_ child: pid_t) -> Bool {
    var info = unsafe siginfo_t()
    guard unsafe waitid(P_PID, id_t(child), &info, WEXITED | WNOHANG | WNOWAIT) == 0 else {
      return true
    }
    return unsafe info.si_signo != 0
  }

  private static func pipe() throws(DiskQueueError) -> (read: Int32, write: Int32) {
    var ends: [Int32] = [-1, -1]
    guard unsafe Glibc.pipe(&ends) == 0 else {
      throw DiskQueueError(call: "pipe", path: nil, cause: Errno(rawValue: errno))
    }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    return (ends[0], ends[1])
  }

  private static func closeAll(_ descriptors: Int32...) {
    for descriptor in descriptors { close(descriptor) }
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
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
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
