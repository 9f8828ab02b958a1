public import Logging

/// How a queue is opened.
///
/// The owner's configuration: none of it is on disk.
public struct QueueOptions: Sendable {
  /// When the writer starts the next segment.
  public enum RollRule: String, Sendable, CaseIterable {
    /// A record that would pass the limit goes to the next segment (go-diskqueue 1.1.0 and later).
    case beforeLimit = "before-limit"
    /// The record that passes the limit is the segment's last (go-diskqueue 1.0.0).
    case afterLimit = "after-limit"
  }

  /// The size a segment is rolled at, in bytes, from 1.
  public var maxBytesPerFile: Int64 = 104_857_600
  /// The shortest payload accepted, in bytes, from 0.
  public var minMessageSize = 0
  /// The longest payload accepted, in bytes, up to 2,147,483,647.
  public var maxMessageSize = Int(Int32.max)
  /// What a put promises when it returns.
  public var durability = Durability.batched()
  /// Puts and takes between two syncs, from 1: then a sync starts beside them.
  ///
  /// Syncs take a fifth of the time at the most, and puts wait for one when it falls 64 MiB
  /// behind. With `everyPut` it is about takes.
  public var syncEvery: Int {
    get { if case .batched(let every, _) = durability { every } else { takes.every } }
    set { set(every: newValue, within: syncTimeout) }
  }
  /// The longest time between a put or take and the start of the sync that covers it.
  public var syncTimeout: Duration {
    get { if case .batched(_, let within) = durability { within } else { takes.within } }
    set { set(every: syncEvery, within: newValue) }
  }
  /// When takes are synced where each put is.
  private var takes = (every: 2500, within: Duration.seconds(2))
  /// What taking does when there is no record where one should be.
  ///
  /// By default nothing readable behind damage is given up.
  public var damage = DamagePolicy.salvage
  /// How much the queue may hold; nil for as much as the disk does.
  public var capacity: Capacity?
  /// When the writer starts the next segment.
  public var rollRule: RollRule = .beforeLimit
  /// Where findings and failed background syncs go.
  public var logger: Logger?
  /// Open even when it cannot be seen whether another process has the files open.
  public var assumeOffline = false
  /// What becomes of segments that are read to their end.
  package var retirement: Retirement = .remove
  /// Whether opening may also be refused for open files that no lock protects.
  package var checksOpenFiles = true
  /// Whether syncs that are due are made by the operation itself, so that tests see each call.
  package var syncsInline = false

  /// The defaults above.
  public init() {}

  package var limits: RecordLimits {
    RecordLimits(minimum: minMessageSize, maximum: maxMessageSize)
  }

  /// What a put promises stays what it is.
  private mutating func set(every: Int, within: Duration) {
    takes = (every, within)
    if durability != .everyPut { durability = .batched(every: every, within: within) }
  }

  /// - Throws: `invalidOption` that names the value out of range.
  func validate() throws(DiskQueueError) {
    func require(_ holds: Bool, _ what: String) throws(DiskQueueError) {
      if !holds { throw DiskQueueError(.invalidOption, what) }
    }
    try require(maxBytesPerFile >= 1, "maxBytesPerFile is \(maxBytesPerFile); it starts at 1")
    try require(minMessageSize >= 0, "minMessageSize is \(minMessageSize); it starts at 0")
    try require(
      maxMessageSize >= minMessageSize && maxMessageSize <= Int(Int32.max),
      "maxMessageSize is \(maxMessageSize); it lies between minMessageSize and \(Int32.max)")
    try require(syncEvery >= 1, "syncEvery is \(syncEvery); it starts at 1")
    try require(syncTimeout > .zero, "syncTimeout is \(syncTimeout); it is more than 0")
  }
}

extension QueueOptions {
  /// What a put promises when it returns.
  public enum Durability: Sendable, Hashable {
    /// The message survives the end of the process, also by SIGKILL, and a power loss from the next
    /// sync on, which comes after so many puts and takes or so much time.
    case batched(every: Int = 2500, within: Duration = .seconds(2))
    /// The message survives a power loss: the put returns after its `fdatasync`, which puts of other
    /// threads share.
    case everyPut
  }

  /// What taking does when there is no record where one should be.
  public enum DamagePolicy: String, Sendable, CaseIterable {
    /// The segment becomes `.bad` and the next one is read, as go-diskqueue does.
    case quarantine
    /// Reading goes on at the next good records of the same segment; the bytes between are kept in
    /// the quarantine folder.
    case salvage
    /// Taking throws `damaged` and touches nothing.
    case stop
  }

  /// How much a queue may hold.
  public struct Capacity: Sendable, Hashable, CustomStringConvertible {
    /// What a put does when the queue is full.
    public enum Policy: Sendable, Hashable {
      /// It throws `queueFull`; nothing is lost.
      case refuse
      /// The oldest segment is dropped, and an event tells how many messages that were.
      case dropOldest
    }

    /// The most unread bytes on disk; nil for no limit.
    public var bytes: Int64?
    /// The most unread messages; nil for no limit.
    public var messages: Int64?
    /// What a put does when either is reached.
    public var policy: Policy

    /// A capacity of `bytes` unread bytes and `messages` unread messages, whichever comes first.
    public init(bytes: Int64? = nil, messages: Int64? = nil, policy: Policy) {
      self.bytes = bytes
      self.messages = messages
      self.policy = policy
    }

    /// The limits in words.
    public var description: String {
      [bytes.map { "\($0) bytes" }, messages.map { "\($0) messages" }].compactMap { $0 }
        .joined(separator: " or ")
    }

    /// Whether so much more would be too much.
    func isPassed(by state: QueueState, _ size: Int64, _ records: Int64) -> Bool {
      if let bytes, state.unreadBytes + size > bytes { return true }
      if let messages, state.depth + records > messages { return true }
      return false
    }

    /// Whether a record of `size` fits at all.
    func holds(_ size: Int64) -> Bool { size <= bytes ?? .max && (messages ?? .max) > 0 }
  }
}
