package import DiskQueue

/// All of the console's state: a value that only ``update(_:_:)`` changes.
package struct Model: Sendable {
  package enum Screen: Hashable, Sendable {
    case list
    case detail(QueueName)
    /// The `.bad` files of a queue, and what can be saved from them.
    case bad(QueueName)
  }

  /// What lies over the screen and takes the keys.
  package enum Overlay: Hashable, Sendable {
    case help(scroll: Int)
    case filter(LineEditor)
    case unlock
    case quit
    /// Text for an inject, or a path for a drain, is being typed.
    case input(PlanRequest, LineEditor)
    case planning(PlanRequest)
    case confirm(Plan, PlanRequest, LineEditor)
    case running(Plan, done: Int64)
    /// Every record of a queue is being read.
    case checking(QueueName)
    case result(OperationResult)
  }

  /// What rows are ordered by.
  package enum Order: String, Sendable, CaseIterable {
    case depth, name, change, unread, bad
  }

  /// A queue's depth a refresh ago, to tell the change a second.
  package struct Trend: Hashable, Sendable {
    package var depth: Int64
    package var at: Timestamp
    package var perSecond: Double
  }

  package var directory: String
  package var columns = 80
  package var rows = 24
  package var ascii: Bool
  package var keys = KeyMap()
  package var screen = Screen.list
  package var overlay: Overlay?
  package var report: Report?
  /// Why the directory cannot be looked at right now.
  package var failure: String?
  /// When the report last differed from the one before.
  package var changedAt: Timestamp?
  package var trends: [QueueName: Trend] = [:]
  /// The row the cursor is on, followed by name so that it never moves under the operator's hand.
  package var selected: QueueName?
  /// The first row shown.
  package var top = 0
  /// The first line shown of a queue's page.
  package var detailTop = 0
  package var filter = ""
  package var order = Order.depth
  package var reversed = false
  package var paused = false
  /// What was found in `.bad` files; nil until they have been read.
  package var judgements: [BadFileJudge.Judgement]?
  /// The `.bad` file the cursor is on.
  package var badSelected = 0
  /// What the last check of each queue found, and when.
  package var checked: [QueueName: (report: QueueReport, at: Timestamp)] = [:]
  /// Bytes that a running pass has read.
  package var passed: Int64 = 0
  /// Seconds it takes by now.
  package var passedFor = 0.0
  package var interval: Double
  package var refreshing = false
  package var unlocked = false
  /// The last thing that happened, in words.
  package var message = ""
  package var messageRole = Role.normal

  package init(directory: String, interval: Double = 1, ascii: Bool = false, filter: String = "") {
    self.directory = directory
    self.interval = interval
    self.ascii = ascii
    self.filter = filter
  }

  /// The queues that pass the filter, in order.
  package var visible: [QueueReport] {
    guard let report else { return [] }
    let word = filter.lowercased()
    let shown = report.queues.filter { queue in
      guard !word.isEmpty else { return true }
      let name = queue.name.description.lowercased()
      if word.hasPrefix("!") { return word.count == 1 || !name.contains(word.dropFirst()) }
      return name.contains(word)
    }
    let sorted = shown.sorted { left, right in
      switch order {
      case .name: left.name < right.name
      case .depth: first(left, right, \.depth)
      case .unread: first(left, right, \.unreadBytes)
      case .bad: first(left, right) { Int64($0.badFiles.count) }
      case .change: first(left, right) { Int64(abs(self.perSecond($0.name)) * 1000) }
      }
    }
    return reversed ? sorted.reversed() : sorted
  }

  private func first(
    _ left: QueueReport, _ right: QueueReport, _ value: (QueueReport) -> Int64
  ) -> Bool {
    let (a, b) = (value(left), value(right))
    return a == b ? left.name < right.name : a > b
  }

  /// The change of a queue's depth a second.
  package func perSecond(_ queue: QueueName) -> Double { trends[queue]?.perSecond ?? 0 }

  /// The queue the keys act on.
  package var target: QueueReport? {
    let name: QueueName? =
      switch screen {
      case .list: selected
      case .detail(let queue), .bad(let queue): queue
      }
    return report?.queues.first { $0.name == name }
  }
}
