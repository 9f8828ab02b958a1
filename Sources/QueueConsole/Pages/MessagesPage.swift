/// A queue's messages, and the one under the cursor in full.
package struct MessagesPage: Sendable {
  /// Messages that are asked for at once.
  package static let pageSize = 150
}
