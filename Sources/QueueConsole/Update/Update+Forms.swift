import DiskQueue
import QueueOperations

/// Forms that are filled in before a plan is made: their fields, their keys, and what they say.
extension Model {
  static let sources = ["text", "hex", "file: lines", "file: raw", "file: frames", "file: ndjson"]
  static let targetWords = ["file", "queue", "command"]

  static func injectForm(_ name: String) -> Form {
    Form(
      "INJECT \(name)", hint: "Tab goes through the fields, Space changes a choice.",
      [
        .choice("source", "From", sources),
        .text("text", "Text", limit: LineEditor.messageLimit),
        .text("repeat", "Times", "1"), .choice("envelope", "Envelope", ["none", "nsqd"]),
      ], focus: 1)
  }

  static func targetForm(_ title: String, path: String, many: Bool) -> Form {
    Form(
      title,
      hint: many
        ? "Each queue gets a file of its own in this folder."
        : "A message leaves the queue only when it is safe there.",
      [
        .choice("kind", "To", targetWords), .text("target", many ? "Folder" : "Target", path),
        .choice("format", "Format", MessageFormat.allCases.map(\.rawValue), 5),
      ], focus: 1)
  }

  static func skipForm(_ name: String, count: Int64) -> Form {
    Form(
      "SKIP \(name)", hint: "The first messages are passed over; the backup keeps them.",
      [.text("count", "How many", "\(count)")])
  }

  mutating func pressForm(_ key: Key, _ form: Form, _ request: PlanRequest) -> [Effect] {
    var form = form
    switch key {
    case .escape:
      overlay = nil
      say("cancelled; nothing was changed")
    case .enter:
      guard let complete = complete(request, from: form) else { return [] }
      return plan(complete)
    default: if form.take(key) { overlay = .form(form, request) }
    }
    return []
  }

  mutating func pressExport(_ key: Key, _ form: Form) -> [Effect] {
    var form = form
    switch key {
    case .escape: overlay = nil
    case .enter:
      let path = form["target"]
      guard !path.isEmpty else { return [] }
      overlay = nil
      return export(to: path, MessageFormat(rawValue: form["format"]) ?? .ndjson)
    default: if form.take(key) { overlay = .export(form) }
    }
    return []
  }

  // MARK: From a form to a plan

  /// Completes a request from a form; nil, and says why, when a field makes no sense.
  mutating func complete(_ request: PlanRequest, from form: Form) -> PlanRequest? {
    var request = request
    do throws(DiskQueueError) {
      switch request.kind {
      case .inject: try Model.readInject(form, &request)
      case .drain, .move:
        request.target = try Model.target(form["kind"], form["target"], form["format"])
      case .skip:
        guard let count = Int64(form["count"]), count > 0 else {
          throw DiskQueueError(.refused, "“\(form["count"])” is not a number of messages")
        }
        request.count = count
      default: break
      }
      return request
    } catch {
      say(error.detail, .error)
      return nil
    }
  }

  private static func readInject(_ form: Form, _ request: inout PlanRequest)
    throws(DiskQueueError)
  {
    let text = form["text"]
    guard let times = Int(form["repeat"]), (1...10_000_000).contains(times) else {
      throw DiskQueueError(.refused, "“\(form["repeat"])” times: 1 to 10,000,000 will do")
    }
    request.injection = Injection(repeats: times, nsq: form["envelope"] == "nsqd")
    switch form["source"] {
    case "text": request.source = .payload(Array(text.utf8))
    case "hex":
      guard let bytes = Hex.decode(text.utf8.filter { $0 != 32 }[...]) else {
        throw DiskQueueError(.refused, "“\(text)” is not hexadecimal")
      }
      request.source = .payload(bytes)
    case let word:
      guard !text.isEmpty else { throw DiskQueueError(.refused, "which file?") }
      let format = MessageFormat(rawValue: String(word.dropFirst("file: ".count))) ?? .lines
      request.source = .file(text, format)
    }
  }

  static func target(_ kind: String, _ text: String, _ format: String) throws(DiskQueueError)
    -> PlanRequest.Target
  {
    guard !text.isEmpty else { throw DiskQueueError(.refused, "where to?") }
    let format = MessageFormat(rawValue: format) ?? .ndjson
    switch kind {
    case "queue": return .queue(try QueueName(text))
    case "command": return .command(text, format)
    default: return .file(text, format)
    }
  }
}
