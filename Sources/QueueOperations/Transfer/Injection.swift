import DiskQueue
import QueueInspection

/// How messages that come in become payloads: repeated, wrapped as nsqd does.
package struct Injection: Hashable, Sendable {
  /// How often each message is put.
  package var repeats = 1
  /// Whether each gets an envelope with a time, no attempts, and an id of its own.
  package var nsq = false

  package init(repeats: Int = 1, nsq: Bool = false) {
    self.repeats = repeats
    self.nsq = nsq
  }

  /// The payloads of these messages, in order.
  package func payloads(_ messages: [[UInt8]]) -> [[UInt8]] {
    let batch = repeats == 1 ? messages : messages.flatMap { repeatElement($0, count: repeats) }
    guard nsq else { return batch }
    return batch.map { body in
      let id = String(UInt64.random(in: .min ... .max) | 1 << 60, radix: 16)
      return NSQEnvelope(
        timestamp: Machine.now().nanoseconds, attempts: 0, id: id, body: body
      ).payload
    }
  }
}
