import DiskQueue
import DiskQueueTesting
import QueueOperations
import SystemPackage

/// Plans and applies on a builder's disk, as a command would.
struct Repairer {
  let builder: DirectoryBuilder
  let worker: Operator
  var options: DiskQueue.Options { worker.options }

  init(
    _ builder: DirectoryBuilder, disk: (any Disk)? = nil, processes: FakeProcesses = .init()
  ) {
    self.builder = builder
    var options = DiskQueue.Options()
    options.minMessageSize = 1
    options.maxBytesPerFile = 200
    options.syncsInline = true
    worker = Operator(
      "/data", options: options, disk: disk ?? builder.disk, processes: processes,
      now: { Timestamp(nanoseconds: 1_795_000_000_000_000_000) })
  }

  func plan(_ request: RepairPlanner.Request) throws -> Plan {
    try worker.planner.repair(builder.queue, request)
  }

  /// Plans and applies; nil when there was nothing to do.
  func repair(_ request: RepairPlanner.Request = .init()) throws -> OperationResult? {
    let plan = try plan(request)
    return plan.isEmpty ? nil : try worker.apply(plan)
  }

  /// The queue's own files, without what diskq keeps beside them, or with its quarantine.
  static func files(_ disk: InMemoryDisk, quarantine: Bool = false) -> [String: [UInt8]] {
    disk.files(in: "/data").filter {
      !$0.key.hasPrefix(".diskq/") || quarantine && $0.key.hasPrefix(".diskq/quarantine/")
    }
  }
}
