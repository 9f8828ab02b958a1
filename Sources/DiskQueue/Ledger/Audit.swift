package import SystemPackage

/// `DIR/.diskq/audit.jsonl`: one line for every act, whatever came of it.
package struct Audit: Sendable {
  let ledger: Ledger
  var disk: any Disk { ledger.disk }

  package init(_ directory: FilePath, disk: (any Disk)? = nil) {
    ledger = Ledger(directory, disk: disk ?? RealDisk(below: directory))
  }

  package static func path(_ directory: FilePath) -> FilePath {
    Ledger.home(directory).entry(Array("audit.jsonl".utf8))
  }

  /// Appends a line about an operation whose folder was removed for good.
  @discardableResult
  package func append(purged record: OperationRecord, at time: Timestamp) -> Bool {
    append(record, at: time, kind: "purge", result: "done")
  }

  /// Appends a line about an operation that a crash had interrupted.
  @discardableResult
  func append(_ record: OperationRecord, at time: Timestamp, result: String) -> Bool {
    append(record, at: time, kind: record.kind.rawValue, result: result)
  }

  private func append(
    _ record: OperationRecord, at time: Timestamp, kind: String, result: String
  ) -> Bool {
    append(at: time) { json in
      json.member("operation", record.id)
      json.member("kind", kind)
      json.member("queue", record.queue.description)
      json.member("result", result)
    }
  }

  /// Appends one line.
  ///
  /// An audit log that cannot be written must not undo what was done, so this does not throw; it
  /// returns whether the line is there.
  @discardableResult
  package func append(_ act: Act, id: String, at time: Timestamp, result: String) -> Bool {
    append(at: time) { json in
      json.member("operation", id)
      json.member("kind", act.kind.rawValue)
      json.member("queue", act.queue.description)
      json.member("messages", act.messages)
      json.member("before", act.before?.text)
      json.member("after", act.after.text)
      json.member("target", act.target)
      json.member("result", result)
    }
  }

  private func append(at time: Timestamp, _ members: (inout JSONText) -> Void) -> Bool {
    var json = JSONText()
    json.object { json in
      json.member("time", time.rfc3339)
      json.member("user", Machine.userName)
      json.member("host", Machine.hostName)
      json.member("pid", Machine.processID)
      members(&json)
    }
    let line = Array((json.text + "\n").utf8)
    do throws(DiskQueueError) {
      try ledger.check()
      // One writer at a time: a line that does not fit is taken back without taking another's.
      try ledger.exclusively { () throws(DiskQueueError) in try append(line) }
      return true
    } catch { return false }
  }

  private func append(_ line: [UInt8]) throws(DiskQueueError) {
    let path = Audit.path(ledger.directory)
    let isNew = try !disk.exists(path)
    let handle = try disk.open(path, isNew ? .createNew : .append)
    defer { disk.close(handle) }
    let end = try disk.status(of: handle).size
    do {
      if isNew, let ownership = try ledger.ownership() {
        // Root's first act must not shut the service's own operators out of the log.
        try disk.setOwnership(handle, to: ownership)
      }
      // A line that a kill has cut short must not swallow this one.
      var last: [UInt8] = [UInt8(ascii: "\n")]
      if end > 0 { _ = try disk.readFull(handle, into: &last, count: 1, at: end - 1) }
      let text = last == [UInt8(ascii: "\n")] ? line : [UInt8(ascii: "\n")] + line
      try disk.writeAll(handle, text.span, at: end)
      try disk.syncData(handle)
    } catch {
      // A full disk: neither half a line nor an empty log stays.
      try? disk.truncate(handle, to: end)
      if end == 0 { try? disk.remove(path) }
      throw error
    }
    if isNew {
      try ledger.keepFormat()
      try disk.syncDirectory(ledger.home)
    }
  }
}
