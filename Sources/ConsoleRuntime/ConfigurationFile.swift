import CToml
package import DiskQueue
package import QueueConsole
package import SystemPackage

/// `$XDG_CONFIG_HOME/diskq/config.toml`, or `~/.config/diskq/config.toml`.
package enum ConfigurationFile {
  /// Mistakes after which the rest of a file is given up.
  private static let mostMistakes = 20

  /// Where it is looked for; nil when the environment names no home.
  package static func path(_ environment: [String: String]) -> FilePath? {
    // The base directory specification wants a relative path to be ignored.
    if let home = environment["XDG_CONFIG_HOME"], home.hasPrefix("/") {
      return FilePath(home).appending("diskq/config.toml")
    }
    guard let home = environment["HOME"], !home.isEmpty else { return nil }
    return FilePath(home).appending(".config/diskq/config.toml")
  }

  /// The preferences in a file; the standard ones when there is none.
  package static func read(_ path: FilePath?, disk: any Disk = RealDisk()) -> Preferences {
    guard let path else { return Preferences() }
    do throws(DiskQueueError) {
      guard let bytes = try disk.contents(of: path, limit: 1 << 20) else { return Preferences() }
      return parse(bytes)
    } catch {
      if error.code == .notFound { return Preferences() }
      var preferences = Preferences()
      preferences.complaints = [error.description]
      return preferences
    }
  }

  /// The preferences in a document.
  ///
  /// A line that is no TOML is named and left out, and the rest is read.
  package static func parse(_ bytes: [UInt8]) -> Preferences {
    var lines = bytes.split(separator: 10, omittingEmptySubsequences: false).map { Array($0) }
    var complaints: [String] = []
    for _ in 0..<mostMistakes {
      switch read(lines[...]) {
      case .entries(let entries): return Preferences(entries, complaints: complaints)
      case .mistake(let line, let why):
        // Where the reader does not tell the line, it is the first that makes it stumble.
        let wrong = line ?? (1...lines.count).first { read(lines[..<$0]).isLost } ?? lines.count
        complaints.append("line \(wrong): \(why)")
        // Text that was not closed is found at the end of the file; the line that opens it goes.
        let index = min(wrong, lines.count) - 1
        guard let gone = lines[...index].lastIndex(where: { !$0.isEmpty }) else { break }
        lines[gone] = []
      }
    }
    var preferences = Preferences()
    preferences.complaints = complaints
    return preferences
  }

  private enum Reading {
    case entries([ConfigurationEntry])
    case mistake(line: Int?, String)

    var isLost: Bool { if case .mistake(nil, _) = self { true } else { false } }
  }

  private static func read(_ lines: ArraySlice<[UInt8]>) -> Reading {
    let collector = Collector()
    var error = [CChar](repeating: 0, count: 200)
    let text = Array(lines.joined(separator: [10]))
    let context = unsafe Unmanaged.passUnretained(collector).toOpaque()
    let line = unsafe text.withUnsafeBufferPointer { text in
      unsafe text.withMemoryRebound(to: CChar.self) { text in
        unsafe ctoml_read(
          text.baseAddress, text.count, ConfigurationFile.visit, context, &error, error.count)
      }
    }
    if line == 0 { return .entries(collector.entries) }
    let why = error.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return .mistake(line: line > 0 ? Int(line) : nil, String(decoding: why, as: UTF8.self))
  }

  /// What a reading of the file told.
  private final class Collector {
    var entries: [ConfigurationEntry] = []
  }

  private static let visit: ctoml_visit = { context, path, kind, text, line in
    guard let context = unsafe context, let path = unsafe path, let text = unsafe text else {
      return
    }
    let collector = unsafe Unmanaged<Collector>.fromOpaque(context).takeUnretainedValue()
    let names = unsafe String(cString: path).split(
      separator: "\u{1F}", omittingEmptySubsequences: false
    ).map(String.init)
    let words = unsafe String(cString: text)
    let value: ConfigurationEntry.Value =
      switch kind {
      case CTOML_STRING: .text(words)
      case CTOML_INTEGER, CTOML_FLOAT: Double(words).map { .number($0) } ?? .other(words)
      default: .other(words)
      }
    if let last = collector.entries.indices.last, collector.entries[last].path == names {
      collector.entries[last].values.append(value)
    } else {
      collector.entries.append(
        ConfigurationEntry(path: names, values: [value], line: Int(line)))
    }
  }
}
