import Glibc
package import SystemPackage

/// The calls that change or list names rather than bytes.
extension RealDisk {
  package func rename(_ source: FilePath, to target: FilePath) throws(DiskQueueError) {
    try unsafe both("rename", source, target) { unsafe renameat($0, $1, $2, $3) }
  }

  package func link(_ source: FilePath, to target: FilePath) throws(DiskQueueError) {
    try unsafe both("link", source, target) { unsafe linkat($0, $1, $2, $3, 0) }
  }

  private func both(
    _ call: String, _ source: FilePath, _ target: FilePath,
    _ body: (Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>) -> Int32
  ) throws(DiskQueueError) {
    var failure: DiskQueueError?
    try unsafe at(call, source) { (from, old) -> Int32 in
      do throws(DiskQueueError) {
        return try unsafe at(call, target) { (to, new) in unsafe body(from, old, to, new) }
      } catch {
        // Which of the two is not there cannot be told from the call's word alone.
        failure = error
        return 0
      }
    }
    if let failure { throw failure }
  }

  package func remove(_ path: FilePath) throws(DiskQueueError) {
    try unsafe at("unlink", path) { unsafe unlinkat($0, $1, 0) }
  }

  package func makeDirectory(_ path: FilePath) throws(DiskQueueError) {
    try unsafe at("mkdir", path) { unsafe mkdirat($0, $1, 0o700) }
  }

  package func removeDirectory(_ path: FilePath) throws(DiskQueueError) {
    try unsafe at("rmdir", path) { unsafe unlinkat($0, $1, AT_REMOVEDIR) }
  }

  package func list(_ path: FilePath) throws(DiskQueueError) -> [[UInt8]] {
    let handle = try open(path, .directory)
    guard let stream = unsafe fdopendir(handle.rawValue) else {
      let cause = Errno(rawValue: errno)
      close(handle)
      throw DiskQueueError(call: "opendir", path: path, cause: cause)
    }
    defer { unsafe closedir(stream) }
    var entries: [[UInt8]] = []
    while true {
      errno = 0
      guard let entry = unsafe readdir(stream) else {
        let cause = Errno(rawValue: errno)
        if cause.rawValue == 0 { return entries }
        throw DiskQueueError(call: "readdir", path: path, cause: cause)
      }
      let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
      let start = unsafe UnsafeRawPointer(entry) + offset
      let count = unsafe strlen(start.assumingMemoryBound(to: CChar.self))
      let name = unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count))
      if name != [46], name != [46, 46] { entries.append(name) }
    }
  }

  package func space(at path: FilePath) throws(DiskQueueError) -> FileSystemSpace {
    let handle = try open(path, .directory)
    defer { close(handle) }
    var raw = statvfs()
    try check("statvfs", path) { unsafe fstatvfs(handle.rawValue, &raw) }
    let unit = Int64(raw.f_frsize)
    // What is set aside for root is root's to use, and nobody else's.
    let reserved = Machine.effectiveUser == 0 ? Int64(raw.f_bfree) - Int64(raw.f_bavail) : 0
    return FileSystemSpace(
      freeBytes: Int64(raw.f_bavail) * unit, totalBytes: Int64(raw.f_blocks) * unit,
      freeInodes: Int64(raw.f_favail), totalInodes: Int64(raw.f_files),
      reservedBytes: max(0, reserved) * unit)
  }
}

/// The wall clock and who is running: the other facts only the system knows.
package enum Machine {
  /// Now, in UTC.
  package static func now() -> Timestamp {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  /// A path that means the same from any folder, without looking at what is there.
  package static func absolute(_ path: FilePath) -> FilePath {
    guard path.isRelative, let here = unsafe getcwd(nil, 0) else { return path }
    defer { unsafe free(here) }
    return unsafe FilePath(platformString: here).pushing(path).lexicallyNormalized()
  }

  /// Blocks this thread; only commands use it, never the library or the console.
  package static func sleep(milliseconds: UInt32) { usleep(milliseconds * 1000) }

  /// Whether standard input and output are a terminal.
  package static var isTerminal: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 }

  /// Whether somebody can be asked: questions go to standard error, answers come from input.
  package static var canAsk: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

  /// Whether somebody may be looking at standard error.
  package static var standardErrorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// Makes writing to a closed pipe an error instead of the process's end.
  package static func ignoreClosedPipes() { signal(SIGPIPE, SIG_IGN) }

  /// The environment's variables that say where configuration is.
  package static var environment: [String: String] {
    var variables: [String: String] = [:]
    for name in ["HOME", "XDG_CONFIG_HOME"] {
      if let value = unsafe getenv(name) { variables[name] = unsafe String(cString: value) }
    }
    return variables
  }

  /// This process.
  package static var processID: Int32 { getpid() }

  /// The user this process acts as; 0 may change any file's owner.
  package static var effectiveUser: UInt32 { geteuid() }

  /// The machine's name.
  package static var hostName: String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard unsafe gethostname(&buffer, buffer.count - 1) == 0 else { return "unknown" }
    return String(
      decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The name of the user this process acts as, or the number when it has none.
  package static var userName: String {
    guard let entry = unsafe getpwuid(geteuid()), let name = unsafe entry.pointee.pw_name else {
      return "\(geteuid())"
    }
    return unsafe String(cString: name)
  }
}
