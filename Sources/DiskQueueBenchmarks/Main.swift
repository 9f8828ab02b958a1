import ArgumentParser
import DiskQueue
import DiskQueueTesting
import Glibc
import SystemPackage

/// Measures the library beside the bare system calls it is built on, in the same run.
@main
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diskq-bench",
    abstract: "Named workloads, each beside its own baseline, medians over alternated rounds.")

  @Option(name: .long, help: "Only workloads whose name has this in it.")
  var filter = ""
  @Option(name: .long, help: "Rounds of each, alternated with its baseline.")
  var rounds = 7
  @Option(name: .long, help: "Where the files go (default: the current directory).")
  var directory = "."
  @Option(name: .long, help: "Measure the console of this diskq, beside htop, instead.")
  var console: String?
  @Option(name: .long, help: "Salvage so many damaged segments of each kind, instead.")
  var salvage: Int?
  @Option(name: .long, help: "The seed of the first of them.")
  var seed: UInt64 = 1
  @Option(name: .long, help: "Damage them in one way only.")
  var damage: DamageKind?
  @Option(name: .long, help: "Damage so many places of each.")
  var places: Int?
  @Flag(name: .long, help: "One JSON object a line.")
  var json = false

  func run() throws {
    if let salvage {
      return try SalvageBench(
        cases: salvage, seed: seed, filter: filter,
        damage: damage, places: places, json: json
      ).run()
    }
    let root = FilePath(directory).appending("diskq-bench-\(getpid())")
    let disk = RealDisk()
    try disk.makeDirectory(root)
    defer { Scratch.remove(root) }
    if let console {
      return try ConsoleBench(diskq: console, rounds: rounds, root: root).run()
    }
    if !json { print(Row.head) }
    for workload in Workload.all where filter.isEmpty || workload.name.contains(filter) {
      let row = try measure(workload, root)
      print(json ? row.json : row.text)
      fflush(nil)
    }
  }

  /// Ours and the baseline in turn, so that a machine that changes its speed changes it for both.
  private func measure(_ workload: Workload, _ root: FilePath) throws -> Row {
    var ours: [Double] = []
    var bare: [Double] = []
    var ratios: [Double] = []
    for round in 0...max(1, rounds) {
      let first = try workload.ours(Scratch(root, "ours"))
      let second = try workload.bare(Scratch(root, "bare"))
      // The first round only warms up.
      guard round > 0 else { continue }
      ours.append(first)
      bare.append(second)
      ratios.append(first / second)
    }
    return Row(
      name: workload.name, baseline: workload.baseline, bytes: workload.bytes,
      nanoseconds: ours.median, baselineNanoseconds: bare.median, ratio: ratios.median,
      goal: workload.goal)
  }
}

extension DamageKind: ExpressibleByArgument {}

/// One line of the result.
struct Row {
  var name: String
  var baseline: String
  var bytes: Int
  var nanoseconds: Double
  var baselineNanoseconds: Double
  var ratio: Double
  var goal: String

  static let head =
    pad("workload", 34) + left("ns/op", 12) + left("ops/s", 13) + left("MB/s", 10)
    + left("baseline", 12) + left("ratio", 9) + "  goal"

  var text: String {
    Row.pad(name, 34) + Row.left(Row.number(nanoseconds), 12)
      + Row.left("\(Int(1e9 / nanoseconds))", 13)
      + Row.left(Row.number(Double(bytes) / nanoseconds * 1000), 10)
      + Row.left(Row.number(baselineNanoseconds), 12) + Row.left(Row.number(ratio), 9)
      + "  \(goal) (\(baseline))"
  }

  var json: String {
    var json = JSONText()
    json.object { json in
      json.member("workload", name)
      json.member("baseline", baseline)
      json.member("nanosecondsPerOperation", Int(nanoseconds))
      json.member("operationsPerSecond", Int(1e9 / nanoseconds))
      json.member("bytesPerOperation", bytes)
      json.member("baselineNanosecondsPerOperation", Int(baselineNanoseconds))
      json.member("ratioPercent", Int(ratio * 100))
      json.member("goal", goal)
    }
    return json.text
  }

  static func number(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
  }

  static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }

  static func left(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(1, width - text.count)) + text
  }
}

extension [Double] {
  /// The middle value.
  fileprivate var median: Double { isEmpty ? 0 : sorted()[count / 2] }
}
