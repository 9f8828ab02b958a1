public import DiskQueue
public import SystemPackage

/// What a data directory held at one moment: plain values, made without a lock or a write.
public struct Report: Sendable, Hashable {
  /// The directory looked at.
  public var directory: FilePath
  /// When.
  public var takenAt: Timestamp
  /// Its queues in the order of their names.
  public var queues: [QueueReport]
  /// The process that holds the directory exclusively, as nsqd does.
  public var owner: Owner?
  /// False when it cannot be seen who has the files open.
  public var ownersKnown: Bool
  /// Free bytes of the file system.
  public var freeBytes: Int64
  /// All bytes of the file system.
  public var totalBytes: Int64
}

/// What one queue looked like.
public struct QueueReport: Sendable, Hashable {
  /// Its name.
  public var name: QueueName
  /// Unread messages.
  public var depth: Int64
  /// How the depth was found: `metadata`, `metadata+tail` or `scan`.
  public var depthSource: String
  /// Bytes from the read to the write position.
  public var unreadBytes: Int64
  /// The metadata file; nil when there is none.
  public var metadata: MetadataReport?
  /// The first unread record.
  public var read: Position
  /// Where the next record goes.
  public var write: Position
  /// Its segments in the order of their numbers.
  public var segments: [SegmentReport]
  /// Its `.bad` files.
  public var badFiles: [BadFileReport]
  /// What was cut from its segments and is kept beside them.
  public var quarantined: [BadFileReport] = []
  /// Names of metadata temporaries that were never renamed.
  public var temporaries: [String]
  /// The process that has it; nil when nobody has.
  public var owner: Owner?
  /// What is not as it should be.
  public var findings: [Finding]
  /// The damaged places of its segments; empty where nobody read through them.
  public var damage: [DamagedPlace] = []
  /// Why it could not be looked at in full, in words; nil when it could.
  public var problem: String?
  /// When one of its files was last written to.
  package var changedAt: Timestamp?
  /// When the leftover temporaries were.
  package var temporaryTimes: [String: Timestamp] = [:]

  /// All that is set aside and can be looked through: `.bad` files, then the quarantine.
  package var setAside: [BadFileReport] { badFiles + quarantined }

  /// The worst of the findings; nil when there is none.
  public var severity: Finding.Severity? { findings.map(\.severity).max() }
}

/// A metadata file and when it was written.
public struct MetadataReport: Sendable, Hashable {
  /// Its numbers; nil when it is not metadata.
  public var numbers: Metadata?
  /// When it was last written.
  public var modifiedAt: Timestamp
  /// Its permission bits.
  public var mode: UInt32
}

/// One segment.
public struct SegmentReport: Sendable, Hashable {
  /// Its number.
  public var file: Int64
  /// Its size in bytes.
  public var bytes: Int64
  /// Whole records in it; nil when nobody counted.
  public var messages: Int64?
}

/// One `.bad` file, or what was cut from a segment.
public struct BadFileReport: Sendable, Hashable {
  /// Its directory entry; of what was cut off, its path from the directory.
  public var name: String
  /// The number of the segment it was, or was cut from.
  public var file: Int64
  /// Its size in bytes.
  public var bytes: Int64
  /// When it was last written.
  public var modifiedAt: Timestamp
  /// Messages in it; nil when nobody counted.
  public var messages: Int64?
  /// What became of its messages; nil when nobody looked.
  public var verdict: BadFileVerdict?
  /// Messages that were never delivered and can be put back.
  public var salvageable: Int64?
  /// Where the first of them begins, in bytes.
  public var from: Int64?
}

/// The process that has a queue or a directory.
public struct Owner: Sendable, Hashable {
  /// What shows it.
  public enum Lock: String, Sendable {
    /// An exclusive lock on the directory, as nsqd takes.
    case directory
    /// The queue's own lock, as this library takes.
    case queue
    /// Only open files, as a bare go-diskqueue has.
    case none
  }

  /// The process.
  public var pid: Int32
  /// Its command's name, when it can be seen.
  public var command: String
  /// What shows it.
  public var lock: Lock
  /// What it takes upon itself while it lives; nil for one that only has the files.
  package var offer: Offer?

  /// Where an owner takes requests, and for which acts.
  package struct Offer: Sendable, Hashable {
    package var address: String
    package var acts: Set<Act.Kind>

    package init(address: String, acts: Set<Act.Kind>) {
      self.address = address
      self.acts = acts
    }
  }

  /// Whether an act is possible although it has the queue.
  package func takes(_ act: Act.Kind) -> Bool { offer?.acts.contains(act) == true }
}
