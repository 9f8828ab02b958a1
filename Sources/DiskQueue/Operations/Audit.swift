package import SystemPackage

/// `DIR/.diskq/audit.jsonl`: one line for every act, whatever came of it.
package struct Audit: Sendable {
  let directory: FilePath
  let disk: any Disk

  package init(_ directory: FilePath, disk: any Disk = RealDisk()) {
    self.directory = directory
    self.disk = disk
  }

  package static func path(_ directory: FilePath) -> FilePath {
    QueueLock.home(directory).entry(Array("audit.jsonl".utf8))
  }

  /// Appends a line about an operation whose folder was removed for good.
  @discardableResult
  package func append(purged record: OperationRecord, at time: Timestamp) -> Bool {
    append(record, at: time, kind: "purge", result: "done")
  }

  /// Appends a line about an operation that a crash had interrupted.
  @discardableResult
  func append(finished record: OperationRecord, at time: Timestamp) -> Bool {
    append(record, at: time, kind: record.kind.rawValue, result: "finished after an interruption")
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
  func append(_ plan: Plan, id: String, at time: Timestamp, result: String) -> Bool {
    append(at: time) { json in
      json.member("operation", id)
      json.member("kind", plan.kind.rawValue)
      json.member("queue", plan.queue.description)
      json.member("messages", plan.messages)
      json.member("before", plan.before?.text)
      json.member("after", plan.after.text)
      json.member("target", plan.target)
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
    do {
      try disk.makeOwnedDirectory(QueueLock.home(directory), like: directory)
      let handle = try disk.open(Audit.path(directory), .create)
      defer { disk.close(handle) }
      let end = try disk.status(of: handle).size
      if end == 0, Machine.effectiveUser == 0 {
        // Root's first act must not shut the service's own operators out of the log.
        var ownership = try disk.status(at: directory).ownership
        ownership.mode = 0o600
        try disk.setOwnership(handle, to: ownership)
      }
      let line = Array((json.text + "\n").utf8)
      do {
        try disk.writeAll(handle, line.span, at: end)
        try disk.syncData(handle)
      } catch {
        // A full disk: neither half a line nor an empty log stays.
        try? disk.truncate(handle, to: end)
        if end == 0 { try? disk.remove(Audit.path(directory)) }
        throw error
      }
      return true
    } catch { return false }
  }
}
