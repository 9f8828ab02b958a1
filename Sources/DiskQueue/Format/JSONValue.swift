/// A JSON document as values; numbers stay as they are written.
package indirect enum JSONValue: Hashable, Sendable {
  case object([String: JSONValue])
  case array([JSONValue])
  case string(String)
  /// A number, `true` or `false`.
  case other(String)
  case null

  /// Nil when the bytes are not exactly one document.
  package init?(_ bytes: [UInt8]) {
    guard let parts = JSONReader.parts(bytes) else { return nil }
    var rest = parts[...]
    guard let value = JSONValue(&rest, of: bytes) else { return nil }
    self = value
  }

  private init?(_ parts: inout ArraySlice<JSONReader.Part>, of bytes: [UInt8]) {
    switch parts.popFirst() {
    case .beginObject?:
      var members: [String: JSONValue] = [:]
      while case .key(let range)? = parts.first {
        parts.removeFirst()
        guard let value = JSONValue(&parts, of: bytes) else { return nil }
        members[JSONReader.unquote(bytes[range])] = value
      }
      parts.removeFirst()
      self = .object(members)
    case .beginArray?:
      var values: [JSONValue] = []
      while parts.first != .endArray {
        guard let value = JSONValue(&parts, of: bytes) else { return nil }
        values.append(value)
      }
      parts.removeFirst()
      self = .array(values)
    case .string(let range)?: self = .string(JSONReader.unquote(bytes[range]))
    case .other(let range)?:
      let text = String(decoding: bytes[range], as: UTF8.self)
      self = text == "null" ? .null : .other(text)
    case .key?, .endObject?, .endArray?, nil: return nil
    }
  }

  /// A member of an object; nil where there is none, or null.
  package subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self, let member = members[name], member != .null else {
      return nil
    }
    return member
  }

  /// The values of an array; nil for what is none.
  package var values: [JSONValue]? { if case .array(let values) = self { values } else { nil } }

  package var text: String? { if case .string(let text) = self { text } else { nil } }

  package var integer: Int64? { if case .other(let text) = self { Int64(text) } else { nil } }

  package var flag: Bool? { if case .other(let text) = self { Bool(text) } else { nil } }
}
