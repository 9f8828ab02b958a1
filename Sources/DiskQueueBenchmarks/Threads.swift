import Dispatch

/// Blocking producers, a thread each.
enum Threads {
  /// Runs `body` on `count` threads at once and waits for all of them.
  static func run(_ count: Int, _ body: @escaping @Sendable () -> Void) {
    let group = DispatchGroup()
    for index in 0..<count {
      DispatchQueue(label: "producer \(index)").async(group: group, execute: body)
    }
    group.wait()
  }
}
