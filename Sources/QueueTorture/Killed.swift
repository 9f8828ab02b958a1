import ArgumentParser
import DiskQueue
import SystemPackage

/// Puts, takes and syncs without end, and tells each of them once it has returned; made to be killed.
///
/// Each line on standard output is one operation: `p N` was put, `t N` was taken, `s` was synced.
struct Killed: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kill", abstract: "Put, take and sync without end, to be killed.")

  @Argument(help: "The data directory.")
  var directory: String
  @Argument(help: "The first message's number.")
  var first: Int
  @Argument(help: "What decides on limits and rules.")
  var seed: UInt64

  func run() throws {
    var number = first
    var options = DiskQueue.Options()
    options.maxBytesPerFile = 2000
    options.checksOpenFiles = false
    options.rollRule = seed % 2 == 0 ? .beforeLimit : .afterLimit
    options.durability = seed % 3 == 0 ? .everyPut : .batched(every: 20, within: .milliseconds(5))
    let queue = try DiskQueue("jobs", directory: FilePath(directory), options: options)
    var random = SystemRandomNumberGenerator()
    while true {
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<5:
        try queue.put(Killed.message(number))
        try Killed.tell("p \(number)")
        number += 1
      case 5:
        let batch = (number..<(number + 10)).map { Array(Killed.message($0).utf8) }
        try queue.put(contentsOf: batch)
        for _ in batch {
          try Killed.tell("p \(number)")
          number += 1
        }
      case 6..<9:
        if let taken = try queue.take(), let number = taken.text.split(separator: ".").first {
          try Killed.tell("t \(number)")
        }
      default:
        try queue.sync()
        try Killed.tell("s")
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
