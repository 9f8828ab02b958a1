import DiskQueue
import DiskQueueTesting
import SystemPackage

/// One file on a disk in memory.
struct InMemoryDiskFile {
  let disk = InMemoryDisk()
  let path: FilePath = "/data/file"

  init(_ bytes: [UInt8]) { disk.plant(path, bytes) }
}

extension DiskQueue {
  /// Takes all messages as text.
  func takeAllText() throws -> [String] { try take(.max).map(\.text) }

  /// The state under test, its invariants checked.
  var checkedState: QueueState {
    get throws {
      let state = try standing
      state.checkInvariants()
      return state
    }
  }
}
