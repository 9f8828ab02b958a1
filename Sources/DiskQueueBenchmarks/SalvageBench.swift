import DiskQueue
import DiskQueueTesting
import Glibc
import QueueInspection

/// What salvage finds in generated segments whose truth is known, by kind of message.
struct SalvageBench {
  /// Segments of each kind.
  var cases: Int
  /// The first one's seed.
  var seed: UInt64
  /// Which kinds, and which damage; all where empty.
  var filter = ""
  var damage: DamageKind?
  /// Damaged places of each segment; some where nil.
  var places: Int?
  var json = false

  func run() throws {
    if !json { print(Tally.head) }
    for kind in MessageKind.allCases where filter.isEmpty || kind.rawValue.contains(filter) {
      let tally = try measure(kind)
      print(json ? tally.json : tally.text)
      fflush(nil)
    }
  }

  private func measure(_ kind: MessageKind) throws -> Tally {
    var tally = Tally(kind: kind)
    let damages = damage.map { [$0] } ?? DamageKind.allCases
    var size = DamagedSegment.Size.usual
    if let places { size.places = [places] }
    for seed in seed..<(seed + UInt64(cases)) {
      let segment = DamagedSegment(kind, size, damages, seed: seed)
      let report = try segment.salvage { read in
        let growth = try PeakMemory.growth { tally.nanoseconds += try time(1, read) }
        tally.memory = max(tally.memory, growth)
      }
      let score = SalvageScore(report, of: segment)
      if !json, score.found < score.whole || score.wrong > score.damages {
        print(
          "  seed \(seed): \(score.whole - score.found) of \(score.whole) missing, "
            + "\(score.wrong) wrong, \(score.damages) damages")
      }
      tally.score += score
      tally.bytes += segment.bytes.count
    }
    return tally
  }

  /// One line of the result.
  private struct Tally {
    var kind: MessageKind
    var score = SalvageScore()
    var bytes = 0
    var nanoseconds = 0.0
    /// The most that one segment needed, in bytes.
    var memory = 0

    static let head =
      Row.pad("salvage of", 14) + Row.left("damages", 9) + Row.left("whole", 10)
      + Row.left("missing", 9) + Row.left("recall", 9) + Row.left("wrong", 7)
      + Row.left("certain, wrong", 18) + Row.left("likely, wrong", 16)
      + Row.left("guess, wrong", 16) + Row.left("MB/s", 9) + Row.left("MB", 7)

    var text: String {
      func label(_ confidence: Confidence) -> String {
        "\(score[confidence].right + score[confidence].wrong), \(score[confidence].wrong)"
      }
      return Row.pad(kind.rawValue, 14) + Row.left("\(score.damages)", 9)
        + Row.left("\(score.whole)", 10) + Row.left("\(score.whole - score.found)", 9)
        + Row.left(percent, 9) + Row.left("\(score.wrong)", 7)
        + Row.left(label(.certain), 18) + Row.left(label(.likely), 16)
        + Row.left(label(.guess), 16) + Row.left(Row.number(speed), 9)
        + Row.left(Row.number(Double(memory) / 1e6), 7)
    }

    private var percent: String { Row.number(score.recall * 100) + "%" }
    private var speed: Double { Double(bytes) / nanoseconds * 1000 }

    var json: String {
      var json = JSONText()
      json.object { json in
        json.member("messages", kind.rawValue)
        json.member("damages", score.damages)
        json.member("whole", score.whole)
        json.member("found", score.found)
        for (name, label) in [
          ("certain", Confidence.certain), ("likely", .likely), ("guess", .guess),
        ] {
          json.member(name, score[label].right)
          json.member(name + "Changed", score[label].changed)
          json.member(name + "Wrong", score[label].wrong)
        }
        json.member("megabytesPerSecond", Int(speed))
        json.member("peakBytes", memory)
      }
      return json.text
    }
  }
}
