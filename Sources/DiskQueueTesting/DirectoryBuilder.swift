package import DiskQueue
package import SystemPackage

/// Builds a queue's files by hand, damage included, on an ``InMemoryDisk``.
package struct DirectoryBuilder: Sendable {
  package let disk: InMemoryDisk
  package let directory: FilePath
  package let queue: QueueName

  private static let jobs: QueueName = {
    do { return try QueueName("jobs") } catch { preconditionFailure("\(error)") }
  }()

  /// Builds the files of a queue of that name.
  package init(of name: String, disk: InMemoryDisk) throws(DiskQueueError) {
    self.disk = disk
    self.directory = "/data"
    self.queue = try QueueName(name)
  }

  package init(disk: InMemoryDisk = InMemoryDisk(), directory: FilePath = "/data") {
    self.disk = disk
    self.directory = directory
    self.queue = DirectoryBuilder.jobs
  }

  /// The bytes of records with these payloads.
  package static func records(_ payloads: [String]) -> [UInt8] {
    var bytes: [UInt8] = []
    for payload in payloads { Record.append(Array(payload.utf8), to: &bytes) }
    return bytes
  }

  /// A segment of records, and bytes that are none after them.
  package func segment(_ number: Int64, _ payloads: [String], then extra: [UInt8] = []) {
    disk.plant(
      directory.file(.segment(number), of: queue), DirectoryBuilder.records(payloads) + extra)
  }

  /// The metadata file, as text.
  package func metadata(_ text: String) {
    disk.plant(directory.file(.metadata, of: queue), Array(text.utf8))
  }

  /// The metadata as it is on the disk now.
  package var metadataText: String? {
    disk.bytes(directory.file(.metadata, of: queue)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Opens the queue as a program would.
  package func open(_ options: DiskQueue.Options = .init()) throws(DiskQueueError) -> DiskQueue {
    var options = options
    options.syncsInline = true
    return try DiskQueue(
      queue, directory: directory, options: options, disk: disk, processes: FakeProcesses())
  }
}
