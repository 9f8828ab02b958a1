/// One value of a configuration file, and the line it is on.
package struct ConfigurationEntry: Hashable, Sendable {
  package enum Value: Hashable, Sendable {
    case text(String)
    case number(Double)
    case other(String)
  }

  /// The names that lead to it: `["keys", "drain"]`.
  package var path: [String]
  /// One value, or those of an array.
  package var values: [Value]
  package var line: Int

  package init(path: [String], values: [Value], line: Int) {
    self.path = path
    self.values = values
    self.line = line
  }
}

extension Preferences {
  /// Takes a configuration file's entries; what makes no sense is named with its line in
  /// ``complaints``, and the rest is used.
  package init(_ entries: [ConfigurationEntry], complaints: [String] = []) {
    self.init()
    self.complaints = complaints
    // Keys that are given away are free for others, whatever the order in the file.
    for entry in entries where entry.path.first == "keys" { free(entry) }
    for entry in entries {
      if let why = take(entry) {
        self.complaints.append(
          "line \(entry.line): \(entry.path.joined(separator: ".")): \(why)")
      }
    }
  }

  /// Takes one entry; returns what is wrong with it.
  private mutating func take(_ entry: ConfigurationEntry) -> String? {
    switch (entry.path.first, entry.path.count) {
    case ("interval", 1):
      guard case .number(let seconds)? = entry.values.first, seconds >= 0.1, seconds <= 60 else {
        return "it is a number of seconds, 0.1 to 60"
      }
      interval = seconds
    case ("columns", 1): return take(columns: entry.values)
    case ("thresholds", 2): return take(threshold: entry)
    case ("theme", 2): return take(style: entry)
    case ("keys", 2): return take(keys: entry)
    default: return "there is no such setting"
    }
    return nil
  }

  private mutating func take(columns values: [ConfigurationEntry.Value]) -> String? {
    let names = values.map { value in if case .text(let name) = value { name } else { "?" } }
    if let unknown = names.first(where: { !ListColumn.names.contains($0) }) {
      return "there is no column “\(unknown)”: \(ListColumn.names.joined(separator: ", "))"
    }
    columns = names
    return nil
  }

  private mutating func take(threshold entry: ConfigurationEntry) -> String? {
    guard case .number(let number)? = entry.values.first, number >= 0, number <= 1e15,
      entry.values.count == 1
    else { return "it is a number" }
    switch entry.path[1] {
    case "stall": thresholds.stall = Int64(number)
    case "disk_free": thresholds.diskFree = Int64(number)
    case "depth": thresholds.depth = Int64(number)
    default: return "there is no such threshold: stall, disk_free, depth"
    }
    return nil
  }

  // MARK: Keys

  private func command(_ entry: ConfigurationEntry) -> Command? {
    entry.path.count == 2 ? Command(rawValue: entry.path[1]) : nil
  }

  private mutating func free(_ entry: ConfigurationEntry) {
    if let command = command(entry) { keys.bind(command, to: []) }
  }

  private mutating func take(keys entry: ConfigurationEntry) -> String? {
    guard let command = command(entry) else { return "there is no such command" }
    var wanted: [Key] = []
    var complaint: String?
    for value in entry.values {
      guard case .text(let label) = value, let key = Key(label: label) else {
        complaint = "a key is written like D, ^D, F5, Space or PgUp"
        continue
      }
      wanted.append(key)
    }
    complaint = complaint ?? keys.objection(to: wanted, for: command)
    if complaint != nil {
      // As it was, as far as those keys are still free.
      let usual = KeyMap.standard.first { $0.command == command }?.keys ?? []
      wanted = usual.filter { keys[$0] == nil }
    }
    keys.bind(command, to: wanted)
    return complaint
  }

  // MARK: Theme

  private static let colors = [
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
  ]

  private mutating func take(style entry: ConfigurationEntry) -> String? {
    guard let role = Role.allCases.first(where: { "\($0)" == entry.path[1] }) else {
      return "there is no such role: \(Role.allCases.map { "\($0)" }.joined(separator: ", "))"
    }
    guard case .text(let words)? = entry.values.first, entry.values.count == 1 else {
      return "it is written like \"red bold\" or \"black on 208\""
    }
    var style = Style()
    var isBackground = false
    for word in words.split(separator: " ").map(String.init) {
      switch word {
      case "bold": style.bold = true
      case "dim": style.dim = true
      case "reverse": style.reverse = true
      case "underline": style.underline = true
      case "default": break
      case "on": isBackground = true
      default:
        guard let color = Preferences.colors.firstIndex(of: word) ?? Int(word),
          (0...255).contains(color)
        else { return "“\(word)” is no colour and no attribute" }
        if isBackground { style.background = color } else { style.foreground = color }
      }
    }
    theme[role] = style
    return nil
  }
}
