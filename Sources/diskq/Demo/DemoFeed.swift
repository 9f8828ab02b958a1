import DiskQueue
import Dispatch
import SystemPackage

/// Keeps the demo's queues moving until it is stopped.
final class DemoFeed: Sendable {
  private let work: Task<Void, Never>
  private let ended: DispatchSemaphore

  /// Opens the live queues of `directory` and starts putting and taking.
  init(_ directory: FilePath) throws(DiskQueueError) {
    var options = DemoDirectory.options
    options.checksOpenFiles = false
    var queues: [(DemoDirectory.Live, DiskQueue)] = []
    for live in DemoDirectory.live {
      let queue = try DiskQueue(live.name, directory: directory, options: options)
      try queue.put(contentsOf: (0..<live.start).map { DemoDirectory.payload(live.name, $0) })
      queues.append((live, queue))
    }
    let ended = DispatchSemaphore(value: 0)
    self.ended = ended
    work = Task.detached { [queues] in
      await DemoFeed.run(queues)
      ended.signal()
    }
  }

  /// Ten times a second, as much as each queue's speed makes due.
  private static func run(_ queues: [(DemoDirectory.Live, DiskQueue)]) async {
    let start = ContinuousClock.now
    var put = [Int](repeating: 0, count: queues.count)
    var taken = put
    while !Task.isCancelled {
      try? await Task.sleep(for: .milliseconds(100))
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      for (index, (live, queue)) in queues.enumerated() {
        let puts = Int(seconds * live.putsPerSecond) - put[index]
        let takes = Int(seconds * live.takesPerSecond) - taken[index]
        put[index] += puts
        taken[index] += takes
        // Somebody may empty or remove what is only a demo: it goes on with the rest.
        try? queue.put(
          contentsOf: (0..<puts).map {
            DemoDirectory.payload(live.name, live.start + put[index] + $0)
          })
        _ = try? queue.take(takes)
      }
    }
    for (_, queue) in queues { try? queue.close() }
  }

  /// Stops, and returns when the queues are closed.
  func stop() {
    work.cancel()
    ended.wait()
  }
}
