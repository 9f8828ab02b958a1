public import SystemPackage

/// What went wrong, where, and what the system said: the only error this library throws.
public struct DiskQueueError: Error, Sendable, Equatable {
  /// The kind of failure, for programs to act on.
  public enum Code: Sendable, Equatable {
    /// The queue's name is empty, leaves the directory, or is too long for a file name.
    case invalidName
    /// An option contradicts another or is out of range.
    case invalidOption
    /// The directory, file or queue is not there.
    case notFound
    /// Another process holds the queue; ``DiskQueueError/holder`` names it when it is known.
    case inUse
    /// It cannot be seen who has the queue's files open.
    case ownerUnknown
    /// The message is shorter than `minMessageSize` or longer than `maxMessageSize`.
    case messageSize
    /// The file system or the quota is full.
    case noSpace
    /// The system refuses access.
    case permissionDenied
    /// A system call failed for another reason, found in ``DiskQueueError/cause``.
    case inputOutput
    /// A sync of data failed: what was put may not survive a power loss until a later sync succeeds.
    case syncFailed
    /// The queue's capacity is reached, and its policy is to refuse.
    case queueFull
    /// The bytes at ``DiskQueueError/offset`` are not a record.
    case damaged
    /// The queue was closed or deleted.
    case closed
    /// The files are not what the plan was made for; nothing was touched.
    case planVoid
    /// A write was asked for without what it needs (confirmation, permission, a target).
    case refused
  }

  /// The kind of failure.
  public let code: Code
  /// The file or directory it happened at.
  public let path: FilePath?
  /// The byte offset within the file at `path`.
  public let offset: Int64?
  /// What the system call reported.
  public let cause: Errno?
  /// The process that holds the queue, for ``Code/inUse``.
  public let holder: Int32?
  /// One plain sentence for people: what is wrong and, where it helps, what to do.
  public let detail: String

  package init(
    _ code: Code, _ detail: String, path: FilePath? = nil, offset: Int64? = nil,
    cause: Errno? = nil, holder: Int32? = nil
  ) {
    self.code = code
    self.detail = detail
    self.path = path
    self.offset = offset
    self.cause = cause
    self.holder = holder
  }

  /// The error for a failed system call: the code follows from `errno`.
  package init(call: String, path: FilePath?, cause: Errno) {
    let code: Code =
      switch cause {
      case .noSpace, .diskQuotaExceeded: .noSpace
      case .permissionDenied, .notPermitted, .readOnlyFileSystem: .permissionDenied
      case .noSuchFileOrDirectory, .notDirectory: .notFound
      default: .inputOutput
      }
    self.init(code, "\(call) failed: \(cause)", path: path, cause: cause)
  }
}

extension DiskQueueError: CustomStringConvertible {
  /// The place, then the sentence.
  public var description: String {
    var place = path.map { "\($0)" } ?? ""
    if let offset { place += "@\(offset)" }
    return place.isEmpty ? detail : "\(place): \(detail)"
  }
}
