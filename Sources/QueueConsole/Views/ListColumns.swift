import DiskQueue
import QueueInspection

/// A column of the list: its head, its width, and which columns go first when there is no room.
struct ListColumn: Sendable {
  /// How the configuration calls it.
  var name: String
  var head: String
  var width: Int
  /// Larger goes first.
  var drop: Int
  var order: Model.Order?
  var text: @Sendable (QueueReport, Model) -> (String, Role)

  /// The names of all columns, as the configuration may list them.
  static var names: [String] { all.map(\.name) }

  static let all: [ListColumn] = [
    ListColumn(name: "depth", head: "DEPTH", width: 11, drop: 0, order: .depth) { queue, _ in
      (Numbers.grouped(queue.depth), queue.depth > 0 ? .normal : .dim)
    },
    ListColumn(name: "in", head: "IN/s", width: 6, drop: 7, order: nil) { queue, model in
      let rate = model.rates(queue.name).in
      return (Numbers.rate(rate), rate > 0 ? .normal : .dim)
    },
    ListColumn(name: "out", head: "OUT/s", width: 6, drop: 6, order: nil) { queue, model in
      let rate = model.rates(queue.name).out
      return (Numbers.rate(rate), rate > 0 ? .normal : .dim)
    },
    ListColumn(name: "change", head: "+/-s", width: 6, drop: 3, order: .change) { queue, model in
      let change = model.perSecond(queue.name)
      return (Numbers.change(change), change > 0.5 ? .warning : change < -0.5 ? .good : .dim)
    },
    ListColumn(name: "read", head: "READ file@pos", width: 16, drop: 4, order: nil) { queue, _ in
      (queue.read.place, .normal)
    },
    ListColumn(name: "write", head: "WRITE file@pos", width: 16, drop: 5, order: nil) {
      queue, _ in
      (queue.write.place, .normal)
    },
    ListColumn(name: "files", head: "FILES", width: 6, drop: 9, order: nil) { queue, _ in
      ("\(queue.segments.count)", .normal)
    },
    ListColumn(name: "unread", head: "UNREAD", width: 8, drop: 8, order: .unread) { queue, _ in
      (Numbers.bytes(queue.unreadBytes), queue.unreadBytes > 0 ? .normal : .dim)
    },
    ListColumn(name: "bad", head: "BAD", width: 4, drop: 1, order: .bad) { queue, _ in
      (
        queue.badFiles.isEmpty ? "-" : "\(queue.badFiles.count)",
        queue.badFiles.isEmpty ? .dim : .bad
      )
    },
    ListColumn(name: "eta", head: "ETA", width: 4, drop: 2, order: nil) { queue, model in
      let seconds = model.watched[queue.name]?.secondsToDrain(queue.depth)
      return (Numbers.left(seconds, depth: queue.depth), seconds == nil ? .dim : .good)
    },
    ListColumn(name: "still", head: "STILL", width: 5, drop: 11, order: .still) { queue, model in
      guard let seconds = model.secondsStill(queue) else { return ("-", .dim) }
      let isLong = seconds >= model.preferences.thresholds.stall
      return isLong ? (Numbers.age(seconds), .warning) : ("-", .dim)
    },
    ListColumn(name: "owner", head: "OWNER", width: 13, drop: 12, order: nil) { queue, _ in
      (
        queue.owner.map { "\($0.command) \($0.pid)" } ?? "-",
        queue.owner == nil ? .dim : .normal
      )
    },
    ListColumn(name: "trend", head: "10 min", width: 10, drop: 10, order: nil) { queue, model in
      guard let state = model.watched[queue.name], let now = model.now else { return ("", .dim) }
      let values = state.depths.values(60, at: now.seconds)
      return (Sparkline.line(values, columns: 10, ascii: model.ascii), .accent)
    },
  ]

  /// The columns that fit beside names, and how wide the names are then.
  static func layout(_ model: Model) -> (Int, [ListColumn]) {
    var columns = all
    if let chosen = model.preferences.columns {
      columns = chosen.compactMap { name in all.first { $0.name == name } }
    }
    let least = model.wide ? 8 : 14
    func name(_ columns: [ListColumn]) -> Int {
      model.columns - 2 - columns.reduce(0) { $0 + $1.width + 1 }
    }
    while name(columns) < least, let last = columns.max(by: { $0.drop < $1.drop }) {
      columns.removeAll { $0.name == last.name }
    }
    return (max(1, name(columns)), columns)
  }
}
