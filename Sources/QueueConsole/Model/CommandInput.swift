/// The line after `:`, with what Tab may make of it.
package struct CommandInput: Hashable, Sendable {
  package var editor: LineEditor
  /// What fits what is typed, and which of it Tab has put there; nil before the first Tab.
  package var choices: [String] = []
  package var choice: Int?

  package init(_ text: String = "") { editor = LineEditor(text) }
}

/// A word of the command line and what it does.
package struct TypedCommand: Sendable {
  /// What its argument is, for completion.
  package enum Argument: Sendable {
    case none, queue, place, path, text, number, order, view, tab
  }

  package var word: String
  package var argument: Argument
  package var help: String

  package static let all: [TypedCommand] = [
    .init(word: "q", argument: .none, help: "quit"),
    .init(word: "queue", argument: .queue, help: "open a queue's page"),
    .init(word: "goto", argument: .place, help: "the message at FILE@POS"),
    .init(word: "filter", argument: .text, help: "show only queues with this in their name"),
    .init(word: "sort", argument: .order, help: "order the list"),
    .init(word: "tab", argument: .tab, help: "a tab of the queue's page"),
    .init(word: "view", argument: .view, help: "payloads as json, text or hex"),
    .init(word: "interval", argument: .number, help: "seconds between two looks"),
    .init(word: "check", argument: .none, help: "read every record"),
    .init(word: "events", argument: .none, help: "events and the audit log"),
    .init(word: "write", argument: .none, help: "unlock writing"),
    .init(word: "inject", argument: .text, help: "put this text at the end"),
    .init(word: "drain", argument: .path, help: "move all messages to a file"),
    .init(word: "drain-queue", argument: .queue, help: "move all messages to another queue"),
    .init(word: "exec", argument: .text, help: "move all messages to a command's input"),
    .init(word: "empty", argument: .none, help: "drop all messages"),
    .init(word: "skip", argument: .number, help: "pass over the first messages"),
    .init(word: "repair", argument: .none, help: "mend what can be mended"),
    .init(word: "undo", argument: .none, help: "undo the last act on the queue"),
    .init(word: "purge", argument: .none, help: "free the queue's backups"),
    .init(word: "export", argument: .path, help: "copy the messages chosen to a file"),
    .init(word: "config", argument: .none, help: "what is wrong with the configuration"),
    .init(word: "help", argument: .none, help: "the keys"),
  ]
}
