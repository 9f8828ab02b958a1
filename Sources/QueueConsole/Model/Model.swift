package import DiskQueue
package import QueueInspection
package import QueueOperations

/// All of the console's state: a value that only ``update(_:)`` changes.
package struct Model: Sendable {
  /// A page, and the queue it is about when it is about one.
  package struct Screen: Hashable, Sendable {
    package let page: PageID
    package let queue: QueueName?

    package static let list = Screen(page: .list, queue: nil)
    /// What happened in the directory, and the audit log.
    package static let events = Screen(page: .events, queue: nil)

    /// A page of one queue.
    package static func queue(_ queue: QueueName, _ page: PageID) -> Screen {
      Screen(page: page, queue: queue)
    }
  }

  /// What lies over the screen and takes the keys.
  package enum Overlay: Hashable, Sendable {
    case help(HelpState)
    case filter(LineEditor)
    case search(LineEditor)
    case command(CommandInput)
    case menu(Int)
    case unlock
    case quit
    /// What a plan is to be made from is being filled in.
    case form(Form, PlanRequest)
    /// Where messages, or a list of events, are written to, without any queue being touched.
    case export(Form)
    case planning(PlanRequest)
    case confirm([Plan], PlanRequest, LineEditor)
    case result([OperationResult], failure: String?)
    /// One event in full.
    case event(ConsoleEvent)
  }

  /// What rows are ordered by.
  package enum Order: String, Sendable, CaseIterable {
    case depth, name, change, unread, bad, still
  }

  package var directory: String
  package var columns = 80
  package var rows = 24
  package var ascii: Bool
  package var preferences = Preferences()
  package var keys: KeyMap { preferences.keys }
  package var screen = Screen.list
  package var overlay: Overlay?

  // MARK: What was seen

  /// The directory as it is.
  package var report: Report?
  /// The directory as it was, while the operator looks back.
  package var past: (report: Report, rates: [QueueName: Rates])?
  /// How many steps back that is.
  package var pastSteps = 0
  /// Why the directory cannot be looked at right now.
  package var failure: String?
  /// When the report last differed from the one before.
  package var changedAt: Timestamp?
  /// The time by the last tick or look.
  package var now: Timestamp?
  package var watched: [QueueName: Watched] = [:]
  /// Queues whose rates are not zero, which change although nothing else does.
  var moving: Set<QueueName> = []
  var history = History()
  package var events = EventLog()
  /// What needs looking at, worst first.
  package var alerts: [Alert] = []
  var alertsAt: Timestamp?
  /// What the last check of each queue found, and when.
  package var checked: [QueueName: (report: QueueReport, at: Timestamp)] = [:]

  // MARK: The list

  /// Indexes into the shown report's queues: those that pass the filter, in order.
  var arranged: [Int] = []
  /// The row the cursor is on, followed by name so that it never moves under the operator's hand.
  package var selected: QueueName?
  /// The row it was on last.
  var lastRow = 0
  /// Whether the cursor stays on its queue, or on its row.
  package var follows = true
  /// The first row shown.
  package var top = 0
  package var marks: Set<QueueName> = []
  package var filter = ""
  package var order = Order.depth
  package var reversed = false
  /// Whether names give way to more columns.
  package var wide = false

  // MARK: A queue's pages

  /// Where one is on each page, but for the list and the messages.
  var cursors: [PageID: Cursor] = [:]
  package var messages: LoadedMessages?
  /// What was found in `.bad` files; nil until they have been read.
  package var judgements: [BadFileJudge.Judgement]?

  // MARK: Events

  package var eventsFollow = true
  package var eventFilter = ""

  // MARK: The rest

  package var paused = false
  package var interval: Double
  /// How many times longer it is, since the line to the terminal is slow.
  package var slowdown = 1
  package var refreshing = false
  /// Since when a look is awaited; nil while none is.
  var askedAt: Timestamp?
  package var unlocked = false
  /// What runs beside the screen.
  package var job: Job?
  /// How many jobs have begun, which numbers them.
  var jobsBegun = 0
  /// What was looked for last in the list.
  package var pattern = ""
  /// The last thing that happened, in words.
  package var message = ""
  package var messageRole = Role.normal

  package init(
    directory: String, interval: Double = 1, ascii: Bool = false, filter: String = "",
    preferences: Preferences = Preferences()
  ) {
    self.directory = directory
    self.interval = interval
    self.ascii = ascii
    self.filter = filter
    self.preferences = preferences
    if let first = preferences.complaints.first {
      let more = preferences.complaints.count - 1
      say("configuration: \(first)" + (more > 0 ? " (and \(more) more: :config)" : ""), .warning)
    }
  }

  // MARK: Looking

  /// What is shown: the present, or the past that was gone back to.
  package var shown: Report? { past?.report ?? report }

  /// How many queues pass the filter.
  package var visibleCount: Int { arranged.count }

  /// The queue of a row.
  package func visible(_ row: Int) -> QueueReport? {
    guard let shown, arranged.indices.contains(row), shown.queues.indices.contains(arranged[row])
    else { return nil }
    return shown.queues[arranged[row]]
  }

  /// The queues that pass the filter, in order.
  package var visible: [QueueReport] { arranged.indices.compactMap { visible($0) } }

  /// A queue of the shown report, by its name.
  package func queue(_ name: QueueName) -> QueueReport? {
    shown?.queue(name)
  }

  /// How many seconds old the figures are, when they are older than they ought to be: a look has not
  /// come back for three intervals and three seconds, or looking fails; nil while all is well.
  package var staleSeconds: Int64? {
    guard let now else { return nil }
    let limit = max(3, 3 * interval * Double(slowdown))
    func seconds(since time: Timestamp) -> Double {
      Double(now.nanoseconds - time.nanoseconds) / 1e9
    }
    let isOverdue = askedAt.map { seconds(since: $0) > limit } ?? false
    let age = (report?.takenAt ?? askedAt).map { seconds(since: $0) } ?? 0
    return isOverdue || failure != nil && age > limit ? Int64(age) : nil
  }

  /// How fast a queue's messages come and go.
  package func rates(_ queue: QueueName) -> Rates {
    if let past { return past.rates[queue] ?? Rates() }
    return watched[queue]?.rates ?? Rates()
  }

  /// The change of a queue's depth a second.
  package func perSecond(_ queue: QueueName) -> Double { rates(queue).net }

  /// Seconds for which a queue with messages has not been read; nil when it is empty.
  package func secondsStill(_ queue: QueueReport) -> Int64? {
    guard queue.depth > 0, let since = watched[queue.name]?.stillSince, let now else { return nil }
    return max(0, now.seconds - since.seconds)
  }

  /// The queue of the screen, or the one under its cursor.
  package var target: QueueReport? { page.target(in: self).flatMap { queue($0) } }

  /// The queues an act is about: those marked in the list, else the one under the cursor.
  package var targets: [QueueReport] { page.targets(in: self).compactMap { queue($0) } }

  mutating func say(_ text: String, _ role: Role = .normal) {
    message = text
    messageRole = role
  }
}

/// Something that needs looking at.
package struct Alert: Hashable, Sendable {
  package var queue: QueueName?
  package var text: String
  package var severity: Finding.Severity
}

/// Where one is in the help.
package struct HelpState: Hashable, Sendable {
  package var selected = 0
  package var top = 0
  /// Only bindings with this in their keys or words.
  package var pattern = ""
  package var isTyping = false

  package init() {}
}
