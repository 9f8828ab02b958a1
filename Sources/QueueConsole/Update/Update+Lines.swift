import DiskQueue

/// Keys while a filter or a search is typed.
extension Model {
  mutating func pressFilter(_ key: Key, _ editor: LineEditor) -> [Effect] {
    var editor = editor
    switch key {
    case .enter: overlay = nil
    case .escape:
      setFilter("")
      overlay = nil
    default:
      if editor.take(key) {
        setFilter(editor.text)
        overlay = .filter(editor)
      }
    }
    return []
  }

  mutating func setFilter(_ text: String) {
    page.filter(by: text, in: &self)
    keepInView()
  }

  mutating func pressSearch(_ key: Key, _ editor: LineEditor) -> [Effect] {
    var editor = editor
    switch key {
    case .escape: overlay = nil
    case .enter:
      overlay = nil
      guard !editor.text.isEmpty else { return [] }
      page.look(for: editor.text, in: &self)
      return page.find(forward: true, in: &self)
    default: if editor.take(key) { overlay = .search(editor) }
    }
    return []
  }
}
