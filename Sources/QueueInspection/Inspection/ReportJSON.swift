package import DiskQueue
import SystemPackage

/// Reports as the command-line contract fixes them for scripts, written and read back.
package enum ReportJSON {
  package static func document(_ report: Report) -> String {
    var json = JSONText()
    json.object { json in
      json.member("directory", report.directory.description)
      json.member(bytesOf: "directory", report.directory.bytes)
      json.member("takenAt", report.takenAt.rfc3339)
      json.key("queues")
      json.array { json in for queue in report.queues { json.object { members(queue, &$0) } } }
    }
    return json.text
  }

  /// The members of one queue's object.
  package static func members(_ queue: QueueReport, _ json: inout JSONText) {
    json.member("name", queue.name)
    json.member("depth", queue.depth)
    json.member("depthSource", queue.depthSource)
    json.member("unreadBytes", queue.unreadBytes)
    json.key("metadata")
    metadata(queue.metadata, &json)
    json.key("read")
    position(queue.read, &json)
    json.key("write")
    position(queue.write, &json)
    json.key("segments")
    json.array { json in
      for segment in queue.segments {
        json.object { json in
          json.member("file", segment.file)
          json.member("bytes", segment.bytes)
          if let messages = segment.messages { json.member("messages", messages) }
        }
      }
    }
    json.key("badFiles")
    files(queue.badFiles, &json)
    json.key("quarantine")
    files(queue.quarantined, &json)
    json.key("owner")
    owner(queue.owner, &json)
    json.key("findings")
    json.array { json in for finding in queue.findings { self.finding(finding, &json) } }
    if !queue.damage.isEmpty {
      json.key("damage")
      json.array { json in for place in queue.damage { damage(place, &json) } }
    }
    if let problem = queue.problem { json.member("problem", problem) }
  }

  private static func files(_ files: [BadFileReport], _ json: inout JSONText) {
    json.array { json in
      for file in files {
        json.object { json in
          json.member("name", file.name)
          json.member("bytes", file.bytes)
          if let messages = file.messages { json.member("messages", messages) }
          if let verdict = file.verdict { json.member("verdict", verdict.rawValue) }
          if let salvageable = file.salvageable { json.member("salvageable", salvageable) }
          if let from = file.from { json.member("from", from) }
        }
      }
    }
  }

  private static func metadata(_ metadata: MetadataReport?, _ json: inout JSONText) {
    guard let metadata, let numbers = metadata.numbers else { return json.null() }
    json.object { json in
      json.member("depth", numbers.depth)
      json.member("readFile", numbers.read.file)
      json.member("readPosition", numbers.read.offset)
      json.member("writeFile", numbers.write.file)
      json.member("writePosition", numbers.write.offset)
      json.member("modifiedAt", metadata.modifiedAt.rfc3339)
    }
  }

  private static func position(_ position: Position, _ json: inout JSONText) {
    json.object { json in
      json.member("file", position.file)
      json.member("position", position.offset)
    }
  }

  private static func owner(_ owner: Owner?, _ json: inout JSONText) {
    guard let owner else { return json.null() }
    json.object { json in
      json.member("pid", owner.pid)
      json.member("command", owner.command)
      json.member("lock", owner.lock.rawValue)
    }
  }

  private static func damage(_ place: DamagedPlace, _ json: inout JSONText) {
    json.object { json in
      json.member("segment", place.segment)
      json.member("offset", place.offset)
      json.member("bytes", place.bytes)
      json.member("code", place.code.rawValue)
      json.member("found", place.isMessage ? "message" : "nothing")
      json.member("certain", place.certain)
      json.member("likely", place.likely)
      json.member("guess", place.guess)
    }
  }

  private static func finding(_ finding: Finding, _ json: inout JSONText) {
    json.object { json in
      json.member("code", finding.code.rawValue)
      json.member("severity", finding.severity.rawValue)
      json.member("file", finding.file)
      json.key("offset")
      if let offset = finding.offset { json.value(offset) } else { json.null() }
      json.member("text", finding.text)
    }
  }
}
