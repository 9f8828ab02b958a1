import DiskQueue

/// What a `.bad` file is, by the evidence; the raw values are part of the command-line contract.
public enum BadFileVerdict: String, Sendable, CaseIterable {
  /// Every record is whole, and this library's own record says that all were delivered.
  case wholeDelivered = "whole-delivered"
  /// Every record is whole; nothing tells whether they were delivered.
  case whole
  /// Damaged, with messages behind the damage.
  case salvageable
  /// Nothing that was not delivered can be read.
  case hopeless
}
