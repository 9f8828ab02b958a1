/// One thing that is not as it should be, with its evidence.
public struct Finding: Hashable, Sendable {
  /// What was found; the raw values are part of the command-line contract.
  public enum Code: String, Sendable, CaseIterable {
    case staleMetadata = "stale-metadata"
    case metadataMissing = "metadata-missing"
    case metadataInvalid = "metadata-invalid"
    case depthMismatch = "depth-mismatch"
    case readPastWrite = "read-past-write"
    case readInsideRecord = "read-inside-record"
    case writePastEnd = "write-past-end"
    case tornTail = "torn-tail"
    case zeroTail = "zero-tail"
    case badLength = "bad-length"
    case missingSegment = "missing-segment"
    case orphanSegment = "orphan-segment"
    case badFile = "bad-file"
    case leftoverTemporary = "leftover-temporary"
    case wrongOwner = "wrong-owner"
    case openElsewhere = "open-elsewhere"
    case unfinishedOperation = "unfinished-operation"
    case notAFile = "not-a-file"
    case unknownQueue = "unknown-queue"
    case quarantined
  }

  /// How much it matters.
  public enum Severity: String, Sendable, Comparable {
    /// Normal in a running or killed queue; nothing to do.
    case info
    /// Something to look at; no message is at risk.
    case warning
    /// Messages are at risk, or a Go program would mishandle this state.
    case error

    /// Information first, errors last.
    public static func < (left: Severity, right: Severity) -> Bool {
      left.rank < right.rank
    }

    private var rank: Int {
      switch self {
      case .info: 0
      case .warning: 1
      case .error: 2
      }
    }
  }

  /// What was found.
  public var code: Code
  /// How much it matters.
  public var severity: Severity
  /// The directory entry it is about; nil when it is about the queue.
  public var file: String?
  /// The byte offset in `file`, where one helps.
  public var offset: Int64?
  /// One plain sentence.
  public var text: String

  package init(
    _ code: Code, _ severity: Severity, file: String? = nil, offset: Int64? = nil, _ text: String
  ) {
    self.code = code
    self.severity = severity
    self.file = file
    self.offset = offset
    self.text = text
  }
}
