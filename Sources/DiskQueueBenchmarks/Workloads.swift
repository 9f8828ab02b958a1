import DiskQueue
import Glibc
import QueueInspection
import SystemPackage

/// One thing measured: what it does, what stands beside it, and what it should reach.
struct Workload {
  var name: String
  var baseline: String
  /// Payload bytes of an operation.
  var bytes: Int
  var goal: String
  /// Nanoseconds an operation of ours.
  var ours: (Scratch) throws -> Double
  /// Nanoseconds an operation of the baseline.
  var bare: (Scratch) throws -> Double

  /// All of them, in the order they run.
  static var all: [Workload] {
    let sizes = [16, 256, 1024, 16384, 65536, 1_048_576]
    return sizes.map(put) + sizes.map { batch($0, synced: true) }
      + sizes.map { batch($0, synced: false) } + sizes.map(take) + [borrow(16), borrow(1024)]
      + [durable(1), durable(16)] + [check(16), check(1024), salvage(1024)]
      + [survey(), resurvey()]
  }

  private static func label(_ size: Int) -> String {
    size < 1024 ? "\(size)B" : size < 1 << 20 ? "\(size >> 10)KiB" : "\(size >> 20)MiB"
  }

  private static func payload(_ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 65) }
  }

  private static func record(_ size: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    Record.append(payload(size), to: &bytes)
    return bytes
  }

  /// About as many as take a tenth of a second.
  private static func count(_ size: Int) -> Int { max(64, min(100_000, 96_000_000 / (size + 600))) }

  private static func put(_ size: Int) -> Workload {
    let count = count(size)
    let payload = payload(size)
    let record = record(size)
    return Workload(
      name: "put/\(label(size))", baseline: "bare write(2)", bytes: size, goal: "at most 1.35",
      ours: { scratch in
        let queue = try scratch.queue()
        let time = try time(count) { for _ in 0..<count { try queue.put(payload) } }
        try queue.close()
        return time
      },
      bare: { scratch in
        let file = Bare.open(scratch.path.appending("file"))
        defer { close(file) }
        return time(count) { for _ in 0..<count { Bare.write(file, record) } }
      })
  }

  /// Batches with the default syncs beside them, or with none before the end.
  private static func batch(_ size: Int, synced: Bool) -> Workload {
    // Within one segment, so that no roll is measured.
    let count = max(1000, min(count(size) * 4, 64_000_000 / (size + 4)) / 1000 * 1000)
    let rounds = size > 65536 ? 1 : count / 1000
    let each = size > 65536 ? 64 : 1000
    let payloads = [[UInt8]](repeating: payload(size), count: each)
    let total = rounds * each
    let record = record(size)
    return Workload(
      name: "put-batch-\(each)\(synced ? "" : "-unsynced")/\(label(size))",
      baseline: "1 MiB write(2)s", bytes: size,
      goal: "at most 1.5",
      ours: { scratch in
        let queue = try scratch.queue {
          if !synced { $0.durability = .batched(every: .max / 8, within: .seconds(3600)) }
        }
        let time = try time(total) {
          for _ in 0..<rounds { try queue.put(contentsOf: payloads) }
        }
        try queue.close()
        return time
      },
      bare: { scratch in
        let file = Bare.open(scratch.path.appending("file"))
        defer { close(file) }
        let bytes = total * record.count
        let chunk = [UInt8](repeating: 7, count: min(1 << 20, bytes))
        return time(total) {
          for _ in 0..<max(1, bytes / chunk.count) { Bare.write(file, chunk) }
        }
      })
  }

  /// A queue with `count` messages, read to its end by `read`.
  private static func reading(
    _ name: String, _ size: Int, _ goal: String, _ read: @escaping (DiskQueue, Int) throws -> Void
  ) -> Workload {
    let count = count(size)
    let payloads = [[UInt8]](repeating: payload(size), count: count)
    return Workload(
      name: "\(name)/\(label(size))", baseline: "read(2) of 64 KiB", bytes: size, goal: goal,
      ours: { scratch in
        let queue = try scratch.queue()
        try queue.put(contentsOf: payloads)
        let time = try time(count) { try read(queue, count) }
        precondition(queue.depth == 0, "not all was read")
        try queue.close()
        return time
      },
      bare: { scratch in
        let path = scratch.path.appending("file")
        let file = Bare.open(path)
        let record = record(size)
        for _ in 0..<count { Bare.write(file, record) }
        close(file)
        return time(count) { Bare.readAll(path, size: 1 << 16) }
      })
  }

  private static func take(_ size: Int) -> Workload {
    reading("take", size, size == 16 ? "at most 187 ns" : "at most 1/8 of Go") { queue, count in
      for _ in 0..<count { _ = try queue.take() }
    }
  }

  private static func borrow(_ size: Int) -> Workload {
    reading("withNext", size, size == 16 ? "at most 40 ns" : "-") { queue, _ in
      var sum = 0
      while let first = try queue.withNext({ $0.isEmpty ? 0 : Int($0[0]) }) { sum &+= first }
      precondition(sum > 0, "nothing was read")
    }
  }

  private static func durable(_ producers: Int) -> Workload {
    let payload = payload(256)
    let record = record(256)
    let each = producers == 1 ? 200 : 50
    return Workload(
      name: "durable-put/\(producers) producers", baseline: "append+fdatasync", bytes: 256,
      goal: producers == 1 ? "at most 1.11" : "at most 0.25",
      ours: { scratch in
        let queue = try scratch.queue { $0.durability = .everyPut }
        let time = time(producers * each) {
          Threads.run(producers) { for _ in 0..<each { try? queue.put(payload) } }
        }
        precondition(queue.depth == producers * each, "a put failed")
        try queue.close()
        return time
      },
      bare: { scratch in
        let file = Bare.open(scratch.path.appending("file"))
        defer { close(file) }
        return time(200) {
          for _ in 0..<200 {
            Bare.write(file, record)
            fdatasync(file)
          }
        }
      })
  }

  private static func check(_ size: Int) -> Workload {
    let count = size == 16 ? 4_000_000 : 200_000
    let payloads = [[UInt8]](repeating: payload(size), count: 10_000)
    return Workload(
      name: "check/\(label(size))", baseline: "read(2) of 64 KiB", bytes: size,
      goal: size == 16 ? "at most 25 ns" : "at most 1.43",
      ours: { scratch in
        let queue = try scratch.queue { $0.maxBytesPerFile = 1 << 40 }
        for _ in 0..<(count / payloads.count) { try queue.put(contentsOf: payloads) }
        try queue.close()
        return try time(count) {
          let report = try Checker(scratch.path).check(QueueName("bench"))
          precondition(report.depth == count, "not all was counted")
        }
      },
      bare: { scratch in
        let path = scratch.path.appending("file")
        let file = Bare.open(path)
        let chunk = [UInt8](repeating: 7, count: 1 << 20)
        for _ in 0..<(count * (size + 4) / chunk.count) { Bare.write(file, chunk) }
        close(file)
        return time(count) { Bare.readAll(path, size: 1 << 16) }
      })
  }

  /// A segment with a hundred overwritten lengths, beside the check of a whole one.
  private static func salvage(_ size: Int) -> Workload {
    let count = 1_000_000
    let payloads = [[UInt8]](repeating: payload(size), count: 10_000)
    func fill(_ scratch: Scratch) throws -> FilePath {
      let queue = try scratch.queue { $0.maxBytesPerFile = 1 << 40 }
      for _ in 0..<(count / payloads.count) { try queue.put(contentsOf: payloads) }
      try queue.close()
      return scratch.path.file(.segment(0), of: try QueueName("bench"))
    }
    return Workload(
      name: "salvage/\(label(size))", baseline: "check of the same, whole", bytes: size,
      goal: "at most 3",
      ours: { scratch in
        let path = try fill(scratch)
        let disk = RealDisk()
        let handle = try disk.open(path, .write)
        let wrong: [UInt8] = [0xff, 0xff, 0xff, 0xff]
        let step = Int64(count / 100) * Record.size(of: size)
        for place in 0..<100 as Range<Int64> {
          try disk.writeAll(handle, wrong.span, at: place * step + step / 2)
        }
        disk.close(handle)
        let bytes = try disk.status(at: path).size
        return try time(count) {
          let report = try Salvage(disk: disk, limits: RecordLimits()).read(path, size: bytes)
          precondition(report.places.count == 100, "not every place was found")
          precondition(report.messages(.likely) == count - 100, "a message was lost")
        }
      },
      bare: { scratch in
        _ = try fill(scratch)
        return try time(count) {
          let report = try Checker(scratch.path).check(QueueName("bench"))
          precondition(report.depth == count, "not all was counted")
        }
      })
  }

  // MARK: Surveys

  private static let surveyed = 10_000

  /// A directory of so many queues, made once for all rounds.
  private static func manyQueues(_ scratch: Scratch) throws -> FilePath {
    let path = scratch.path.removingLastComponent().appending("many")
    let disk = RealDisk()
    if try disk.exists(path) { return path }
    try disk.makeDirectory(path)
    for index in 0..<surveyed {
      let name = path.appending("topic-\(10_000 + index).diskqueue.").string
      let meta = Bare.open(FilePath(name + "meta.dat"))
      Bare.write(meta, Array("1\n0,0\n0,20\n".utf8))
      close(meta)
      let segment = Bare.open(FilePath(name + "000000.dat"))
      Bare.write(segment, record(16))
      close(segment)
    }
    return path
  }

  /// Opens and reads every metadata file, and nothing else.
  private static func readMetadata(_ path: FilePath) -> Double {
    var buffer = [UInt8](repeating: 0, count: 256)
    return time(surveyed) {
      for index in 0..<surveyed {
        let file = Bare.open(path.appending("topic-\(10_000 + index).diskqueue.meta.dat"))
        _ = unsafe read(file, &buffer, buffer.count)
        close(file)
      }
    }
  }

  private static func survey() -> Workload {
    Workload(
      name: "survey/10,000 queues", baseline: "open and read their metadata", bytes: 0,
      goal: "at most 3",
      ours: { scratch in
        var survey = Survey(watching: try manyQueues(scratch))
        return try time(surveyed) {
          let report = try survey.refresh()
          precondition(report.queues.count == surveyed, "queues are missing")
        }
      }, bare: { readMetadata(try manyQueues($0)) })
  }

  private static func resurvey() -> Workload {
    Workload(
      name: "survey/again, unchanged", baseline: "open and read their metadata", bytes: 0,
      goal: "at most 0.15",
      ours: { scratch in
        var survey = Survey(watching: try manyQueues(scratch))
        _ = try survey.refresh()
        return try time(surveyed) { _ = try survey.refresh() }
      }, bare: { readMetadata(try manyQueues($0)) })
  }
}
