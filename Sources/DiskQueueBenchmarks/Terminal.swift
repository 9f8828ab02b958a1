import Glibc
import SystemPackage

/// A program in a pseudo-terminal of 80 by 24, with everything it sends timed and counted.
final class Terminal {
  /// Something could not be set up.
  struct Failure: Error { var what: String }

  /// `TIOCSPTLCK`, `TIOCGPTN` and `POSIX_SPAWN_SETSID`, which the overlay leaves out.
  private static let unlock: UInt = 0x4004_5431
  private static let numberOf: UInt = 0x8004_5430
  private static let newSession: Int16 = 0x80

  private let master: Int32
  let process: pid_t
  private let start = ContinuousClock.now
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)

  init(_ words: [String]) throws {
    master = unsafe Glibc.open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var number: Int32 = 0
    var locked: Int32 = 0
    guard master >= 0, unsafe ioctl(master, Terminal.unlock, &locked) == 0,
      unsafe ioctl(master, Terminal.numberOf, &number) == 0
    else { throw Failure(what: "there is no pseudo-terminal") }
    let name = "/dev/pts/\(number)"
    var size = winsize(ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0)
    _ = unsafe ioctl(master, UInt(TIOCSWINSZ), &size)
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    // A session leader that opens a terminal has it as its own.
    unsafe posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, 0, 1)
    unsafe posix_spawn_file_actions_adddup2(&actions, 0, 2)
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    unsafe posix_spawnattr_setflags(&attributes, Terminal.newSession)
    let settings = [
      "TERM=xterm-256color", "LANG=C.UTF-8", "PATH=/usr/bin:/bin", "HOME=/nonexistent",
    ]
    let arguments = unsafe words.map { unsafe strdup($0) } + [nil]
    let environment = unsafe settings.map { unsafe strdup($0) } + [nil]
    defer { unsafe (arguments + environment).forEach { unsafe free($0) } }
    var child: pid_t = 0
    let failure = unsafe posix_spawn(
      &child, words[0], &actions, &attributes, arguments, environment)
    guard failure == 0 else { throw Failure(what: "\(words[0]) does not start") }
    process = child
  }

  /// Bytes that came, when the first of them, and when the last, in milliseconds since `from`.
  struct Output {
    var bytes = 0
    var first = 0.0
    var last = 0.0
  }

  /// Reads until nothing has come for `quiet` milliseconds, or `most` are over.
  func read(quiet: Int32, most: Double = 5000, from: ContinuousClock.Instant? = nil) -> Output {
    let origin = from ?? start
    var output = Output()
    while Terminal.milliseconds(since: origin) < most {
      var wait = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&wait, 1, output.bytes == 0 ? Int32(most) : quiet) > 0 else { break }
      let count = unsafe Glibc.read(master, &buffer, buffer.count)
      if count <= 0 { break }
      let now = Terminal.milliseconds(since: origin)
      if output.bytes == 0 { output.first = now }
      output.last = now
      output.bytes += count
    }
    return output
  }

  /// Presses a key and tells what it led to.
  func press(_ key: String) -> Output {
    let now = ContinuousClock.now
    _ = unsafe key.withCString { unsafe write(master, $0, strlen($0)) }
    return read(quiet: 3, most: 1000, from: now)
  }

  /// Nanoseconds of processor time that the program has used, threads that ended included.
  var processorTime: Int64 {
    var clock = clockid_t()
    var time = timespec()
    guard unsafe clock_getcpuclockid(process, &clock) == 0,
      unsafe clock_gettime(clock, &time) == 0
    else { return 0 }
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// The most memory it has had, in KiB.
  var peakMemory: Int {
    guard let status = try? FileText.read("/proc/\(process)/status") else { return 0 }
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
    return line.split(separator: " ").compactMap { Int($0) }.first ?? 0
  }

  /// Ends the program.
  func close() {
    kill(process, SIGTERM)
    _ = read(quiet: 50, most: 1000, from: ContinuousClock.now)
    var status: Int32 = 0
    kill(process, SIGKILL)
    unsafe waitpid(process, &status, 0)
    Glibc.close(master)
  }

  static func milliseconds(since start: ContinuousClock.Instant) -> Double {
    (ContinuousClock.now - start) / .milliseconds(1)
  }
}

/// Small files of `/proc`.
private enum FileText {
  static func read(_ path: String) throws -> String {
    let file = try FileDescriptor.open(FilePath(path), .readOnly)
    defer { try? file.close() }
    var bytes = [UInt8](repeating: 0, count: 1 << 14)
    let count = try unsafe bytes.withUnsafeMutableBytes { try unsafe file.read(into: $0) }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}
