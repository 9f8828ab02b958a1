package import DiskQueue
import SystemPackage

extension ReportJSON {
  /// Reads what ``document(_:)`` has written, here or by another diskq on another machine.
  ///
  /// What is not in it stays unknown: the space of the file system, who owns the directory.
  ///
  /// - Throws: `damaged` for what is no such document.
  package static func read(_ bytes: [UInt8]) throws(DiskQueueError) -> Report {
    guard let json = JSONValue(bytes), let queues = json["queues"]?.values,
      let directory = raw(json, "directory"),
      let takenAt = json["takenAt"]?.text.flatMap(Timestamp.init(rfc3339:))
    else { throw damaged("the whole") }
    var report = Report(
      directory: FilePath(String(decoding: directory, as: UTF8.self)), takenAt: takenAt, queues: [],
      owner: nil, ownersKnown: true, freeBytes: 0, totalBytes: 0)
    for queue in queues { report.queues.append(try self.queue(queue)) }
    return report
  }

  private static func damaged(_ what: String) -> DiskQueueError {
    DiskQueueError(.damaged, "this is no report of a directory: \(what) is not as it should be")
  }

  /// A text, or the bytes that are none.
  private static func raw(_ json: JSONValue, _ name: String) -> [UInt8]? {
    if let digits = json[name + "Bytes"]?.text { return Hex.decode(Array(digits.utf8)[...]) }
    return json[name]?.text.map { Array($0.utf8) }
  }

  private static func queue(_ json: JSONValue) throws(DiskQueueError) -> QueueReport {
    guard let name = raw(json, "name").flatMap({ QueueName(bytes: $0) }),
      let depth = json["depth"]?.integer, let source = json["depthSource"]?.text,
      let unread = json["unreadBytes"]?.integer, let read = position(json["read"]),
      let write = position(json["write"]), let segments = json["segments"]?.values,
      let findings = json["findings"]?.values
    else { throw damaged("a queue") }
    var queue = QueueReport(
      name: name, depth: depth, depthSource: source, unreadBytes: unread, metadata: nil,
      read: read, write: write, segments: [], badFiles: [], temporaries: [], owner: nil,
      findings: [], problem: json["problem"]?.text)
    if let json = json["metadata"] { queue.metadata = try metadata(json) }
    if let json = json["owner"] { queue.owner = try owner(json) }
    for json in segments {
      guard let file = json["file"]?.integer, let bytes = json["bytes"]?.integer else {
        throw damaged("a segment of \(name)")
      }
      queue.segments.append(
        SegmentReport(file: file, bytes: bytes, messages: json["messages"]?.integer))
    }
    for json in json["badFiles"]?.values ?? [] { queue.badFiles.append(try badFile(json)) }
    for json in json["quarantine"]?.values ?? [] { queue.quarantined.append(try badFile(json)) }
    for json in findings { queue.findings.append(try finding(json)) }
    for json in json["damage"]?.values ?? [] { queue.damage.append(try place(json)) }
    return queue
  }

  private static func position(_ json: JSONValue?) -> Position? {
    guard let file = json?["file"]?.integer, let offset = json?["position"]?.integer else {
      return nil
    }
    return Position(file: file, offset: offset)
  }

  private static func metadata(_ json: JSONValue) throws(DiskQueueError) -> MetadataReport {
    func number(_ name: String) throws(DiskQueueError) -> Int64 {
      guard let number = json[name]?.integer else { throw damaged("the metadata's \(name)") }
      return number
    }
    guard let time = json["modifiedAt"]?.text.flatMap(Timestamp.init(rfc3339:)) else {
      throw damaged("the metadata's time")
    }
    return MetadataReport(
      numbers: Metadata(
        depth: try number("depth"),
        read: Position(file: try number("readFile"), offset: try number("readPosition")),
        write: Position(file: try number("writeFile"), offset: try number("writePosition"))),
      modifiedAt: time, mode: 0)
  }

  private static func badFile(_ json: JSONValue) throws(DiskQueueError) -> BadFileReport {
    guard let name = json["name"]?.text, let bytes = json["bytes"]?.integer else {
      throw damaged("a .bad file")
    }
    let number: Int64? =
      switch FileName.parse(Array(name.utf8))?.file {
      case .bad(let number, _), .segment(let number): number
      default: nil
      }
    return BadFileReport(
      name: name, file: number ?? 0, bytes: bytes, modifiedAt: Timestamp(nanoseconds: 0),
      messages: json["messages"]?.integer,
      verdict: json["verdict"]?.text.flatMap(BadFileVerdict.init),
      salvageable: json["salvageable"]?.integer, from: json["from"]?.integer)
  }

  private static func place(_ json: JSONValue) throws(DiskQueueError) -> DamagedPlace {
    func number(_ name: String) throws(DiskQueueError) -> Int64 {
      guard let number = json[name]?.integer else { throw damaged("a damaged place's \(name)") }
      return number
    }
    guard let code = json["code"]?.text.flatMap(Finding.Code.init) else {
      throw damaged("a damaged place")
    }
    return DamagedPlace(
      segment: try number("segment"), offset: try number("offset"), bytes: try number("bytes"),
      code: code, isMessage: json["found"]?.text == "message", certain: try number("certain"),
      likely: try number("likely"), guess: try number("guess"))
  }

  private static func owner(_ json: JSONValue) throws(DiskQueueError) -> Owner {
    guard let pid = json["pid"]?.integer.flatMap({ Int32(exactly: $0) }),
      let command = json["command"]?.text, let lock = json["lock"]?.text.flatMap(Owner.Lock.init)
    else { throw damaged("an owner") }
    return Owner(pid: pid, command: command, lock: lock)
  }

  private static func finding(_ json: JSONValue) throws(DiskQueueError) -> Finding {
    guard let code = json["code"]?.text.flatMap(Finding.Code.init),
      let severity = json["severity"]?.text.flatMap(Finding.Severity.init),
      let text = json["text"]?.text
    else { throw damaged("a finding") }
    return Finding(
      code, severity, file: json["file"]?.text, offset: json["offset"]?.integer, text)
  }
}
