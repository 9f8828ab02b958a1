/// Text that is typed or pasted: it goes into what is being filled in, or nowhere.
extension Model {
  /// Whether characters are text right now, and not keys.
  package var takesText: Bool {
    switch overlay {
    case .filter, .search, .command: true
    case .form(let form, _), .export(let form): form.takesText
    case .confirm(let plans, _, _): !Model.wantsYes(plans)
    case .help(let state): state.isTyping
    case .menu, .unlock, .quit, .planning, .result, .event, nil: false
    }
  }

  /// Puts text where the cursor is; what there is no room for is refused in words.
  mutating func insert(_ text: [Character]) -> [Effect] {
    guard takesText, let overlay else { return [] }
    // What lies over the screen lets go of its text, so that it is changed in place.
    self.overlay = nil
    var limit: Int?
    switch overlay {
    case .filter(var editor):
      if !editor.insert(text) { limit = editor.limit }
      setFilter(editor.text)
      self.overlay = .filter(editor)
    case .search(var editor):
      if !editor.insert(text) { limit = editor.limit }
      self.overlay = .search(editor)
    case .command(var input):
      if !input.editor.insert(text) { limit = input.editor.limit }
      input.choices = []
      input.choice = nil
      self.overlay = .command(input)
    case .form(var form, let request):
      limit = form.insert(text)
      self.overlay = .form(form, request)
    case .export(var form):
      limit = form.insert(text)
      self.overlay = .export(form)
    case .confirm(let plans, let request, var editor):
      if !editor.insert(text) { limit = editor.limit }
      self.overlay = .confirm(plans, request, editor)
    case .help(var state):
      var editor = LineEditor(state.pattern)
      if !editor.insert(text) { limit = editor.limit }
      state.pattern = editor.text
      state.selected = 0
      self.overlay = .help(helpIndex(state).settled(state, layout))
    case .menu, .unlock, .quit, .planning, .result, .event: self.overlay = overlay
    }
    if let limit {
      say("only \(Numbers.grouped(Int64(limit))) bytes fit here; the rest was left out", .error)
    }
    return []
  }

  /// Takes a paste: text where text is typed, and nothing at all anywhere else.
  mutating func take(_ paste: Paste) -> [Effect] {
    guard paste.isWhole else {
      say("the paste never ended; it was left out", .warning)
      return []
    }
    guard takesText else {
      say("a paste is only taken where text is typed; nothing was done", .warning)
      return []
    }
    guard let text = Model.text(of: paste, keepsLast: keepsLastNewline) else {
      say("the paste is no UTF-8 text; nothing was taken", .error)
      return []
    }
    if paste.size > paste.bytes.count {
      let kept = Numbers.grouped(Int64(text.utf8.count))
      say("only \(kept) bytes of the paste were taken; the rest was left out", .error)
    }
    return insert(Array(text))
  }

  /// Whether a newline at the end may be meant: in a message it is, elsewhere a copied line brings it.
  private var keepsLastNewline: Bool {
    guard case .form(let form, _) = overlay else { return false }
    return form.limit == LineEditor.messageLimit
  }

  /// The text of a paste; terminals send a newline as a carriage return.
  private static func text(of paste: Paste, keepsLast: Bool) -> String? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(paste.bytes.count)
    for byte in paste.bytes {
      if byte == 10, bytes.last == 13 { bytes.removeLast() }
      bytes.append(byte)
    }
    for index in bytes.indices where bytes[index] == 13 { bytes[index] = 10 }
    if paste.size > paste.bytes.count {
      // What was cut off may have begun a character.
      var rest = bytes.count
      while rest > 0, bytes.count - rest < 3, bytes[rest - 1] & 0xC0 == 0x80 { rest -= 1 }
      if rest > 0, bytes[rest - 1] >= 0xC0 { rest -= 1 }
      bytes.removeSubrange(rest...)
    }
    if !keepsLast { while bytes.last == 10 { bytes.removeLast() } }
    return String(validating: bytes, as: UTF8.self)
  }
}
