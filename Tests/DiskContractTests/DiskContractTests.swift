import DiskQueue
import DiskQueueTesting
import SystemPackage
import Testing

/// A disk to test, and a directory on it.
struct ContractDisk: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var make: @Sendable () throws -> (any Disk, FilePath, AnyObject)

  static let all: [ContractDisk] = [
    .init(testDescription: "the real disk") {
      let directory = try TemporaryDirectory()
      return (RealDisk(), directory.path, directory)
    },
    .init(testDescription: "the disk in memory") {
      let disk = InMemoryDisk(directory: "/data")
      return (disk, "/data", disk)
    },
    .init(testDescription: "the faulty disk without a fault") {
      let disk = InMemoryDisk(directory: "/data")
      return (FaultyDisk(disk), "/data", disk)
    },
  ]
}

/// The same tests over every disk: what tests rely on in memory is what the system does.
@Suite struct DiskContractTests {
  @Test(arguments: ContractDisk.all)
  func `bytes come back where they were written`(made: ContractDisk) throws {
    let (disk, directory, owner) = try made.make()
    defer { withExtendedLifetime(owner) {} }
    let path = directory.appending("file")
    let handle = try disk.open(path, .createNew)
    defer { disk.close(handle) }
    #expect(try disk.write(handle, [1, 2, 3].span, at: 0) == 3)
    #expect(try disk.write(handle, [9].span, at: 5) == 1)
    var buffer = [UInt8](repeating: 7, count: 10)
    #expect(try disk.readFull(handle, into: &buffer, count: 10, at: 0) == 6)
    #expect(buffer == [1, 2, 3, 0, 0, 9, 7, 7, 7, 7])
    try disk.truncate(handle, to: 2)
    #expect(try disk.status(of: handle).size == 2)
    #expect(try disk.contents(of: path) == [1, 2])
    try disk.truncate(handle, to: 4)
    #expect(try disk.contents(of: path) == [1, 2, 0, 0])
    try disk.syncData(handle)
    try disk.syncAll(handle)
    try disk.syncDirectory(directory)
  }

  @Test(arguments: ContractDisk.all)
  func `opening fails as it should`(made: ContractDisk) throws {
    let (disk, directory, owner) = try made.make()
    defer { withExtendedLifetime(owner) {} }
    let path = directory.appending("file")
    for mode in [OpenMode.read, .write, .directory] {
      let error = #expect(throws: DiskQueueError.self) { try disk.open(path, mode) }
      #expect(error?.code == .notFound)
      #expect(error?.path == path)
    }
    disk.close(try disk.open(path, .create))
    disk.close(try disk.open(path, .create))
    let taken = #expect(throws: DiskQueueError.self) { try disk.open(path, .createNew) }
    #expect(taken?.cause == .fileExists)
    let file = #expect(throws: DiskQueueError.self) { try disk.open(path, .directory) }
    #expect(file?.code == .notFound)
    let deep = #expect(throws: DiskQueueError.self) {
      try disk.open(directory.appending("no").appending("file"), .create)
    }
    #expect(deep?.code == .notFound)
    disk.close(try disk.open(directory, .directory))
  }

  @Test(arguments: ContractDisk.all)
  func `names are listed, renamed over one another, and removed`(made: ContractDisk) throws {
    let (disk, directory, owner) = try made.make()
    defer { withExtendedLifetime(owner) {} }
    for name in ["a", "b"] {
      try disk.writeNew(directory.appending(name), Array(name.utf8), ownership: nil)
    }
    try disk.makeDirectory(directory.appending("folder"))
    let taken = #expect(throws: DiskQueueError.self) {
      try disk.makeDirectory(directory.appending("folder"))
    }
    #expect(taken?.cause == .fileExists)
    let names = try disk.list(directory).map { String(decoding: $0, as: UTF8.self) }
    #expect(names.sorted() == ["a", "b", "folder"])
    let open = try disk.open(directory.appending("b"), .read)
    try disk.rename(directory.appending("a"), to: directory.appending("b"))
    #expect(try disk.contents(of: directory.appending("b")) == [UInt8(ascii: "a")])
    var buffer: [UInt8] = [0]
    #expect(try disk.readFull(open, into: &buffer, count: 1, at: 0) == 1)
    #expect(buffer == [UInt8(ascii: "b")])
    disk.close(open)
    try disk.rename(directory.appending("b"), to: directory.appending("folder").appending("c"))
    let full = #expect(throws: DiskQueueError.self) {
      try disk.removeDirectory(directory.appending("folder"))
    }
    #expect(full?.cause == .directoryNotEmpty)
    try disk.remove(directory.appending("folder").appending("c"))
    try disk.removeDirectory(directory.appending("folder"))
    #expect(try disk.list(directory).isEmpty)
    let gone = #expect(throws: DiskQueueError.self) { try disk.remove(directory.appending("a")) }
    #expect(gone?.code == .notFound)
    #expect(try !disk.exists(directory.appending("a")))
  }

  @Test(arguments: ContractDisk.all)
  func `locks exclude as flock does`(made: ContractDisk) throws {
    let (disk, directory, owner) = try made.make()
    defer { withExtendedLifetime(owner) {} }
    let first = try disk.open(directory, .directory)
    let second = try disk.open(directory, .directory)
    #expect(try disk.lock(first, .shared))
    #expect(try disk.lock(second, .shared))
    #expect(try !disk.lock(second, .exclusive))
    disk.close(first)
    #expect(try disk.lock(second, .exclusive))
    let third = try disk.open(directory, .directory)
    #expect(try !disk.lock(third, .shared))
    disk.close(second)
    #expect(try disk.lock(third, .shared))
    let fourth = try disk.open(directory, .directory)
    #expect(try !disk.lock(fourth, .exclusive))
    try disk.unlock(third)
    #expect(try disk.lock(fourth, .exclusive))
    disk.close(third)
    disk.close(fourth)
  }

  @Test(arguments: ContractDisk.all)
  func `status tells what a plan is held against`(made: ContractDisk) throws {
    let (disk, directory, owner) = try made.make()
    defer { withExtendedLifetime(owner) {} }
    let path = directory.appending("file")
    try disk.writeNew(path, [1, 2, 3], ownership: nil)
    let status = try disk.status(at: path)
    #expect(status.size == 3)
    #expect(!status.isDirectory)
    #expect(status.ownership.mode == 0o600)
    #expect(try disk.status(at: directory).isDirectory)
    #expect(try disk.status(at: path) == status)
    try disk.remove(path)
    try disk.writeNew(path, [1, 2, 3], ownership: nil)
    #expect(try disk.status(at: path) != status)
    #expect(try disk.space(at: directory).totalBytes > 0)
  }

  @Test(arguments: ContractDisk.all)
  func `a queue lives the same life on every disk`(made: ContractDisk) throws {
    let (disk, directory, owner) = try made.make()
    defer { withExtendedLifetime(owner) {} }
    let name = try QueueName("life")
    var options = DiskQueue.Options()
    options.maxBytesPerFile = 50
    for round in 0..<3 {
      let queue = try DiskQueue(
        name, directory: directory, options: options, disk: disk, processes: FakeProcesses())
      try queue.put(contentsOf: (0..<20).map { Array("round \(round) number \($0)".utf8) })
      #expect(try queue.take(15).count == 15)
      try queue.close()
    }
    let queue = try DiskQueue(
      name, directory: directory, options: options, disk: disk, processes: FakeProcesses())
    #expect(queue.depth == 15)
    #expect(try queue.take(.max).last?.text == "round 2 number 19")
    try queue.delete()
    #expect(try disk.list(directory).isEmpty)
  }

  /// The file system of the tests' folder may not tell; where it does, it must be right.
  @Test func `another process's open file is seen by the file itself`() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.path.appending("file")
    let disk = RealDisk()
    disk.close(try disk.open(path, .createNew))
    let handle = try disk.open(path, .read)
    defer { disk.close(handle) }
    guard disk.isOpenElsewhere(handle) == false else {
      return #expect(disk.isOpenElsewhere(handle) == nil)
    }
    let script = "cd '\(directory.path)'; mkfifo up down; (exec 9<file; echo >up; cat down) & echo"
    _ = try await Program.run("sh", ["-c", script + "; cat up"])
    #expect(disk.isOpenElsewhere(handle) == true)
    _ = try await Program.run("sh", ["-c", "cd '\(directory.path)'; echo >down; wait"])
    let again = try disk.open(path, .read)
    #expect(disk.isOpenElsewhere(handle) != true)
    disk.close(again)
  }
}
