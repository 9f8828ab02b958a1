import SystemPackage

/// One line of the audit log, read back.
package struct AuditEntry: Hashable, Sendable {
  package var time: String
  package var user: String
  package var kind: String
  package var queue: String
  package var messages: Int64?
  package var target: String?
  package var operation: String
  package var result: String

  init?(_ line: ArraySlice<UInt8>) {
    guard let json = JSONValue(Array(line)), let time = json["time"]?.text,
      let kind = json["kind"]?.text, let queue = json["queue"]?.text
    else { return nil }
    self.time = time
    self.kind = kind
    self.queue = queue
    user = json["user"]?.text ?? "?"
    messages = json["messages"]?.integer
    target = json["target"]?.text
    operation = json["operation"]?.text ?? ""
    result = json["result"]?.text ?? ""
  }
}

extension Audit {
  /// Bytes of the log that are read back at the most.
  private static let readSize: Int64 = 1 << 18

  /// The last entries, the oldest first; none when there is no log.
  ///
  /// A line that is cut short or no entry is left out.
  package func entries() throws(DiskQueueError) -> [AuditEntry] {
    let handle: FileHandle
    do { handle = try disk.open(Audit.path(ledger.directory), .read) } catch {
      if error.code == .notFound { return [] }
      throw error
    }
    defer { disk.close(handle) }
    let size = try disk.status(of: handle).size
    let start = max(0, size - Audit.readSize)
    var bytes = [UInt8](repeating: 0, count: Int(size - start))
    let got = try disk.readFull(handle, into: &bytes, count: bytes.count, at: start)
    return bytes[..<got].split(separator: UInt8(ascii: "\n")).compactMap { AuditEntry($0) }
  }
}
