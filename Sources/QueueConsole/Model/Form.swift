/// A few fields that are filled in before a plan is made.
package struct Form: Hashable, Sendable {
  package enum Value: Hashable, Sendable {
    case text(LineEditor)
    /// One of a few words; the space bar and the arrows go through them.
    case choice([String], Int)
  }

  package struct Field: Hashable, Sendable {
    package var name: String
    package var label: String
    package var value: Value
  }

  package var title: String
  package var hint: String
  package var fields: [Field]
  package var focus = 0

  package init(_ title: String, hint: String, _ fields: [Field], focus: Int = 0) {
    self.title = title
    self.hint = hint
    self.fields = fields
    self.focus = focus
  }

  /// What a field holds.
  package subscript(name: String) -> String {
    switch fields.first(where: { $0.name == name })?.value {
    case .text(let editor): editor.text
    case .choice(let words, let index): words[index]
    case nil: ""
    }
  }

  /// Whether the field under the cursor is text.
  package var takesText: Bool {
    if case .text = fields[focus].value { true } else { false }
  }

  /// Bytes that fit into the field under the cursor; 0 for a choice.
  var limit: Int {
    if case .text(let editor) = fields[focus].value { editor.limit } else { 0 }
  }

  /// Puts text into the field under the cursor; returns its limit when not all of it fits.
  mutating func insert(_ text: [Character]) -> Int? {
    guard case .text(var editor) = fields[focus].value else { return nil }
    fields[focus].value = .choice([], 0)
    let fits = editor.insert(text)
    fields[focus].value = .text(editor)
    return fits ? nil : editor.limit
  }

  /// Takes a key; false when it means nothing to a form.
  mutating func take(_ key: Key) -> Bool {
    switch key {
    case .tab, .down:
      focus = (focus + 1) % fields.count
      return true
    case .backTab, .up:
      focus = (focus + fields.count - 1) % fields.count
      return true
    default: break
    }
    switch fields[focus].value {
    case .text(var editor):
      guard editor.take(key) else { return false }
      fields[focus].value = .text(editor)
    case .choice(let words, let index):
      switch key {
      case .right, .character(" "):
        fields[focus].value = .choice(words, (index + 1) % words.count)
      case .left: fields[focus].value = .choice(words, (index + words.count - 1) % words.count)
      default: return false
      }
    }
    return true
  }
}

extension Form.Field {
  static func text(
    _ name: String, _ label: String, _ text: String = "", limit: Int = LineEditor.usualLimit
  ) -> Form.Field {
    Form.Field(name: name, label: label, value: .text(LineEditor(text, limit: limit)))
  }

  static func choice(_ name: String, _ label: String, _ words: [String], _ index: Int = 0)
    -> Form.Field
  {
    Form.Field(name: name, label: label, value: .choice(words, index))
  }
}
