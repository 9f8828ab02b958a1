import DiskQueue
import QueueInspection
import QueueOperations

/// Which page something is about.
package struct PageID: Hashable, Sendable {
  let name: String

  init(_ name: String) { self.name = name }
}

/// When a page may want to have something read.
enum Occasion {
  case entered
  /// The operator asks for all that is shown to be read anew.
  case refreshed
  /// The directory was looked at; only these queues may differ from the look before, nil for all.
  case looked(before: Report?, changed: Set<QueueName>?)
  /// Plans were applied.
  case applied(PlanRequest)
  /// A job has ended, so that another can begin.
  case jobEnded
}

/// One page of the console: what it has, how it looks, and what keys do on it.
///
/// All that is decided by page is asked of the page. What most pages have in common is given; a page
/// says what it is, draws itself, and tells its rows.
protocol Page: Pane, Searchable {
  // MARK: What it is

  var id: PageID { get }
  /// Written as `Bad files`.
  var title: String { get }
  /// Whether it is one of a queue's pages, which have their tabs.
  var isTab: Bool { get }
  /// What help says of the key that opens it.
  var help: String { get }
  /// A command that opens it, beside that of its tab.
  var shortcut: Command? { get }
  /// Those commands it takes that not every page does.
  var commands: Set<Command> { get }
  /// Whether what it shows can be written to a file.
  var canExport: Bool { get }

  // MARK: How it looks

  /// Where one is, for the title.
  func place(in model: Model) -> [UInt8]
  /// Draws what is between the title, or the tabs, and the two rows at the bottom.
  func draw(_ model: Model, in frame: inout Frame)
  func remarks(in model: Model) -> [Remark]
  func hints(in model: Model) -> [Hint]

  // MARK: What it is about

  /// The queue it is about, or the one under the cursor.
  func target(in model: Model) -> QueueName?
  /// The queues an act is about.
  func targets(in model: Model) -> [QueueName]
  /// Completes what an act is asked for by what is chosen here.
  func amend(_ request: inout PlanRequest, in model: Model)
  /// What is copied to the clipboard.
  func copied(in model: Model) -> [UInt8]
  /// Writes what it shows, or what of it is chosen, to a file.
  func export(to path: String, _ format: MessageFormat, in model: inout Model) -> [Effect]

  // MARK: Going about

  /// Opens it by its shortcut.
  func open(in model: inout Model) -> [Effect]
  /// Why its shortcut leads nowhere; nil when it leads here.
  func absence(in model: Model) -> String?
  /// Where the cursor is when it has been opened.
  func start(in model: Model) -> Cursor
  /// What the keys that move act on.
  func pane(in model: Model) -> any Pane
  /// Brings the cursor onto a row that is there, and the view to the cursor.
  func settle(in model: inout Model)
  /// Takes a press of the mouse.
  func press(row: Int, column: Int, isDouble: Bool, in model: inout Model) -> [Effect]

  // MARK: What it does

  /// What it needs to have read.
  func read(on occasion: Occasion, in model: inout Model) -> [Effect]
  /// Does what a command asks for; nil when it is the same on every page.
  func run(_ command: Command, in model: inout Model) -> [Effect]?
}
