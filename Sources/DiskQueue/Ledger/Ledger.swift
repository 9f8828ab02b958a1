package import SystemPackage

/// What diskq keeps beside the queues of a directory, all of it under `DIR/.diskq`: locks, journals,
/// operations with what they took out, the audit log and the quarantine.
///
/// One room owns these names. They are made one at a time under a short lock on `.diskq` itself, so
/// that of two programs neither takes nor removes what the other has made; nothing is followed through
/// a link (see ``RealDisk/init(below:)``); and a version says who may read it.
package struct Ledger: Sendable {
  /// The version of what is written here; a program that knows only an older one keeps away.
  static let format = 2
  /// The most bytes of a record that are read: what half a million segments with long names take.
  static let largest = 1 << 28

  package let directory: FilePath
  let disk: any Disk

  package init(_ directory: FilePath, disk: any Disk) {
    self.directory = directory
    self.disk = disk
  }

  // MARK: Names

  package static func home(_ directory: FilePath) -> FilePath {
    directory.entry(Array(".diskq".utf8))
  }

  var home: FilePath { Ledger.home(directory) }

  /// A folder or file directly in `.diskq`.
  func entry(_ name: String) -> FilePath { home.entry(Array(name.utf8)) }

  // MARK: Trust

  /// - Throws: `refused` when `.diskq` is not what diskq makes of it: a link, somebody else's, or left
  ///   by a newer diskq.
  package func check() throws(DiskQueueError) {
    let status: FileStatus
    do { status = try disk.status(at: home) } catch {
      if error.code == .notFound { return }
      throw error
    }
    guard status.isDirectory else {
      throw refused("it is a link or a file where diskq's own folder is expected")
    }
    let owner = status.ownership.user
    if owner != 0, owner != Machine.effectiveUser,
      owner != (try disk.status(at: directory).ownership.user)
    {
      throw refused("it belongs to user \(owner), who is neither the directory's owner nor you")
    }
    guard let bytes = try disk.contents(of: entry("format"), limit: 64) else { return }
    let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    // What a crash has cut short says nothing; the records say their own version, too.
    if words.first == "diskq", words.count == 2, let version = Int(words[1]),
      version > Ledger.format
    {
      throw refused("it was left by a newer diskq, which alone can read it; update this one")
    }
  }

  private func refused(_ why: String) -> DiskQueueError {
    DiskQueueError(.refused, "\(why); nothing was touched", path: home)
  }

  // MARK: Making and removing

  /// Runs `body` while no other program makes or removes names here; `.diskq` is there meanwhile.
  ///
  /// - Throws: `inUse` when another program has kept the lock for ten seconds.
  func exclusively<Result>(_ body: () throws(DiskQueueError) -> Result) throws(DiskQueueError)
    -> Result
  {
    var patience = 2000
    while true {
      let handle: FileHandle
      do { handle = try disk.open(home, .directory) } catch {
        // Not there yet, or somebody has just tidied up.
        guard error.code == .notFound, patience > 0 else { throw error }
        patience -= 1
        try disk.makeOwnedDirectory(home, like: directory)
        continue
      }
      defer { disk.close(handle) }
      guard try disk.lock(handle, .exclusive) else {
        patience -= 1
        guard patience > 0 else {
          throw DiskQueueError(
            .inUse, "another diskq is at work here and does not come to an end", path: home)
        }
        Machine.sleep(milliseconds: 5)
        continue
      }
      let held = try disk.status(of: handle)
      // It may have been removed, and made again by another, before the lock was had.
      if let named = try? disk.status(at: home), named.inode == held.inode { return try body() }
    }
  }

  /// Makes a folder in `.diskq`, which may be there already; the lock is held.
  func make(_ folder: FilePath) throws(DiskQueueError) {
    try disk.makeOwnedDirectory(folder, like: directory)
  }

  /// Notes the version beside what outlives this program; the lock is held.
  ///
  /// On a full disk it is left out: what lies here says its own version, too.
  func keepFormat() throws(DiskQueueError) {
    let path = entry("format")
    if try disk.exists(path) { return }
    do {
      try disk.writeNew(path, Array("diskq \(Ledger.format)\n".utf8), ownership: try ownership())
    } catch { if error.code != .noSpace { throw error } }
  }

  /// The owner of files here: the directory's, where this process may give files away.
  func ownership() throws(DiskQueueError) -> Ownership? {
    guard Machine.effectiveUser == 0 else { return nil }
    var ownership = try disk.status(at: directory).ownership
    ownership.mode = 0o600
    return ownership
  }

  /// Removes `folder` where it is empty, and `.diskq` with it where nothing else is left.
  func tidy(_ folder: FilePath) {
    do throws(DiskQueueError) {
      guard try disk.exists(home) else { return }
      try exclusively { () throws(DiskQueueError) in
        if folder != home { try disk.removeDirectory(folder) }
        let left = try disk.list(home)
        if left == [Array("format".utf8)] { try disk.remove(entry("format")) }
        if left.allSatisfy({ $0 == Array("format".utf8) }) { try disk.removeDirectory(home) }
      }
    } catch {}  // Not empty, or not to be removed now: nothing depends on it.
  }
}
