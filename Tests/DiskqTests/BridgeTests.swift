import DiskQueueTesting
import Foundation
import SystemPackage
import Testing

/// Drains into the engines people run, by their own clients, against real servers on loopback that
/// are started here and stopped again.
@Suite(.serialized) struct BridgeTests {
  private static func has(_ programs: String...) -> Bool {
    programs.allSatisfy { name in
      ["/usr/bin", "/usr/sbin", "/usr/lib/rabbitmq/bin"].contains {
        FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
      }
    }
  }

  private func shell(_ script: String) async throws -> Program.Outcome {
    try await Program.run("sh", ["-c", script])
  }

  /// Runs a script until it succeeds; a server needs a while.
  private func wait(for script: String) async throws {
    let end = ContinuousClock.now + .seconds(180)
    while ContinuousClock.now < end {
      if try await shell(script + " >/dev/null 2>&1").code == 0 { return }
    }
    Issue.record("never succeeded: \(script)")
  }

  private static let port = Int.random(in: 20_000..<30_000)

  /// A queue of messages of many sizes, and all of them in hexadecimal.
  private func queue(_ count: Int, text: Bool) async throws -> (TemporaryDirectory, String) {
    let directory = try TemporaryDirectory()
    var random = SeededGenerator(seed: 11)
    let hex = (0..<count).map { index -> String in
      let size = [0, 1, 16, 200, 1024, text ? 20_000 : 70_000][index % 40 == 7 ? 5 : index % 5]
      return (0..<size).map { _ in
        let byte =
          text ? UInt8.random(in: 33...126, using: &random) : .random(in: 0...255, using: &random)
        return String(UInt16(byte) | 0x100, radix: 16).dropFirst()
      }.joined()
    }.joined(separator: "\n")
    let put = try await Program.diskq(
      ["put", directory.path.string, "q", "--format", "hex"], input: Array((hex + "\n").utf8))
    #expect(put.code == 0)
    return (directory, hex + "\n")
  }

  @Test(.enabled(if: has("redis-server", "redis-cli")))
  func `into a stream of Redis and back, every byte in order`() async throws {
    let (directory, hex) = try await queue(2000, text: false)
    let path = directory.path.string
    let port = Self.port
    let diskq = Program.diskq.string
    let redis = """
      LC_ALL=C awk '{printf "*5\\r\\n$4\\r\\nXADD\\r\\n$1\\r\\ns\\r\\n$1\\r\\n*\\r\\n$1\\r\\nm\\r\\n$%d\\r\\n%s\\r\\n", \
      length($0), $0}' | redis-cli -p \(port) --pipe >&2
      """
    let words = ["drain", path, "q", "--format", "base64", "--batch", "300", "--exec", redis]
    // Nobody there yet: nothing is lost.
    #expect(try await Program.diskq(words).code == 1)
    let start = try await shell(
      "redis-server --port \(port) --bind 127.0.0.1 --save '' --daemonize yes --dir '\(path)'")
    #expect(start.code == 0)
    try await wait(for: "[ \"$(redis-cli -p \(port) ping)\" = PONG ]")
    let drain = try await Program.diskq(words)
    #expect(drain.code == 0, "\(drain.errors)")
    let back = try await shell(
      """
      redis-cli -p \(port) --raw XRANGE s - + | awk 'NR % 3 == 0' \
      | '\(diskq)' put '\(path)' back --format base64
      """)
    _ = try await shell("redis-cli -p \(port) shutdown nosave")
    #expect(back.code == 0, "\(back.errors)")
    let all = try await Program.diskq(["peek", path, "back", "--all", "--format", "hex"])
    #expect(all.text == hex)
    #expect(try await Program.diskq(["peek", path, "q"]).code == 4)
  }

  @Test(.enabled(if: has("rabbitmq-server", "amqp-publish", "amqp-consume")))
  func `into a queue of RabbitMQ, in order`() async throws {
    let (directory, hex) = try await queue(400, text: true)
    let path = directory.path.string
    let home = path + "/.rabbit"
    // Found by its folder; in brackets, so that the shell that looks does not find itself.
    let mark = home.replacing("/diskq-test-", with: "/[d]iskq-test-")
    let url = "amqp://guest:guest@127.0.0.1:\(Self.port + 1)"
    let start = try await shell(
      """
      mkdir -p '\(home)'; cd '\(home)'
      export HOME='\(home)' RABBITMQ_NODENAME=diskq\(Self.port)@localhost \
      RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_NODE_PORT=\(Self.port + 1) \
      RABBITMQ_DIST_PORT=\(Self.port + 2) RABBITMQ_MNESIA_BASE='\(home)' \
      RABBITMQ_LOG_BASE='\(home)' RABBITMQ_ENABLED_PLUGINS_FILE='\(home)/plugins' \
      RABBITMQ_CONFIG_FILE='\(home)/none' RABBITMQ_CONF_ENV_FILE='\(home)/none.env' \
      RABBITMQ_PID_FILE='\(home)/pid' ERL_EPMD_ADDRESS=127.0.0.1
      setsid /usr/lib/rabbitmq/bin/rabbitmq-server > '\(home)/log' 2>&1 < /dev/null &
      """)
    #expect(start.code == 0)
    try await wait(for: "amqp-declare-queue -u \(url) -q q")
    let drain = try await Program.diskq([
      "drain", path, "q", "--batch", "100", "--exec", "amqp-publish -u \(url) -r q -p -l",
    ])
    #expect(drain.code == 0, "\(drain.errors)")
    // Its client makes a message of every line, with its newline.
    let lines = hex.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    let consumed = try await shell("amqp-consume -u \(url) -q q -c \(lines.count) cat")
    _ = try await shell(
      "pkill -KILL -f '\(mark)'; epmd -kill > /dev/null 2>&1")
    let wanted = try #require(
      String(
        bytes: lines.flatMap { line -> [UInt8] in
          let digits = Array(line)
          return stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(digits[$0...($0 + 1)]), radix: 16)
          } + [10]
        }, encoding: .utf8))
    #expect(consumed.text == wanted)
    #expect(try await Program.diskq(["peek", path, "q"]).code == 4)
  }

  @Test(.enabled(if: has("mosquitto", "mosquitto_pub", "mosquitto_sub")))
  func `into a topic of MQTT, in order`() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.path.string
    let port = Self.port + 3
    let text = (0..<500).map { "message \($0)\n" }.joined()
    _ = try await Program.diskq(["put", path, "q"], input: Array(text.utf8))
    let settings = """
      listener \(port) 127.0.0.1
      allow_anonymous true
      user root
      pid_file \(path)/.pid

      """
    try Data(settings.utf8).write(to: URL(fileURLWithPath: path + "/.conf"))
    let start = try await shell("mosquitto -c '\(path)/.conf' -d > '\(path)/.log' 2>&1")
    #expect(start.code == 0)
    // Subscribed for good, so that what is published meanwhile is kept.
    try await wait(for: "mosquitto_sub -p \(port) -t t -q 1 -i reader -c -E")
    let drain = try await Program.diskq([
      "drain", path, "q", "--batch", "100", "--exec", "mosquitto_pub -p \(port) -t t -q 1 -l",
    ])
    #expect(drain.code == 0, "\(drain.errors)")
    let read = try await shell("mosquitto_sub -p \(port) -t t -q 1 -i reader -c -C 500 -W 30")
    _ = try await shell("kill $(cat '\(path)/.pid')")
    #expect(read.text == text)
  }
}
