import CSanitizer
import Synchronization

/// A value behind a `Mutex` whose locking ThreadSanitizer is told of, so that a clean run means
/// something.
package final class Guarded<Value: ~Copyable>: Sendable {
  private let mutex: Mutex<Value>

  package init(_ value: consuming sending Value) { mutex = Mutex(value) }

  /// Runs `body` with the lock held; it must not lock this value again.
  package func withLock<Result: ~Copyable, Failure: Error>(
    _ body: (inout sending Value) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    try mutex.withLock { (value) throws(Failure) in
      let address = unsafe Unmanaged.passUnretained(self).toOpaque()
      unsafe csanitizer_acquired(address)
      defer { unsafe csanitizer_releases(address) }
      return try body(&value)
    }
  }
}
