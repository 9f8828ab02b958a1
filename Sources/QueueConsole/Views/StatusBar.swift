package import DiskQueue

/// The first line of every screen and the last two.
package enum StatusBar {
  /// Where one is, whether writing is locked, who owns the directory, and how live it is.
  package static func header(_ model: Model, place: [UInt8], in frame: inout Frame) {
    let live =
      model.paused
      ? "PAUSED"
      : "\(Model.seconds(model.interval)) LIVE"
    let time = model.changedAt.map { " \($0.clock)" } ?? ""
    let right = "\(live)\(time) "
    frame.paint(row: 0, role: .title)
    let end = frame.columns - right.utf8.count - 1
    let lock = model.unlocked ? "[WRITE]  " : "[READ-ONLY]  "
    var at = frame.put(" diskq  ", row: 0, column: 0, width: end, role: .title)
    at = frame.put(
      lock, row: 0, column: at, width: max(0, end - at), role: model.unlocked ? .warning : .title)
    at = frame.put(bytes: place, row: 0, column: at, width: max(0, end - at), role: .title)
    if let owner = model.report?.owner {
      frame.put(
        "  owner \(describe(owner))", row: 0, column: at, width: max(0, end - at), role: .title)
    } else if model.report?.ownersKnown == false {
      frame.put("  owner unknown", row: 0, column: at, width: max(0, end - at), role: .warning)
    }
    frame.put(right: right, row: 0, end: frame.columns, role: .title)
  }

  /// Written as `nsqd 2211 (flock)`.
  package static func describe(_ owner: Owner) -> String {
    let how =
      switch owner.lock {
      case .directory: "flock"
      case .queue: "queue lock"
      case .none: "open files"
      }
    return "\(owner.command) \(owner.pid) (\(how))"
  }

  /// What happened last, and the keys that lead on; a line being typed takes the last row.
  static func draw(_ model: Model, in frame: inout Frame) {
    let row = frame.rows - 2
    var at = 1
    if !model.filter.isEmpty {
      at = frame.put("filter: \(model.filter)   ", row: row, column: 1, role: .accent)
    }
    if let failure = model.failure {
      frame.put(failure, row: row, column: at, role: .error)
    } else {
      frame.put(model.message, row: row, column: at, role: model.messageRole)
    }
    if case .filter(let editor) = model.overlay {
      let start = frame.put("/", row: frame.rows - 1, column: 0, role: .accent)
      frame.put(editor.text, row: frame.rows - 1, column: start, role: .input)
      frame.cursor = (frame.rows - 1, min(frame.columns - 1, start + editor.cursor))
      return
    }
    let hints =
      switch model.screen {
      case .list:
        "?Help /Filter oSort cCheck bBad iInject DDrain XEmpty PRepair uUndo WWrite qQuit"
      case .detail: "?Help cCheck bBad iInject DDrain XEmpty PRepair uUndo WWrite Esc Back"
      case .bad: "?Help PPut back what can be saved   uUndo WWrite Esc Back"
      }
    frame.put(hints, row: frame.rows - 1, column: 0, role: .dim)
  }
}
