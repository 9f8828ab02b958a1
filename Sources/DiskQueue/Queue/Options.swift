public import Logging

extension DiskQueue {
  /// How a queue is opened.
  ///
  /// The owner's configuration: none of it is on disk.
  public struct Options: Sendable {
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
    /// Puts and takes between two syncs, from 1.
    public var syncEvery = 2500
    /// The longest time between a put or take and the sync that covers it.
    public var syncTimeout: Duration = .seconds(2)
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

    /// The defaults above.
    public init() {}

    package var limits: RecordLimits {
      RecordLimits(minimum: minMessageSize, maximum: maxMessageSize)
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
}
