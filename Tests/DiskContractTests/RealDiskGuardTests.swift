import DiskQueue
import DiskQueueTesting
import Foundation
import SystemPackage
import Testing

/// What the real disk refuses below a directory that somebody else may write to.
@Suite struct RealDiskGuardTests {
  private func code(_ body: () throws -> Void) -> DiskQueueError.Code? {
    #expect(throws: DiskQueueError.self) { try body() }?.code
  }

  @Test func `no path leads out of the directory`() throws {
    let base = try TemporaryDirectory()
    let data = base.path.appending("data")
    try RealDisk().makeDirectory(data)
    try RealDisk().makeDirectory(data.appending("folder"))
    try RealDisk().writeNew(base.path.appending("secret"), [1], ownership: nil)
    let disk = RealDisk(below: data)
    for path in ["../secret", "folder/../../secret", "./../secret", "folder/.."] {
      let path = FilePath(data.string + "/" + path)
      #expect(code { _ = try disk.contents(of: path) } == .refused)
      #expect(code { _ = try disk.status(at: path) } == .refused)
    }
  }

  @Test func `a FIFO is no file, and a link is looked at itself`() throws {
    let directory = try TemporaryDirectory()
    let disk = RealDisk(below: directory.path)
    let (fifo, link) = (directory.path.appending("fifo"), directory.path.appending("link"))
    #expect(unsafe mkfifo(fifo.string, 0o600) == 0)
    try FileManager.default.createSymbolicLink(
      atPath: link.string, withDestinationPath: directory.path.string)
    #expect(code { disk.close(try disk.open(fifo, .read)) } == .refused)
    #expect(try disk.status(at: link).kind == .symbolicLink)
    #expect(code { try disk.makeOwnedDirectory(link, like: directory.path) } == .refused)
    #expect(code { try disk.makeOwnedDirectory(fifo, like: directory.path) } == .refused)
  }

  @Test func `no file is given a mode by which it runs as its owner`() throws {
    let directory = try TemporaryDirectory()
    let disk = RealDisk()
    let handle = try disk.open(directory.path.appending("file"), .createNew)
    defer { disk.close(handle) }
    var ownership = try disk.status(of: handle).ownership
    ownership.mode = 0o6755
    try disk.setOwnership(handle, to: ownership)
    #expect(try disk.status(of: handle).ownership.mode == 0o755)
  }

  /// Its other name may be anywhere: root would copy what its owner did not want read.
  @Test(.enabled(if: Machine.effectiveUser == 0, "only root reads the files of others"))
  func `another's file with a second name is neither read nor written by root`() throws {
    let base = try TemporaryDirectory()
    let data = base.path.appending("data")
    try RealDisk().makeDirectory(data)
    let secret = base.path.appending("secret")
    try RealDisk().writeNew(secret, [1], ownership: nil)
    #expect(unsafe chown(secret.string, 65534, 65534) == 0)
    let name = data.appending("name")
    try RealDisk().link(secret, to: name)
    let disk = RealDisk(below: data)
    for mode in [OpenMode.read, .write] {
      #expect(code { disk.close(try disk.open(name, mode)) } == .refused)
    }
    try RealDisk().remove(secret)
    disk.close(try disk.open(name, .read))
  }
}
