import DiskQueue
import QueueInspection

extension String {
  /// This text with blanks after it, so that it has a width.
  func padded(_ width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }

  /// This text with blanks before it, so that it has a width.
  func padded(left width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }

  /// This text with the few signs beyond ASCII that diskq's own words use replaced.
  func plainIf(_ ascii: Bool) -> String {
    guard ascii else { return self }
    return replacing("…", with: "...").replacing("“", with: "\"").replacing("”", with: "\"")
  }
}

extension Position {
  /// Written as `000058@40112233`.
  var place: String { "\(FileName.padded(file))@\(offset)" }
}

extension Owner {
  /// Written as `nsqd 2211 (flock)`.
  var words: String { "\(command) \(pid) (\(evidence))" }

  /// What shows that it is the owner.
  var evidence: String {
    switch lock {
    case .directory: "flock"
    case .queue: "queue lock"
    case .none: "open files"
    }
  }
}
