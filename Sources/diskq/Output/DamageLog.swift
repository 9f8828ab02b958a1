import DiskQueue
import Logging

/// Tells on standard error what a queue meets while a command works on it: where, and what was done.
struct DamageLog: LogHandler {
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?
  var logLevel = Logger.Level.warning

  /// Nil when nobody wants to hear; with `--verbose` also of what is normal after a kill.
  static func logger(_ common: CommonOptions) -> Logger? {
    if common.quiet { return nil }
    return Logger(label: "diskq") { _ in
      DamageLog(logLevel: common.verbose ? .info : .warning)
    }
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let told = event.metadata ?? [:]
    var place = told["queue"].map { "\($0): " } ?? ""
    if let code = told["code"] { place += "\(code) " }
    if let file = told["file"], "\(file)" != "-" {
      place += "\(file)" + (told["offset"].map { "@\($0)" } ?? "") + ": "
    }
    Output.complain(place + "\(event.message)")
  }
}
