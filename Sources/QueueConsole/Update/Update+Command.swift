import DiskQueue
import QueueInspection
import QueueOperations

/// The line after `:`: its words, and what Tab makes of them.
extension Model {
  mutating func pressCommand(_ key: Key, _ old: CommandInput) -> [Effect] {
    var input = old
    switch key {
    case .escape: overlay = nil
    case .enter:
      overlay = nil
      return run(line: input.editor.text)
    case .tab, .backTab:
      complete(&input, by: key == .tab ? 1 : -1)
      overlay = .command(input)
    case .backspace where input.editor.text.isEmpty: overlay = nil
    default:
      if input.editor.take(key) {
        input.choices = []
        input.choice = nil
        overlay = .command(input)
      }
    }
    return []
  }

  // MARK: Completion

  private func complete(_ input: inout CommandInput, by step: Int) {
    if input.choice == nil {
      input.choices = completions(of: input.editor.text)
      input.choice = step > 0 ? -1 : input.choices.count
    }
    guard !input.choices.isEmpty, let choice = input.choice else {
      input.choice = nil
      return
    }
    let next = (choice + step + input.choices.count) % input.choices.count
    input.choice = next
    input.editor = LineEditor(input.choices[next])
    // The only one is taken at once, and what follows it can be completed in turn.
    if input.choices.count == 1 { input.choice = nil }
  }

  /// Whole lines that what is typed may become.
  package func completions(of text: String) -> [String] {
    guard let blank = text.firstIndex(of: " ") else {
      return TypedCommand.all.filter { $0.word.hasPrefix(text) }
        .map { $0.argument.isNone ? $0.word : $0.word + " " }
    }
    let word = String(text[..<blank])
    let start = String(text[text.index(after: blank)...])
    guard let command = TypedCommand.all.first(where: { $0.word == word }) else { return [] }
    let words: [String] =
      switch command.argument {
      case .queue: (shown?.queues ?? []).map { Model.text($0.name) }
      case .order: Order.allCases.map(\.rawValue)
      case .view: LoadedMessages.View.allCases.map { $0.rawValue.lowercased() }
      case .tab: Pages.tabs.map { $0.title.lowercased() }
      case .place: target.map { [$0.read.place, $0.write.place] } ?? []
      case .path: target.map { [path($0.name, "ndjson")] } ?? []
      case .none, .text, .number: []
      }
    return words.filter { $0.hasPrefix(start) }.prefix(200).map { "\(word) \($0)" }
  }

  // MARK: Running

  private mutating func run(line: String) -> [Effect] {
    let text = line.trimmed
    guard !text.isEmpty else { return [] }
    let parts = text.split(separator: " ", maxSplits: 1).map(String.init)
    let argument = parts.count > 1 ? parts[1].trimmed : ""
    let matches = TypedCommand.all.filter { $0.word.hasPrefix(parts[0]) }
    guard
      let command = matches.first(where: { $0.word == parts[0] })
        ?? (matches.count == 1 ? matches[0] : nil)
    else {
      let what = matches.isEmpty ? "there is no command" : "this may be several commands:"
      say("\(what) “\(parts[0])”; Tab after : lists them".plainIf(ascii), .error)
      return []
    }
    if !command.argument.isNone, argument.isEmpty, command.word != "filter" {
      say("\(command.word) needs more: \(command.help)", .error)
      return []
    }
    return run(command.word, argument)
  }

  private mutating func run(_ word: String, _ argument: String) -> [Effect] {
    let plain: [String: Command] = [
      "q": .quitNow, "check": .check, "events": .events, "write": .unlock, "empty": .empty,
      "repair": .repair, "undo": .undo, "purge": .purge, "help": .help,
    ]
    if let command = plain[word] { return run(command) }
    switch word {
    case "queue":
      guard let queue = named(argument) else { return [] }
      selected = queue
      return open(queue, .summary)
    case "goto": return go(to: argument)
    case "filter": setFilter(argument)
    case "sort":
      guard let order = Order(rawValue: argument) else { return refuse(argument) }
      self.order = order
      arrange()
      keepInView()
    case "tab":
      guard let tab = Pages.tabs.first(where: { $0.title.lowercased().hasPrefix(argument) }),
        let target
      else { return refuse(argument) }
      return open(target.name, tab.id)
    case "view":
      guard
        let view = LoadedMessages.View.allCases.first(where: {
          $0.rawValue.lowercased() == argument
        })
      else { return refuse(argument) }
      messages?.view = view
    case "interval":
      guard let seconds = Double(argument), seconds >= 0.1, seconds <= 60 else {
        return refuse(argument)
      }
      return change(interval: seconds)
    case "export": return export(to: argument)
    case "config":
      say(preferences.complaints.isEmpty ? "the configuration is fine" : "")
      for (number, complaint) in preferences.complaints.enumerated() {
        note(.error, "config.toml", complaint)
        if number == 0 { screen = .events }
      }
    default: return runAct(word, argument)
    }
    return []
  }

  /// Acts with their argument on the line: the plan comes at once, and asks as ever.
  private mutating func runAct(_ word: String, _ argument: String) -> [Effect] {
    let command: Command = word == "inject" ? .inject : word == "skip" ? .skip : .drain
    if let obstacle = obstacle(to: command) {
      say(obstacle, .warning)
      return []
    }
    let kind: Plan.Kind = word == "inject" ? .inject : word == "skip" ? .skip : .drain
    var request = PlanRequest(kind, targets.map(\.name))
    switch word {
    case "inject": request.source = .payload(Array(argument.utf8))
    case "skip":
      guard let count = Int64(argument), count > 0 else { return refuse(argument) }
      request.count = count
    default:
      let kind = ["drain-queue": "queue", "exec": "command"][word] ?? "file"
      do throws(DiskQueueError) {
        let format = kind == "command" ? "lines" : "ndjson"
        request.target = try Model.target(kind, argument, format)
      } catch {
        say(error.detail, .error)
        return []
      }
    }
    return plan(request)
  }

  private mutating func refuse(_ argument: String) -> [Effect] {
    say("“\(argument)” makes no sense here; Tab lists what does".plainIf(ascii), .error)
    return []
  }

  private mutating func named(_ text: String) -> QueueName? {
    let name = shown?.queues.first { Model.text($0.name) == text }?.name
    if name == nil { say("there is no queue “\(text)” here".plainIf(ascii), .error) }
    return name
  }

  /// Shows the message at `FILE@POS`.
  private mutating func go(to place: String) -> [Effect] {
    let parts = place.split(separator: "@").map { Int64($0) }
    guard parts.count == 2, let file = parts[0], let offset = parts[1], file >= 0, offset >= 0
    else { return refuse(place) }
    guard let target else {
      say("no queue is selected", .warning)
      return []
    }
    return open(target.name, at: Position(file: file, offset: offset))
  }
}

extension TypedCommand.Argument {
  fileprivate var isNone: Bool { if case .none = self { true } else { false } }
}

extension String {
  /// Without blanks at both ends.
  fileprivate var trimmed: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
