/// Proof that an operator has unlocked writing.
///
/// Every operation on a queue asks for one, and only ``WriteGate`` makes them, so no screen or
/// command can change a queue by mistake.
package struct WriteToken: Sendable {
  fileprivate init() {}
}

/// Starts locked; unlocking is an act of its own.
package struct WriteGate: Sendable {
  /// The token while unlocked.
  package private(set) var token: WriteToken?

  package init() {}

  package mutating func unlock() { token = WriteToken() }
  package mutating func lock() { token = nil }
}
