import DiskQueue
import SystemPackage

/// A sample data directory: queues at work, queues left alone, and damage to practise on.
struct DemoDirectory {
  /// A queue that something puts into and something takes from.
  struct Live: Sendable {
    var name: String
    var start: Int
    var putsPerSecond: Double
    var takesPerSecond: Double
  }

  /// Different speeds; one only fills, one is read faster than it is written, one has no reader.
  static let live: [Live] = [
    .init(name: "clicks.web", start: 1200, putsPerSecond: 180, takesPerSecond: 180),
    .init(name: "clicks.web:etl", start: 9000, putsPerSecond: 120, takesPerSecond: 150),
    .init(name: "orders", start: 0, putsPerSecond: 40, takesPerSecond: 60),
    .init(name: "orders:billing", start: 4100, putsPerSecond: 95, takesPerSecond: 20),
    .init(name: "push:ios", start: 300, putsPerSecond: 15, takesPerSecond: 14),
    .init(name: "webhooks:retry", start: 2600, putsPerSecond: 30, takesPerSecond: 0),
  ]

  let path: FilePath
  private let disk = RealDisk()

  /// Small segments, so that the map moves while one looks.
  static var options: DiskQueue.Options {
    var options = DiskQueue.Options()
    options.maxBytesPerFile = 256 << 10
    options.syncTimeout = .milliseconds(400)
    return options
  }

  init(_ path: FilePath) { self.path = path }

  /// Makes the queues nobody owns: one stalled, one with a `.bad` file, two damaged.
  func build() throws(DiskQueueError) {
    var options = DemoDirectory.options
    options.checksOpenFiles = false
    try fill("mail:send", 3300, taken: 700, options)
    try fill("users", 0, taken: 0, options)
    try fill("orders:audit", 5200, taken: 900, options)
    try breakSegment(of: "orders:audit")
    try fill("thumbs:resize", 800, taken: 100, options)
    try tearTail(of: "thumbs:resize")
    try fill("metrics", 1500, taken: 0, options)
    try disk.remove(path.file(.metadata, of: QueueName("metrics")))
  }

  private func fill(_ name: String, _ count: Int, taken: Int, _ options: DiskQueue.Options)
    throws(DiskQueueError)
  {
    let queue = try DiskQueue(name, directory: path, options: options)
    try queue.put(contentsOf: (0..<count).map { DemoDirectory.payload(name, $0) })
    _ = try queue.take(taken)
    try queue.sync()
    try queue.close()
  }

  /// A Go program met an impossible length, renamed the segment to `.bad` and read on behind it.
  private func breakSegment(of name: String) throws(DiskQueueError) {
    let queue = try QueueName(name)
    let files = try QueueFiles(queue, in: path, disk: disk)
    guard var metadata = files.metadata?.reading.whole else { return }
    let bad = metadata.read.file
    let segment = path.file(.segment(bad), of: queue)
    try write([0x7B, 0x22, 0x69, 0x64], to: segment, at: metadata.read.offset)
    metadata.read = Position(file: bad + 1, offset: 0)
    try disk.rename(segment, to: path.file(.bad(bad, copy: 0), of: queue))
    try disk.remove(path.file(.metadata, of: queue))
    try disk.writeNew(
      path.file(.metadata, of: queue), Array(metadata.text.utf8), ownership: nil)
  }

  private func write(_ bytes: [UInt8], to path: FilePath, at offset: Int64)
    throws(DiskQueueError)
  {
    let handle = try disk.open(path, .write)
    defer { disk.close(handle) }
    try disk.writeAll(handle, bytes.span, at: offset)
  }

  /// The machine went down in the middle of a write.
  private func tearTail(of name: String) throws(DiskQueueError) {
    let queue = try QueueName(name)
    let files = try QueueFiles(queue, in: path, disk: disk)
    guard let last = files.segments.last else { return }
    let handle = try disk.open(path.file(.segment(last.number), of: queue), .write)
    defer { disk.close(handle) }
    try disk.truncate(handle, to: last.size - 9)
  }

  /// What a producer behind nsqd would have sent.
  static func payload(_ queue: String, _ number: Int) -> [UInt8] {
    let body = #"{"queue":"\#(queue)","n":\#(number),"note":"\#(notes[number % notes.count])"}"#
    let id = String(number + 1_000_000, radix: 16)
    return NSQEnvelope(
      timestamp: Machine.now().nanoseconds, attempts: UInt16(number % 3),
      id: String(repeating: "0", count: 16 - id.count) + id, body: Array(body.utf8)
    ).payload
  }

  private static let notes = [
    "ok", "größer", "请求", "retry later", String(repeating: "x", count: 90),
  ]
}
