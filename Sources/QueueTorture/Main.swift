import DiskQueue
import SystemPackage

/// Puts, takes and syncs without end, and tells each of them once it has returned; made to be killed.
///
/// Arguments: directory, first number, seed. Each line on standard output is one operation: `p N` was
/// put, `t N` was taken, `s` was synced.
@main
struct QueueTorture {
  static func main() throws {
    let words = CommandLine.arguments
    guard words.count == 4, var number = Int(words[2]), let seed = UInt64(words[3]) else {
      preconditionFailure("usage: queue-torture DIRECTORY FIRST SEED")
    }
    var options = DiskQueue.Options()
    options.maxBytesPerFile = 2000
    options.checksOpenFiles = false
    options.rollRule = seed % 2 == 0 ? .beforeLimit : .afterLimit
    options.durability = seed % 3 == 0 ? .everyPut : .batched(every: 20, within: .milliseconds(5))
    let queue = try DiskQueue("jobs", directory: FilePath(words[1]), options: options)
    var random = SystemRandomNumberGenerator()
    while true {
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<5:
        try queue.put(message(number))
        try tell("p \(number)")
        number += 1
      case 5:
        let batch = (number..<(number + 10)).map { Array(message($0).utf8) }
        try queue.put(contentsOf: batch)
        for _ in batch {
          try tell("p \(number)")
          number += 1
        }
      case 6..<9:
        if let taken = try queue.take(), let number = taken.text.split(separator: ".").first {
          try tell("t \(number)")
        }
      default:
        try queue.sync()
        try tell("s")
      }
    }
  }

  private static func message(_ number: Int) -> String {
    "\(number)." + String(repeating: "x", count: number % 90)
  }

  private static func tell(_ line: String) throws {
    try FileDescriptor.standardOutput.writeAll(Array((line + "\n").utf8))
  }
}
