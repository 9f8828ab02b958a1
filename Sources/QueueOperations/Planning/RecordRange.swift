/// Records of one segment that lie together.
package struct RecordRange: Hashable, Sendable {
  package var file: Int64
  package var start: Int64
  package var end: Int64
}
