package import SystemPackage

/// A segment as a directory listing shows it.
package struct SegmentFile: Hashable, Sendable {
  package var number: Int64
  package var size: Int64

  package init(number: Int64, size: Int64) {
    self.number = number
    self.size = size
  }
}

/// What was set aside of a segment: a `.bad` file, or a stretch in the quarantine, as a listing shows it.
package struct BadFile: Hashable, Sendable {
  /// The quarantine's path from the data directory.
  package static let quarantine = Array(".diskq/quarantine/".utf8)

  /// The segment's.
  package var number: Int64
  package var copy: Int
  package var size: Int64
  package var modified: Timestamp
  /// Its name in the quarantine's folder; nil for a `.bad` file.
  package var quarantined: [UInt8]?

  package init(
    number: Int64, copy: Int, size: Int64, modified: Timestamp, quarantined: [UInt8]? = nil
  ) {
    self.number = number
    self.copy = copy
    self.size = size
    self.modified = modified
    self.quarantined = quarantined
  }

  /// Its path from the data directory.
  package func entry(of queue: QueueName) -> [UInt8] {
    quarantined.map { BadFile.quarantine + $0 } ?? FileName.bad(number, copy: copy).entry(of: queue)
  }
}

/// Everything one queue has in its directory, before anything is concluded from it.
package struct QueueFiles: Hashable, Sendable {
  /// The metadata file; its status too, for its time, its owner and to see whether it changed.
  package struct MetadataFile: Hashable, Sendable {
    package var bytes: [UInt8]
    package var status: FileStatus
    package var reading: MetadataReading { MetadataReading(bytes) }

    package init(bytes: [UInt8], status: FileStatus) {
      self.bytes = bytes
      self.status = status
    }
  }

  package var metadata: MetadataFile?
  /// In order of their numbers.
  package var segments: [SegmentFile] = []
  /// In order of their numbers.
  package var bad: [BadFile] = []
  /// Tags of metadata temporaries that were never renamed.
  package var temporaries: [String] = []
  /// Entries with a queue file's name that are links, folders or devices: nothing of the kind is opened.
  package var foreign: [[UInt8]] = []
  /// Every file's status by directory entry, so that a plan can be held against it later.
  package var statuses: [[UInt8]: FileStatus] = [:]

  package init(metadata: MetadataFile? = nil, segments: [SegmentFile] = []) {
    self.metadata = metadata
    self.segments = segments
  }

  package var isEmpty: Bool {
    metadata == nil && segments.isEmpty && bad.isEmpty && temporaries.isEmpty && foreign.isEmpty
  }

  /// The bytes of all segments and `.bad` files.
  package var totalBytes: Int64 {
    segments.reduce(0) { $0 + $1.size } + bad.reduce(0) { $0 + $1.size }
  }

  /// Groups a directory's entries by queue; what is not a queue's file is left out.
  package static func group(_ entries: [[UInt8]]) -> [QueueName: [FileName]] {
    var groups: [QueueName: [FileName]] = [:]
    for entry in entries {
      if let (queue, file) = FileName.parse(entry) { groups[queue, default: []].append(file) }
    }
    return groups
  }

  /// Looks at the files of one queue.
  ///
  /// A file that vanishes meanwhile counts as not there, and metadata that has not changed since
  /// `previous` is not read again.
  package init(
    _ queue: QueueName, _ names: [FileName], in directory: FilePath, disk: any Disk,
    previous: QueueFiles? = nil
  ) throws(DiskQueueError) {
    for name in names {
      let entry = name.entry(of: queue)
      let path = directory.entry(entry)
      let status: FileStatus
      do { status = try disk.status(at: path) } catch {
        if error.code == .notFound { continue }
        throw error
      }
      guard status.kind == .file else {
        foreign.append(entry)
        continue
      }
      statuses[entry] = status
      switch name {
      case .segment(let number): segments.append(.init(number: number, size: status.size))
      case .bad(let number, let copy):
        bad.append(
          .init(number: number, copy: copy, size: status.size, modified: status.modified))
      case .temporary(let tag): temporaries.append(tag)
      case .metadata:
        if let known = previous?.metadata, known.status == status {
          metadata = known
        } else if let bytes = try disk.contents(of: path, limit: 4096, size: status.size) {
          metadata = MetadataFile(bytes: bytes, status: status)
        }
      }
    }
    segments.sort { $0.number < $1.number }
    bad.sort { ($0.number, $0.copy) < ($1.number, $1.copy) }
    temporaries.sort()
    foreign.sort { $0.lexicographicallyPrecedes($1) }
  }

  /// Makes as if a segment were not there.
  mutating func leaveOut(_ entry: [UInt8]) {
    guard case .segment(let number) = FileName.parse(entry)?.file else { return }
    segments.removeAll { $0.number == number }
    statuses[entry] = nil
  }

  /// Makes as if a segment ended at an offset.
  mutating func end(_ entry: [UInt8], at offset: Int64) {
    guard case .segment(let number) = FileName.parse(entry)?.file,
      let index = segments.firstIndex(where: { $0.number == number })
    else { return }
    segments[index].size = min(segments[index].size, offset)
  }

  /// - Throws: `refused` where a name of the queue's is something else than a file.
  package func expectFiles(in directory: FilePath) throws(DiskQueueError) {
    guard let entry = foreign.first else { return }
    throw DiskQueueError(
      .refused,
      "this is a link, a folder or a device where a file of the queue's is expected; look at it and "
        + "move it away, nothing was touched", path: directory.entry(entry))
  }

  /// Looks at one queue of a directory.
  package init(_ queue: QueueName, in directory: FilePath, disk: any Disk) throws(DiskQueueError) {
    let groups = QueueFiles.group(try disk.list(directory))
    try self.init(queue, groups[queue] ?? [], in: directory, disk: disk)
  }
}
