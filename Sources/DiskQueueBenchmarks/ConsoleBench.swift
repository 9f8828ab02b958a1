import DiskQueue
import Glibc
import SystemPackage

/// The console in a real terminal, in turn with htop in one like it.
struct ConsoleBench {
  let diskq: String
  let rounds: Int
  let root: FilePath

  /// One figure of both, and what it should be.
  private struct Figure {
    var name: String
    var unit: String
    var ours: [Double] = []
    var theirs: [Double] = []
    var goal: String
  }

  func run() throws {
    let small = try directory("20", queues: 20, messages: 500)
    let hundred = try directory("100", queues: 100, messages: 50)
    try printHead()
    try started(small, hundred)
    try quiet(small)
    try keys(small)
    try keysWhileChecking()
    try many()
  }

  // MARK: Directories

  private func directory(_ name: String, queues: Int, messages: Int) throws -> FilePath {
    let path = root.appending(name)
    try RealDisk().makeDirectory(path)
    for index in 0..<queues {
      let queue = try DiskQueue("queue-\(1000 + index):channel", directory: path)
      try queue.put(contentsOf: (0..<messages).map { Array("message number \($0)".utf8) })
      try queue.close()
    }
    return path
  }

  // MARK: Figures

  private func started(_ small: FilePath, _ hundred: FilePath) throws {
    var first = Figure(name: "first byte, 20 queues", unit: "ms", goal: "at most 15 ms")
    var bytes = Figure(name: "first paint, 20 queues", unit: "B", goal: "at most 2,500 B")
    var full = Figure(name: "full screen, 100 queues", unit: "ms", goal: "at most 30 ms")
    var memory = Figure(name: "memory, 20 queues", unit: "KiB", goal: "at most 12,288 KiB")
    for _ in 0...rounds {
      let ours = try Terminal([diskq, small.string])
      let paint = ours.read(quiet: 150, most: 900)
      memory.ours.append(Double(ours.peakMemory))
      ours.close()
      let theirs = try Terminal(["/usr/bin/htop"])
      let other = theirs.read(quiet: 150, most: 900)
      memory.theirs.append(Double(theirs.peakMemory))
      theirs.close()
      let many = try Terminal([diskq, hundred.string])
      let screen = many.read(quiet: 150, most: 900)
      many.close()
      first.ours.append(paint.first)
      first.theirs.append(other.first)
      bytes.ours.append(Double(paint.bytes))
      bytes.theirs.append(Double(other.bytes))
      full.ours.append(screen.last)
      full.theirs.append(other.last)
    }
    for figure in [first, bytes, full, memory] { show(figure) }
  }

  /// Processor time and bytes while nothing changes, and while one queue does.
  private func quiet(_ path: FilePath) throws {
    var time = Figure(
      name: "quiet: processor", unit: "% of a core", goal: "at most 0.05 %")
    var bytes = Figure(name: "quiet: bytes a refresh", unit: "B", goal: "0")
    let (ours, theirs) = (try Terminal([diskq, path.string]), try Terminal(["/usr/bin/htop"]))
    defer {
      ours.close()
      theirs.close()
    }
    // After a change owners are looked for more often for a while; that is over by then.
    _ = (ours.read(quiet: 15_000, most: 15_000), theirs.read(quiet: 500, most: 3000))
    for _ in 0..<max(1, rounds / 2) {
      for (terminal, isOurs) in [(ours, true), (theirs, false)] {
        let before = terminal.processorTime
        let from = ContinuousClock.now
        var sent = 0
        while Terminal.milliseconds(since: from) < 10_000 {
          let left = 10_000 - Terminal.milliseconds(since: from)
          sent += terminal.read(quiet: 100, most: left, from: ContinuousClock.now).bytes
        }
        let used = Double(terminal.processorTime - before) / 10e9 * 100
        if isOurs {
          time.ours.append(used)
          bytes.ours.append(Double(sent) / 10)
        } else {
          time.theirs.append(used)
          bytes.theirs.append(Double(sent) / 10)
        }
      }
    }
    show(time, skip: 0)
    show(bytes, skip: 0)
    try changing(path)
  }

  private func changing(_ path: FilePath) throws {
    var bytes = Figure(name: "changing: bytes a refresh", unit: "B", goal: "at most 200 B")
    let terminal = try Terminal([diskq, path.string])
    defer { terminal.close() }
    _ = terminal.read(quiet: 1500)
    let queue = try DiskQueue("queue-1003:channel", directory: path)
    for _ in 0..<max(5, rounds) {
      try queue.put("one more")
      let from = ContinuousClock.now
      bytes.ours.append(Double(terminal.read(quiet: 900, most: 1000, from: from).bytes))
    }
    try queue.close()
    show(bytes)
  }

  private func keys(_ path: FilePath) throws {
    let (ours, theirs) = (try Terminal([diskq, path.string]), try Terminal(["/usr/bin/htop"]))
    defer {
      ours.close()
      theirs.close()
    }
    _ = (ours.read(quiet: 1200), theirs.read(quiet: 500, most: 2000))
    press(ours, theirs, "key, idle", "p50 1 ms", "p99 5 ms")
  }

  private func press(
    _ ours: Terminal, _ theirs: Terminal?, _ name: String, _ middle: String, _ worst: String
  ) {
    var latencies: [Double] = []
    var others: [Double] = []
    var sizes: [Double] = []
    for count in 0..<200 {
      let key = count / 10 % 2 == 0 ? "j" : "k"
      let one = ours.press(key)
      if one.bytes > 0 {
        latencies.append(one.first)
        sizes.append(Double(one.bytes))
      }
      if let theirs {
        let other = theirs.press(count / 10 % 2 == 0 ? "\u{1B}[B" : "\u{1B}[A")
        if other.bytes > 0 { others.append(other.first) }
      }
    }
    func at(_ values: [Double], _ share: Double) -> [Double] {
      values.isEmpty ? [] : [values.sorted()[Int(Double(values.count - 1) * share)]]
    }
    show(
      Figure(
        name: "\(name): p50", unit: "ms", ours: at(latencies, 0.5), theirs: at(others, 0.5),
        goal: middle), skip: 0)
    show(
      Figure(
        name: "\(name): p99", unit: "ms", ours: at(latencies, 0.99), theirs: at(others, 0.99),
        goal: worst), skip: 0)
    show(
      Figure(name: "\(name): bytes", unit: "B", ours: sizes, goal: "at most 200 B"), skip: 0)
  }

  /// Keys while every record of a gigabyte is read beside the screen.
  private func keysWhileChecking() throws {
    let path = root.appending("checked")
    try RealDisk().makeDirectory(path)
    let queue = try DiskQueue("large", directory: path)
    let batch = (0..<1000).map { _ in [UInt8](repeating: 65, count: 1024) }
    for _ in 0..<1048 { try queue.put(contentsOf: batch) }
    try queue.close()
    for index in 0..<20 {
      let small = try DiskQueue("small-\(index)", directory: path)
      try small.put("x")
      try small.close()
    }
    let terminal = try Terminal([diskq, path.string])
    defer { terminal.close() }
    _ = terminal.read(quiet: 1200)
    var latencies: [Double] = []
    for _ in 0..<12 {
      _ = terminal.press("g")
      _ = terminal.press("c")
      for key in ["j", "j", "k", "j"] {
        let one = terminal.press(key)
        if one.bytes > 0 { latencies.append(one.first) }
      }
      // Until it is checked, before the next.
      _ = terminal.read(quiet: 400, most: 3000, from: ContinuousClock.now)
    }
    let worst = latencies.sorted()[Int(Double(latencies.count - 1) * 0.99)]
    show(
      Figure(
        name: "key, checking 1 GiB: p99", unit: "ms", ours: [worst], goal: "p99 20 ms"), skip: 0)
    show(
      Figure(
        name: "memory after it", unit: "KiB", ours: [Double(terminal.peakMemory)], goal: ""),
      skip: 0)
  }

  /// Ten thousand queues with 100 GiB of backlog: the segments are sparse files.
  private func many() throws {
    let path = root.appending("many")
    try RealDisk().makeDirectory(path)
    for index in 0..<10_000 {
      let name = path.appending("topic-\(10_000 + index).diskqueue.").string
      let size: Int64 = 10_737_418
      let meta = Bare.open(FilePath(name + "meta.dat"))
      Bare.write(meta, Array("1000\n0,0\n0,\(size)\n".utf8))
      close(meta)
      let segment = Bare.open(FilePath(name + "000000.dat"))
      ftruncate(segment, Int(size))
      close(segment)
    }
    let terminal = try Terminal([diskq, path.string])
    defer { terminal.close() }
    let paint = terminal.read(quiet: 1500, most: 8000)
    show(
      Figure(name: "full screen, 10,000 queues", unit: "ms", ours: [paint.last], goal: ""), skip: 0)
    for _ in 0..<20 { _ = terminal.press("j") }
    let before = terminal.processorTime
    let from = ContinuousClock.now
    let sent = terminal.read(quiet: 10_000, most: 10_000, from: from).bytes
    let used = Double(terminal.processorTime - before) / 10e9 * 100
    show(
      Figure(
        name: "quiet, 10,000 queues: processor", unit: "% of a core", ours: [used],
        goal: "next to nothing"),
      skip: 0)
    show(
      Figure(name: "quiet, 10,000 queues: bytes", unit: "B", ours: [Double(sent) / 10], goal: "0"),
      skip: 0)
    press(terminal, nil, "key, 10,000 queues", "", "")
    show(
      Figure(
        name: "memory, 10,000 queues", unit: "KiB", ours: [Double(terminal.peakMemory)],
        goal: "at most 40,960 KiB"), skip: 0)
  }

  // MARK: Table

  private func printHead() throws {
    print("console, 80x24                         diskq        htop  unit         goal")
  }

  /// Medians; the first of each warms up.
  private func show(_ figure: Figure, skip: Int = 1) {
    func median(_ values: [Double]) -> String {
      let counted = values.dropFirst(skip).sorted()
      return counted.isEmpty ? "-" : Row.number(counted[counted.count / 2])
    }
    print(
      Row.pad(figure.name, 34) + Row.left(median(figure.ours), 10)
        + Row.left(median(figure.theirs), 12) + "  " + Row.pad(figure.unit, 13) + figure.goal)
    fflush(nil)
  }
}
