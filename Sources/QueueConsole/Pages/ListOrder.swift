import DiskQueue
import QueueInspection

/// Which queues the list has, and in which order.
extension Model {
  /// Works out which rows the list has.
  mutating func arrange() {
    guard let queues = shown?.queues else {
      arranged = []
      return
    }
    let words = Filter(filter)
    var rows = queues.indices.filter { words.passes(queues[$0].name.description) }
    func sort(_ value: (QueueReport) -> Int64) {
      let keys = rows.map { (value(queues[$0]), $0) }
      // Queues are in the order of their names, so the index settles a draw.
      rows = keys.sorted { $0.0 == $1.0 ? $0.1 < $1.1 : $0.0 > $1.0 }.map(\.1)
    }
    switch order {
    case .name: break
    case .depth: sort(\.depth)
    case .unread: sort(\.unreadBytes)
    case .bad: sort { Int64($0.badFiles.count) }
    case .change: sort { Int64((abs(self.perSecond($0.name)) * 1000).rounded()) }
    case .still: sort { self.secondsStill($0) ?? -1 }
    }
    arranged = reversed ? rows.reversed() : rows
  }

  mutating func changeOrder(by step: Int) {
    let all = Order.allCases
    let index = all.firstIndex(of: order) ?? 0
    order = all[(index + step + all.count) % all.count]
    say("ordered by \(order.rawValue)")
    arrange()
    keepInView()
  }
}
