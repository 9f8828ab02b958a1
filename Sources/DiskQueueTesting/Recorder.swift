import DiskQueue

/// Collects values from several tasks.
package final class Recorder<Value: Sendable>: Sendable {
  private let storage = Guarded<[Value]>([])

  package init() {}

  /// Adds one value; returns how many there are now.
  @discardableResult
  package func append(_ value: Value) -> Int {
    storage.withLock { values in
      values.append(value)
      return values.count
    }
  }

  package var values: [Value] { storage.withLock { $0 } }
}
